/* Words that were typed but not sent yet stay on this device: through a lost connection, a reload,
   Back, a closed tab, a crash, an expired session. For forms with data-keep="a name of its own";
   data-who on this script says whose words they are, so that nobody else on a shared phone is
   offered them. Forms about bank details, passwords, codes or what somebody needs must not have it.

   forum.js throws kept words away on signing out, after seven days, and once a form got through.
   Every page works without this file. */
(function () {
  "use strict";
  var who = document.currentScript.dataset.who || "";
  if (!who) return;
  var refused = Boolean(document.querySelector(".govuk-error-summary"));

  var offered = new Map();
  function place(form) { return "keep:" + who + ":" + form.dataset.keep; }

  // What people typed or chose; never what is hidden or secret. edit_no says on what it was based.
  function fields(form) {
    return Array.from(form.elements).filter(function (box) {
      return box.name && !/^(hidden|password|file|submit|button|reset)$/.test(box.type)
        && !/one-time-code|password|cc-/.test(box.autocomplete) && box.tagName !== "FIELDSET" && box.tagName !== "BUTTON";
    });
  }
  function chooses(box) { return box.type === "radio" || box.type === "checkbox"; }
  function read(form, asLoaded) {
    var found = {};
    fields(form).forEach(function (box) {
      if (chooses(box)) {
        if (asLoaded ? box.defaultChecked : box.checked) (found[box.name] = found[box.name] || []).push(box.value);
      } else if (box.tagName === "SELECT") {
        found[box.name] = [asLoaded ? firstChoice(box) : box.value];
      } else found[box.name] = [asLoaded ? box.defaultValue : box.value];
    });
    return found;
  }
  function firstChoice(list) {
    var chosen = Array.from(list.options).find(function (option) { return option.defaultSelected; }) || list.options[0];
    return chosen ? chosen.value : "";
  }
  // The site writes lines a little differently from people; that is no difference.
  function plain(words) {
    return words.replace(/^[ \t]*(action|decision|ask)[ \t]*:[ \t]*/gim, function (all, word) { return word.toLowerCase() + ": "; })
      .replace(/\s+/g, " ").trim();
  }
  function same(a, b) {
    var names = Object.keys(Object.assign({}, a, b));
    return names.every(function (name) {
      if (Math.abs((a[name] || []).join("").length - (b[name] || []).join("").length) > 2000) return false;
      return (a[name] || []).map(plain).join("\n") === (b[name] || []).map(plain).join("\n");
    });
  }

  function put(form, more) {
    var now = read(form);
    // Browsers keep about five million letters for a site; trying with more only takes time.
    if (Object.keys(now).some(function (name) { return now[name].join("").length > 4e6; })) return false;
    if (!refused && same(now, read(form, true))) { drop(form); return true; }
    var entry = { at: Date.now(), href: location.pathname + location.search, fields: now };
    if (form.elements.edit_no) entry.edit_no = form.elements.edit_no.value;
    Object.assign(entry, more || {});
    try {
      // What is still on offer isn't overwritten by new words: it moves aside.
      if (offered.has(form)) {
        var first = offered.get(form);
        offered.delete(form);
        localStorage.setItem(place(form) + "~" + first.at, JSON.stringify(first));
      }
      localStorage.setItem(place(form), JSON.stringify(entry));
      return true;
    } catch (full) {
      return false;
    }
  }
  function drop(form) { try { localStorage.removeItem(place(form)); } catch (shut) { /* no storage */ } }
  function get(form) { return parsed(place(form)); }
  function keysOf(form) {
    try {
      return Object.keys(localStorage).filter(function (key) {
        return key === place(form) || key.indexOf(place(form) + "~") === 0;
      });
    } catch (shut) { return []; }
  }
  function parsed(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch (broken) { return null; }
  }

  function clock(at) {
    var when = new Date(at), hour = when.getHours(), minute = when.getMinutes();
    var time = (hour % 12 || 12) + (minute ? ":" + String(minute).padStart(2, "0") : "") + (hour < 12 ? "am" : "pm");
    if (when.toDateString() === new Date().toDateString()) return time;
    return time + " on " + when.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
  }

  // The offer: use them, look, throw away -------------------------------------------------------

  function make(tag, look, words) {
    var made = document.createElement(tag);
    if (look) made.className = look;
    if (words) made.textContent = words;
    return made;
  }
  function button(words, press) {
    var made = make("button", "pcf-btn pcf-btn--quiet", words);
    made.type = "button";
    made.addEventListener("click", press);
    return made;
  }
  function labelOf(form, name) {
    var box = fields(form).find(function (each) { return each.name === name; });
    if (!box) return "";
    var legend = chooses(box) && box.closest("fieldset");
    if (legend) return legend.querySelector("legend").textContent.trim();
    return box.labels && box.labels[0] ? box.labels[0].textContent.trim() : name;
  }
  function valueOf(form, name, value) {
    var box = fields(form).find(function (each) { return each.name === name && chooses(each) && each.value === value; });
    if (box && box.labels[0]) return box.labels[0].textContent.trim();
    var list = form.elements[name];
    if (list && list.tagName === "SELECT") {
      var option = Array.from(list.options).find(function (each) { return each.value === value; });
      return option ? option.textContent.trim() : value;
    }
    return value;
  }

  function use(form, entry) {
    // Somebody saved other words since: with the old number, the site shows both texts.
    var box = form.elements.edit_no;
    var text = fields(form).find(function (each) { return each.tagName === "TEXTAREA"; });
    var landed = entry.sending !== undefined && text && plain(entry.sending) === plain(text.defaultValue);
    if (box && entry.edit_no !== undefined && !landed) box.value = entry.edit_no;
    fields(form).forEach(function (each) {
      var kept = entry.fields[each.name];
      if (chooses(each)) each.checked = Boolean(kept) && kept.indexOf(each.value) >= 0;
      else if (kept) each.value = kept[0];
    });
    fields(form).forEach(function (each) { each.dispatchEvent(new Event("input", { bubbles: true })); });
    if (text) text.focus();
  }

  function offer(form, key, entry) {
    if (key === place(form)) offered.set(form, entry);
    function gone() {
      note.remove();
      offered.delete(form);
      localStorage.removeItem(key);
      localStorage.removeItem(place(form) + "~" + entry.at);
    }
    var note = make("div", "pcf-note pcf-keep");
    note.setAttribute("role", "region");
    note.setAttribute("aria-label", "Words kept on this device");
    note.appendChild(make("p", "pcf-note__h", "We kept words that weren’t saved, from " + clock(entry.at)));
    note.appendChild(make("p", "pcf-small", "They are on this device only, for seven days at most. Signing out throws them away."));
    var more = make("details"), inside = make("div", "pcf-flow");
    more.appendChild(make("summary", "", "Look at them"));
    Object.keys(entry.fields).forEach(function (name) {
      var words = entry.fields[name].map(function (value) { return valueOf(form, name, value); }).join(", ");
      if (!words.trim() || !labelOf(form, name)) return;
      inside.appendChild(make("p", "pcf-small", labelOf(form, name)));
      inside.appendChild(make("p", "pcf-keep__words", words));
    });
    more.appendChild(inside);
    var row = make("p", "pcf-row");
    row.appendChild(button("Use them", function () { gone(); use(form, entry); put(form); }));
    row.appendChild(button("Throw them away", gone));
    note.appendChild(more);
    note.appendChild(row);
    form.parentNode.insertBefore(note, form);
    // Some browsers put the same words back by themselves, a little later.
    addEventListener("pageshow", function () {
      if (form.dataset.autosave === undefined && same(entry.fields, read(form))) note.remove();
    });
  }

  // A form that isn't on the page as it opens, such as a comment's: say where the words are.
  function point(keys) {
    keys.forEach(function (key) {
      var entry = parsed(key);
      if (!entry || entry.href.split("?")[0] !== location.pathname || entry.href === location.pathname + location.search) return;
      var note = make("div", "pcf-note pcf-keep");
      note.appendChild(make("p", "pcf-note__h", "We kept words that you hadn’t sent, from " + clock(entry.at)));
      var line = make("p"), link = make("a", "pcf-tap", "Go to them");
      link.href = entry.href + (entry.hash || "");
      line.appendChild(link);
      note.appendChild(line);
      var heading = document.querySelector("main h1");
      heading.parentNode.insertBefore(note, heading);
    });
  }

  // Keeping ---------------------------------------------------------------------------------------

  var forms = Array.from(document.querySelectorAll("form[data-keep]"));
  forms.forEach(function (form) {
    var timer;
    keysOf(form).forEach(function (key) {
      var entry = parsed(key);
      if (!entry || (same(entry.fields, read(form, true)) && !refused)) localStorage.removeItem(key);
      // Two people's texts put together in one box hold the kept words already.
      else if (form.dataset.keepJoined === undefined && !same(entry.fields, read(form))) offer(form, key, entry);
    });
    var keep = function () {
      clearTimeout(timer);
      timer = 0;
      if (!put(form, { hash: location.hash })) full(form);
      else if (form.dataset.autosave === undefined) tell(form);
    };
    form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(keep, 300); });
    form.addEventListener("change", function () { clearTimeout(timer); timer = setTimeout(keep, 300); });
    form.addEventListener("reset", function () { drop(form); });
    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) return;
      put(form, { hash: location.hash });
      if (!navigator.onLine) {
        event.preventDefault();
        say(form, "There’s no connection. Your words are kept on this device. Press the button again when you’re back online.");
        return;
      }
      try {
        sessionStorage.setItem("keep-sent", JSON.stringify({ key: place(form), at: Date.now() }));
      } catch (shut) { /* it is only offered once more */ }
    });
    addEventListener("pagehide", function () { if (timer && !form.dataset.sent) keep(); });
    document.addEventListener("visibilitychange", function () { if (document.hidden && timer) keep(); });
  });
  try {
    var mine = [].concat.apply([], forms.map(keysOf));
    point(Object.keys(localStorage).filter(function (key) {
      return key.indexOf("keep:" + who + ":") === 0 && mine.indexOf(key) < 0;
    }));
  } catch (shut) { /* no storage, nothing kept */ }

  function line(form) {
    var found = form.querySelector(".pcf-kept");
    if (!found) {
      found = make("p", "pcf-kept pcf-small pcf-soft");
      found.setAttribute("role", "status");
      form.appendChild(found);
    }
    return found;
  }
  function say(form, words) { line(form).textContent = words; }
  function tell(form) {
    var words = "Not sent yet. Until then your words are kept on this device, for seven days at most, or until you sign out.";
    if (get(form) && line(form).textContent !== words) say(form, words);
  }
  function full(form) { say(form, "This device has no room to keep your words. Don’t close this page before they’re sent."); }

  window.kept = { put: put, drop: drop, get: get, plain: plain, who: who, clock: clock };
})();
