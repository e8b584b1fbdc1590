// Runs in the page that is measured, before its own scripts: says "type" once the last line of the room is painted and
// the composer has the focus, and the figures once the letter typed then is painted too. It sleeps until the page
// changes, and looks once a frame: next to nothing of the page's time.
((last) => {
  let stage = "opening";
  let isAsked = false;
  const afterPaint = (run) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = run;
    port2.postMessage(null);
  };
  const isLineShown = () => {
    const line = document.querySelector(`[role=log] [data-seq="${last}"]`);
    if (!line?.textContent.includes(`Line ${last}`)) return false;
    const { height, bottom } = line.getBoundingClientRect();
    return height > 0 && bottom <= innerHeight && getComputedStyle(line).visibility === "visible";
  };
  const look = () => {
    isAsked = false;
    const field = document.activeElement;
    if (!(field instanceof HTMLTextAreaElement)) return;
    if (stage === "opening" && isLineShown()) {
      stage = "shown";
      afterPaint(() => {
        marks.historyMs = performance.now();
        openingSays("type");
      });
    } else if (stage === "typed" && field.value === "x") {
      // A field that React holds would be empty again by now if its state had not taken the letter.
      stage = "done";
      changes.disconnect();
      afterPaint(() => {
        const files = performance.getEntriesByType("resource");
        openingSays(
          JSON.stringify({
            ...marks,
            interactiveMs: performance.now(),
            transferred: files.reduce((sum, { transferSize }) => sum + transferSize, 0),
            scripts: files.map(({ name }) => name).filter((name) => name.endsWith(".js")),
          }),
        );
      });
    }
  };
  const ask = () => {
    if (isAsked || stage === "done") return;
    isAsked = true;
    requestAnimationFrame(look);
  };
  const marks = {};
  const changes = new MutationObserver(ask);
  const attributeFilter = ["style", "class"];
  changes.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter });
  addEventListener("focusin", ask);
  addEventListener("input", () => {
    stage = "typed";
    ask();
  });
})(LAST_LINE);
