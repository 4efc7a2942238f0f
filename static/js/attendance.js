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

  // "Tick everybody": here it only ticks, to be looked at and then saved. Without script it saves.
  var everybody = document.getElementById("everybody");
  if (everybody) everybody.addEventListener("submit", function (event) {
    event.preventDefault();
    var yes = event.submitter && event.submitter.value === "yes", any;
    form.querySelectorAll("fieldset").forEach(function (person) {
      var ticked = person.querySelector("input[type=radio]:checked"), said = person.dataset.said;
      if (ticked && ticked.value) return;
      var how = said === "room" || said === "online" ? said : yes ? "" : "room";
      any = how && person.querySelector("input[type=radio][value=" + how + "]");
      if (any) any.checked = true;
    });
    form.dispatchEvent(new Event("change"));
    form.querySelector(".mtg-save button").focus({ preventScroll: true });
  });
})();
