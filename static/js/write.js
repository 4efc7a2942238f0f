/* Minutes save themselves while somebody types; the button works the same without this file.
   Two people in one box: the second is shown both texts, and nothing is overwritten unless they
   say so. What can't be saved stays on this device (keep.js) and is tried again. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-autosave]"), kept = window.kept;
  if (!form || !kept) return;
  var box = form.elements.text, number = form.elements.edit_no, most = Number(form.dataset.most);
  var state = document.getElementById("state"), aloud = document.getElementById("state-said");
  var clashBox = document.getElementById("clash-box"), others = document.getElementById("others");
  var PAUSE = 2000, LONG_PAUSE = 15000, ASK = 20000, IDLE = 5 * 60000;

  // A browser that puts old words back doesn't put back what they were based on. keep.js offers them.
  function afresh() { box.value = box.defaultValue; number.value = number.defaultValue; }
  box.autocomplete = number.autocomplete = "off";
  afresh();
  var base = box.value, busy = null, clash = null, waits = 0, timer, typedAt = 0, touched = false, stopped = false;

  function isNew() { return box.value.length > most || kept.plain(box.value) !== kept.plain(base); }

  // What the line next to the box says. Read aloud only when things change, not at each saving.
  function say(words, look, link) {
    state.textContent = words;
    state.className = "min-state" + (look ? " min-state--" + look : "");
    if (link) {
      var made = document.createElement("a");
      made.href = link.href;
      made.textContent = link.words;
      state.append(" ", made);
    }
    form.toggleAttribute("data-failing", look === "no");
    if (say.look !== look) aloud.textContent = words + (link ? " " + link.words : "");
    say.look = look;
  }
  function keepHere() {
    return kept.put(form) ? "Your words are kept on this device." : "This device has no room to keep your words: copy them before you close this page.";
  }

  // Saving -----------------------------------------------------------------------------------------

  function ask(options) {
    var stop = new AbortController(), limit = setTimeout(function () { stop.abort(); }, 15000);
    options.headers = { Accept: "application/json" };
    options.credentials = "same-origin";
    options.redirect = "manual";
    options.signal = stop.signal;
    return fetch(location.pathname + location.search, options).then(function (answer) {
      var type = answer.headers.get("Content-Type") || "";
      return (type.indexOf("application/json") === 0 ? answer.json() : Promise.resolve({})).then(function (told) {
        return { status: answer.type === "opaqueredirect" ? 401 : answer.status, told: told };
      });
    }).finally(function () { clearTimeout(limit); });
  }

  function send() {
    clearTimeout(timer);
    if (busy) return busy;
    var words = box.value, data = new URLSearchParams();
    if (words.length > most) {
      say("Not saved: that’s " + words.length.toLocaleString("en-GB") + " characters, and one item takes "
        + most.toLocaleString("en-GB") + ". " + keepHere() + " Take some of it out, or put it under another item.", "no");
      return Promise.resolve(null);
    }
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.set("edit_no", number.value);
    data.set("text", words);
    kept.put(form, { sending: words });
    // A page that is left goes on sending, up to the size that browsers allow for it.
    busy = ask({ method: "POST", body: data, keepalive: data.toString().length < 60000 })
      .then(function (got) { busy = null; return took(got, words); }, function () { busy = null; lost(); });
    return busy;
  }

  function took(got, words) {
    var told = got.told;
    if (got.status === 200) return saved(told, words);
    if (got.status === 409) { showClash(told); return got; }
    if (got.status === 403 && told.reason === "token") return renew();
    if (got.status === 401) {
      say("You were signed out. " + keepHere(), "no", { words: "Sign in again", href: told.sign_in || location.href });
    } else if (got.status === 413 || got.status === 400) {
      say("Not saved: that’s more than can be sent at once. " + keepHere() + " Make it shorter.", "no");
    } else if (got.status === 422) {
      say("Not saved: " + told.said + ". " + keepHere(), "no");
    } else if (got.status === 403 || got.status === 404) {
      stopped = true;
      say("Not saved: you can’t write these minutes any more. " + keepHere(), "no");
    } else {
      say("Not saved: the site had a fault. " + keepHere() + " We’ll try again.", "no");
      again();
    }
    return got;
  }

  function saved(told, words) {
    base = words;
    waits = 0;
    number.value = told.edit_no;
    if (clash) closeClash();
    say(told.said, "yes");
    if (told.warning) { aloud.textContent = told.warning; state.textContent = told.warning; }
    var readBack = document.getElementById("read-back");
    if (readBack && told.understood !== undefined) readBack.innerHTML = told.understood;
    if (isNew()) { kept.put(form); later(); } else { kept.drop(form); delete form.dataset.changed; }
  }

  function lost() {
    say("Not saved: no connection. " + keepHere(), "no");
    again();
  }
  function again() {
    waits = Math.min(waits + 1, 6);
    clearTimeout(timer);
    timer = setTimeout(tryNow, waits * 5000);
  }
  function tryNow() { if (isNew() && !clash && !stopped) return send(); }

  // The page is older than the last signing in: ask for a token, if it is the same person still.
  function renew() {
    return ask({ method: "GET" }).then(function (got) {
      if (got.status === 200 && got.told.who === kept.who && !renew.tried) {
        renew.tried = true;
        form.elements.csrfmiddlewaretoken.value = got.told.token;
        return send().then(function () { renew.tried = false; });
      }
      if (got.status === 200 && got.told.who !== kept.who) {
        stopped = true;
        say("Not saved: somebody else is signed in on this device now. " + keepHere(), "no");
      } else {
        say("You were signed out. " + keepHere(), "no", { words: "Sign in again", href: got.told.sign_in || location.href });
      }
    }, lost);
  }

  function later() {
    clearTimeout(timer);
    // A whole paragraph that vanished may be on its way to another place.
    var cut = box.value.length < base.length * 0.7 || box.value.split(/\n\s*\n/).length < base.split(/\n\s*\n/).length;
    timer = setTimeout(tryNow, cut ? LONG_PAUSE : PAUSE);
  }

  box.addEventListener("input", function () {
    touched = true;
    typedAt = Date.now();
    if (clash || stopped) return;
    if (box.value.length > most) { send(); return; }
    if (say.look !== "no") say("Not saved yet", "");
    later();
  });
  box.addEventListener("blur", function () { if (say.look !== "no") tryNow(); });
  document.addEventListener("visibilitychange", function () { if (document.hidden) tryNow(); else look(); });
  addEventListener("pagehide", function () { if (!form.dataset.sent) tryNow(); });
  addEventListener("online", tryNow);
  addEventListener("pageshow", function (event) {
    if (event.persisted) tryNow();
    else if (!touched && box.value !== base) afresh(); // put back after this script began
  });
  addEventListener("focus", function () { if (form.hasAttribute("data-failing")) tryNow(); });

  // The button: what is on its way goes first, or our own saving would be somebody else's edit.
  form.addEventListener("submit", function (event) {
    clearTimeout(timer);
    if (box.value.length > most) { event.preventDefault(); event.stopImmediatePropagation(); send(); return; }
    if (!busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    var pressed = event.submitter;
    busy.then(function () { if (!clash) form.requestSubmit(pressed); });
  }, true);

  // Two people in one box ---------------------------------------------------------------------------

  function showClash(told) {
    clash = told;
    kept.put(form);
    clashBox.innerHTML = told.clash;
    say(told.said, "no");
    clashBox.querySelectorAll("[data-clash]").forEach(function (button) {
      button.addEventListener("click", function () { choose(button.dataset.clash); });
    });
  }
  function closeClash() { clash = null; clashBox.textContent = ""; }

  function choose(what) {
    if (busy) return busy.then(function () { choose(what); });
    // Asked again, so that it is about the words as they are now, theirs and mine.
    send().then(function (got) {
      if (!got || got.status !== 409) return; // said already; or theirs and mine are the same now
      var now = got.told, mine = box.value;
      closeClash();
      number.value = now.edit_no;
      if (what === "join") {
        setWords(now.joined);
        base = now.theirs;
        say("Both texts are in the box. Take out what is there twice; it saves itself when you go on.", "");
        kept.put(form);
        form.dataset.changed = "1";
      } else if (what === "theirs") {
        setWords(now.theirs);
        base = now.theirs;
        kept.drop(form);
        delete form.dataset.changed;
        say("This is what is saved. Your own words are below the box, for copying.", "yes");
        other("What you had written", mine);
      } else {
        other("What was saved before", now.theirs);
        base = now.theirs;
        send();
      }
      box.focus();
    });
  }
  function setWords(words) {
    box.value = words;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function other(title, words) {
    var more = document.createElement("details"), head = document.createElement("summary"), text = document.createElement("div");
    more.className = "min-more";
    more.open = true;
    head.textContent = title + ", for copying";
    text.className = "min-quote";
    text.textContent = words || "(nothing)";
    more.append(head, text);
    clashBox.append(more);
  }

  // Who else writes here, and their words where mine are saved ---------------------------------------

  function look() {
    clearTimeout(look.timer);
    if (document.hidden || stopped) return;
    look.timer = setTimeout(look, ASK);
    if (busy || clash || !navigator.onLine || Date.now() - typedAt > IDLE) return;
    ask({ method: "GET" }).then(function (got) {
      if (got.status !== 200 || busy || clash) return;
      others.textContent = got.told.others;
      others.hidden = !got.told.others;
      if (String(got.told.edit_no) === number.value || isNew()) return;
      if (kept.plain(got.told.text) !== kept.plain(box.value)) {
        var at = box.selectionStart, here = document.activeElement === box;
        // Typing goes on in the same place where what stands before it is the same.
        var unmoved = got.told.text.slice(0, at) === box.value.slice(0, at);
        if (here && !unmoved) return;
        setWords(got.told.text);
        if (here) box.setSelectionRange(at, at);
        say("Somebody else changed this text. You see their words now.", "yes");
        aloud.textContent = state.textContent;
      }
      base = box.value;
      number.value = got.told.edit_no;
    }, function () { /* said when there is something to save */ });
  }
  typedAt = Date.now();
  look.timer = setTimeout(look, ASK);

  // "Action", "Decision", "Ask" at the beginning of a new line ------------------------------------

  var tools = form.querySelector(".min-tools");
  tools.hidden = false;
  tools.addEventListener("mousedown", function (event) { event.preventDefault(); });
  tools.addEventListener("click", function (event) {
    var word = event.target.dataset.insert;
    if (!word) return;
    var end = box.value.indexOf("\n", box.selectionEnd);
    if (end < 0) end = box.value.length;
    var before = box.value.slice(0, end), words = (before && !/\n\s*$/.test(before) ? "\n\n" : "") + word + ": ";
    box.focus();
    box.setSelectionRange(end, end);
    if (!document.execCommand("insertText", false, words)) {
      box.setRangeText(words, end, end, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  // On a phone the box gets the screen, when somebody begins to write.
  box.addEventListener("focus", function () {
    if (innerWidth < 768 && !form.dataset.caret) form.scrollIntoView({ block: "start" });
  }, { once: true });

  // Opened for one paragraph: the cursor stands there.
  if (form.dataset.caret) {
    var place = form.dataset.caret.split(",").map(Number);
    box.focus({ preventScroll: true });
    box.setSelectionRange(place[0], place[1]);
    box.scrollTop = box.scrollHeight * place[0] / Math.max(box.value.length, 1) - box.clientHeight / 3;
    box.scrollIntoView({ block: "center" });
  }
})();
