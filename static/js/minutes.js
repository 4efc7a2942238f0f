/* Words that are marked when "Comment on 4.2" is pressed go along as what it is about. */
(function () {
  "use strict";
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest(".pcf-para a.pcf-tap[href*='comment=']");
    if (!link) return;
    var marked = getSelection(), words = String(marked).trim();
    if (!words || !marked.rangeCount) return;
    var paragraph = link.closest(".pcf-para");
    if (!paragraph.contains(marked.getRangeAt(0).commonAncestorContainer)) return;
    var parts = link.getAttribute("href").split("#");
    link.href = parts[0] + "&quote=" + encodeURIComponent(words.slice(0, 1000)) + "#" + parts[1];
  });
})();
