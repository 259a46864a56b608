/* The hub's pages: progress of a start, and the stop button. Everything else works without it.
 * Plain script for Chromium 86; reads what to do from data attributes. */
(function () {
  "use strict";

  var pending = document.querySelector("[data-progress-url]");
  if (pending) {
    var source = new EventSource(pending.dataset.progressUrl);
    var words = JSON.parse(pending.dataset.words);
    var bar = document.getElementById("progress-bar");
    source.onmessage = function (message) {
      var event = JSON.parse(message.data);
      if (event.ready || event.failed) {
        source.close();
        // The hub answers with the server, or with the page that says why there is none.
        window.location.reload();
        return;
      }
      if (event.progress !== undefined) {
        bar.style.width = event.progress + "%";
        bar.parentElement.setAttribute("aria-valuenow", String(event.progress));
      }
      if (words[event.message]) {
        document.getElementById("progress-message").textContent = words[event.message];
      }
    };
    source.onerror = function () {
      source.close();
      setTimeout(function () { window.location.reload(); }, 2000);
    };
  }

  var stop = document.querySelector("[data-stop-url]");
  if (stop) {
    stop.hidden = false;
    stop.addEventListener("click", function () {
      stop.disabled = true;
      fetch(stop.dataset.stopUrl, {
        method: "DELETE",
        credentials: "same-origin",
        headers: { "X-XSRFToken": stop.dataset.xsrf },
      }).then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        setTimeout(function () { window.location.reload(); }, answer.status === 202 ? 2000 : 0);
      }).catch(function () {
        stop.disabled = false;
        document.getElementById("stop-failed").textContent = stop.dataset.failed;
      });
    });
  }
})();
