// Asks the program that serves this page whether more is finished, and loads the page again when it is.
"use strict";
(() => {
  const shown = document.documentElement.dataset.version;
  const line = document.getElementById("watch");
  const ask = async () => {
    try {
      const answer = await fetch("state", { cache: "no-store" });
      const { version } = await answer.json();
      if (version !== shown) {
        location.reload();
        return;
      }
      line.textContent = "Live: this page follows the run.";
    } catch {
      line.textContent = "The program that served this page has ended; what you see is the last state.";
    }
    setTimeout(ask, 2000);
  };
  ask();
})();
