/* The form of a unit: keeps what is typed as a draft by itself, says so, and counts characters.
 * Everything works without it; it only saves what the button would. Plain script for Chromium 86;
 * every word comes from the page. */
(function () {
  "use strict";

  var form = document.querySelector("form[data-autosave]");
  if (!form) { return; }
  var words = JSON.parse(form.dataset.autosave);
  var status = document.getElementById("autosave");
  var EVERY_MS = 30000;
  var typed = 0;   // how often something was changed
  var kept = 0;    // up to which change it is saved
  var timer = null;
  var sending = false;
  var leaving = false;

  function say(text) {
    status.hidden = false;
    status.textContent = text;
  }

  function body() {
    // Without files: those travel once, with the button.
    var fields = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      if (typeof value === "string") { fields.append(name, value); }
    });
    fields.set("do", "autosave");
    return fields;
  }

  function save() {
    clearTimeout(timer);
    timer = null;
    if (sending || leaving || kept === typed) { return; }
    var upTo = typed;
    sending = true;
    fetch(form.action, {
      method: "POST",
      body: body(),
      credentials: "same-origin",
      keepalive: true,  // also when the page is being left
      headers: { Accept: "application/json" },
    }).then(function (answer) {
      if (!answer.ok || answer.redirected) { throw new Error(String(answer.status)); }
      return answer.json();
    }).then(function (told) {
      kept = upTo;
      say((told.wrong ? words.partly : words.saved).replace("{time}", told.saved_at));
    }).catch(function () {
      say(words.failed);
    }).then(function () {
      sending = false;
      if (kept !== typed) { later(); }
    });
  }

  function later() {
    if (timer === null) { timer = setTimeout(save, EVERY_MS); }
  }

  function count(area) {
    var place = document.getElementById(area.id + "-count");
    if (!place) { return; }
    var there = Array.from(area.value.trim()).length;
    var least = Number(place.dataset.min);
    var most = Number(place.dataset.max);
    var text = there < least ? words.short : there > most ? words.long : words.enough;
    place.hidden = false;
    place.textContent = text.replace("{n}", there).replace("{left}", least - there).replace("{over}", there - most);
  }

  form.addEventListener("input", function (event) {
    typed += 1;
    later();
    if (event.target.tagName === "TEXTAREA") { count(event.target); }
  });
  form.addEventListener("submit", function () { leaving = true; });
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") { save(); }
  });
  window.addEventListener("pagehide", save);
  window.addEventListener("beforeunload", function (event) {
    if (leaving || kept === typed) { return; }
    save();
    event.preventDefault();
    event.returnValue = "";
  });
  Array.prototype.forEach.call(form.querySelectorAll("textarea"), count);
  // On a slow line people type before this script has come.
  if (Array.prototype.some.call(form.querySelectorAll("textarea, input[type=text]"), function (field) {
    return field.value !== field.defaultValue;
  })) {
    typed = 1;
    later();
  }
})();
