/* A claim's pages: the sum while one types, and a photo that isn't lost with the connection.
   Every page works without this file. */
(function () {
  "use strict";

  // The sum is worked out by the site, never here; nothing is kept by asking for it.
  document.querySelectorAll("form[data-sum]").forEach(function (form) {
    var box = document.getElementById("sum"), timer, asked = 0;
    if (!box || !window.fetch) return;
    function ask() {
      var mine = ++asked;
      fetch(location.pathname + "?sum", { method: "POST", body: new FormData(form), credentials: "same-origin" })
        .then(function (answer) { return answer.ok && !answer.redirected ? answer.text() : null; })
        .then(function (html) { if (html !== null && mine === asked) box.innerHTML = html; })
        .catch(function () { /* no connection: the sum stands on the next page */ });
    }
    function later() { clearTimeout(timer); timer = setTimeout(ask, 500); }
    form.addEventListener("input", later);
    form.addEventListener("change", later);
  });

  // Words that come back into a closed part are shown.
  document.addEventListener("input", function (event) {
    var part = event.target.closest("details");
    if (part && event.target.value) part.open = true;
  });

  // A file can't be kept by the browser: so nothing is sent into a dead line.
  document.querySelectorAll("form[data-files]").forEach(function (form) {
    var line = document.createElement("p"), sure = false, pressed = null;
    line.className = "govuk-error-message";
    line.setAttribute("role", "alert");
    form.appendChild(line);
    form.addEventListener("submit", function (event) {
      var boxes = Array.from(form.querySelectorAll("input[type=file]"));
      if (sure || !boxes.some(function (box) { return box.files.length; })) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      pressed = event.submitter;
      line.textContent = "";
      var stop = window.AbortController ? new AbortController() : null;
      var timer = setTimeout(function () { if (stop) stop.abort(); }, 10000);
      fetch(location.pathname, { method: "HEAD", credentials: "same-origin", cache: "no-store", signal: stop ? stop.signal : undefined })
        .then(function () {
          clearTimeout(timer);
          sure = true;
          if (pressed) pressed.click(); else form.requestSubmit();
          sure = false;
        })
        .catch(function () {
          clearTimeout(timer);
          line.textContent = "There’s no connection. Your photo isn’t lost: stay on this page, and press the button again when you’re back online.";
        });
    }, true);
  });
})();
