/* Who is there: the parents' share while ticking. The page works without it. */
(function () {
  "use strict";
  var form = document.getElementById("there"), words = document.getElementById("share-words");
  if (!form || !words) return;
  var box = document.getElementById("share-box"), low = document.getElementById("share-low");
  var wanted = Number(box.dataset.wanted);
  form.addEventListener("change", function () {
    var parents = 0, total = 0;
    form.querySelectorAll("fieldset").forEach(function (person) {
      var ticked = person.querySelector("input[type=radio]:checked");
      if (!ticked || !ticked.value) return;
      total += 1;
      if (person.dataset.parent) parents += 1;
    });
    var isLow = total > 0 && 100 * parents < wanted * total;
    words.textContent = total
      ? "Parents " + parents + " of " + total + " (" + Math.round((100 * parents) / total) + "%), not saved yet"
      : "Nobody is ticked yet";
    low.hidden = !isLow;
    box.classList.toggle("mtg-share--low", isLow);
  });
})();
