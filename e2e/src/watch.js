// Runs in each document before its own scripts and writes down what a person would notice: which tiles there are and
// when, what they say of themselves, when their pictures move, which notices stand there; and when the signaling
// socket comes and goes. Times are those of the machine's clock, in milliseconds, so that a test can tell them apart
// from what it did itself.
(() => {
  const tiles = [];
  const notices = [];
  const sockets = [];
  const connections = new Set();
  const living = new Map();

  // How many frames a video has shown.
  function shown(video) {
    return video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
  }

  function look() {
    const time = Date.now();
    const figures = new Set(document.querySelectorAll("figure[data-peer]"));
    for (const [figure, tile] of living) {
      if (figures.has(figure) && figure.dataset.peer === tile.peer) continue;
      tile.until = time;
      living.delete(figure);
    }
    for (const figure of figures) {
      let tile = living.get(figure);
      const count = shown(figure.querySelector("video"));
      if (!tile) {
        tile = {
          peer: figure.dataset.peer,
          name: "",
          own: "self" in figure.dataset,
          from: time,
          until: null,
          states: [],
          frames: [],
          count,
        };
        living.set(figure, tile);
        tiles.push(tile);
      }
      tile.name = figure.getAttribute("aria-label") ?? tile.name;
      const state = figure.dataset.state ?? "";
      if (tile.states.at(-1)?.state !== state) tile.states.push({ time, state });
      // Less than before: the video shows another stream, whose frames are counted anew.
      if (count !== tile.count && count > 0) tile.frames.push(time);
      tile.count = count;
    }
    const texts = new Map();
    for (const element of document.querySelectorAll(".notice, [role=alert]")) {
      texts.set(element.textContent.replace(/\s+/g, " ").trim(), element.matches("[role=alert]"));
    }
    for (const notice of notices) {
      if (notice.until !== null) continue;
      if (!texts.delete(notice.text)) notice.until = time;
    }
    for (const [text, alert] of texts) notices.push({ text, alert, from: time, until: null });
  }

  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...given) {
      super(...given);
      const socket = { made: Date.now(), closed: null, welcomes: [] };
      sockets.push(socket);
      this.addEventListener("close", () => (socket.closed = Date.now()));
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string" || !data.includes('"welcome"')) return;
        const { welcome } = JSON.parse(data);
        if (welcome) socket.welcomes.push({ time: Date.now(), you: welcome.you, kept: welcome.kept ?? false });
      });
    }
  };

  const setLocalDescription = RTCPeerConnection.prototype.setLocalDescription;
  RTCPeerConnection.prototype.setLocalDescription = function (...given) {
    connections.add(this);
    return setLocalDescription.apply(this, given);
  };

  // How each open connection's packets travel: the kinds of the candidates at both ends, and how the own one reaches
  // the relay if it is one.
  async function routes() {
    const found = [];
    for (const connection of connections) {
      if (connection.connectionState !== "connected") continue;
      const stats = await connection.getStats();
      for (const transport of stats.values()) {
        if (transport.type !== "transport") continue;
        const pair = stats.get(transport.selectedCandidatePairId);
        const local = stats.get(pair?.localCandidateId);
        const remote = stats.get(pair?.remoteCandidateId);
        if (local && remote) {
          found.push({
            local: local.candidateType,
            remote: remote.candidateType,
            relay: local.relayProtocol ?? null,
          });
        }
      }
    }
    return found;
  }

  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    attributeFilter: ["data-state", "data-peer", "aria-label"],
  });
  setInterval(look, 50);

  window.__watch = {
    routes,
    tell: (since) => ({
      now: Date.now(),
      tiles: tiles
        .filter((tile) => tile.until === null || tile.until >= since)
        .map((tile) => ({ ...tile, frames: tile.frames.filter((time) => time >= since) })),
      notices: notices.filter((notice) => notice.until === null || notice.until >= since),
      sockets: sockets.filter((socket) => socket.closed === null || socket.closed >= since),
    }),
  };
})();
