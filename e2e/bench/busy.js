// Runs in each document before its own scripts and counts what its main thread is busy with.
(() => {
  const busy = { longs: [], mutations: 0, presses: [] };
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) busy.longs.push(task.duration);
  }).observe({ type: "longtask" });
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => (busy.mutations += changes.length)).observe(document, {
      attributes: true,
      characterData: true,
      childList: true,
      subtree: true,
    });
  });

  // From the moment in which the system took the press to the changed button, and to the frame that shows it.
  window.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.("button");
      if (!button) return;
      const watcher = new MutationObserver(() => {
        watcher.disconnect();
        const changed = performance.now() - event.timeStamp;
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => busy.presses.push([changed, performance.now() - event.timeStamp]);
          channel.port2.postMessage(null);
        });
      });
      watcher.observe(button, { attributes: true });
    },
    { capture: true },
  );

  const place = (name) => {
    const box = document.querySelector(`button[aria-label="${name}"]`)?.getBoundingClientRect();
    return box ? [box.x + box.width / 2, box.y + box.height / 2] : null;
  };
  window.__busy = {
    place,
    take() {
      const taken = { longs: busy.longs.splice(0), mutations: busy.mutations, presses: busy.presses.splice(0) };
      busy.mutations = 0;
      return taken;
    },
    connected: () => document.querySelectorAll('figure[data-state="connected"]').length,
    speaking: () => document.querySelectorAll("figure[data-speaking]").length,
  };
})();
