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
    if (document.querySelector("form[data-changed]:not([data-leaving])")) event.preventDefault();
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
