// Asks whether there is a newer version, and shows it. A form that was sent is asked for anew,
// not sent again; what was typed there the server still has.
"use strict";
const shown = document.documentElement.dataset.version;
setInterval(async () => {
  try {
    const answer = await fetch("/version", { cache: "no-store" });
    if (answer.ok && (await answer.text()) !== shown) {
      location.replace(location.href.split("#")[0]);
    }
  } catch {
    // The preview has ended; the page stays readable.
  }
}, 1000);
