/* Small conveniences. Every page works without this file. */
(function () {
  "use strict";

  // Errors first: the summary takes the focus, where the browser hasn't done so already.
  var summary = document.querySelector(".govuk-error-summary");
  if (summary) summary.focus();

  // A press sends once. Buttons go off a moment later, when the browser has already gathered what
  // it sends, so the pressed one's name and value go along. The Back button switches them on again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.getAttribute("method") !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    form.dataset.leaving = "1";
    setTimeout(function () { buttons(form, true); });
    // A slow line or a download leaves the page standing: let it be pressed again.
    setTimeout(function () { free(form); }, 15000);
  });
  function free(form) {
    delete form.dataset.sent;
    delete form.dataset.leaving;
    buttons(form, false);
  }
  function buttons(form, off) {
    form.querySelectorAll("button").forEach(function (button) { button.disabled = off; });
  }
  addEventListener("pageshow", function (event) {
    if (event.persisted) document.querySelectorAll("form").forEach(free);
  });

  // Typed words are asked about before the page goes.
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && form.dataset.typed !== undefined) form.dataset.changed = "1";
  });
  addEventListener("beforeunload", function (event) {
    // What saves itself asks only where it couldn't.
    var open = "form[data-changed]:not([data-leaving]):not([data-autosave]), form[data-failing]:not([data-leaving])";
    if (document.querySelector(open)) event.preventDefault();
  });

  // Words that keep.js keeps on this device go when they got through, on signing out, and after
  // seven days. "keep-sent" was set when a form was sent: this page is what came of it, unless it
  // says otherwise (an error, a refusal) or wasn't what was sent for (Back, a later visit).
  try {
    var sent = JSON.parse(sessionStorage.getItem("keep-sent"));
    sessionStorage.removeItem("keep-sent");
    var came = performance.getEntriesByType("navigation")[0] || {};
    var well = came.type === "navigate" && !(came.responseStatus >= 400)
      && !document.querySelector("[data-held], .govuk-error-summary, .pcf-note--late");
    if (sent && well && Date.now() - sent.at < 120000) localStorage.removeItem(sent.key);
    forget(function (entry) { return !(entry && Date.now() - entry.at < 7 * 24 * 3600000); });
    if (document.querySelector("[data-held]") && Object.keys(localStorage).some(isKept)) {
      document.querySelectorAll(".pcf-keptline").forEach(function (line) { line.hidden = false; });
    }
  } catch (shut) { /* a browser that keeps nothing */ }
  function isKept(key) { return key.indexOf("keep:") === 0; }
  function forget(isOver) {
    Object.keys(localStorage).filter(isKept).forEach(function (key) {
      var entry = null;
      try { entry = JSON.parse(localStorage.getItem(key)); } catch (broken) { /* goes */ }
      if (isOver(entry)) localStorage.removeItem(key);
    });
  }
  document.addEventListener("submit", function (event) {
    if (!/\/logout\/$/.test(event.target.getAttribute("action") || "") || event.target.id === "leave" || event.defaultPrevented) return;
    try { forget(function () { return true; }); } catch (shut) { /* nothing kept */ }
  });

  // How many characters are left; said aloud only when few are.
  document.querySelectorAll("[data-count]").forEach(function (box) {
    var line = document.getElementById(box.id + "_count"), limit = Number(box.dataset.count);
    if (!line) return;
    var show = function () {
      var left = limit - Array.from(box.value).length, many = Math.abs(left) === 1 ? " character" : " characters";
      line.textContent = left < 0 ? "You have " + -left + many + " too many" : "You have " + left + many + " left";
      line.classList.toggle("over", left < 0);
      line.setAttribute("aria-live", left < limit / 10 ? "polite" : "off");
    };
    box.addEventListener("input", show);
    show();
  });
})();
