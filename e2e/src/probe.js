// Runs in each document before its own scripts and records what the page does with WebRTC, so that a test can
// count it. It changes nothing of what the page gets to see.
(() => {
  const links = [];
  const captured = [];
  const replaced = [];
  let gate = null;

  const NativeConnection = window.RTCPeerConnection;
  class Connection extends NativeConnection {
    constructor(...given) {
      super(...given);
      const link = {
        connection: this,
        needed: 0,
        candidates: 0,
        local: [],
        remote: [],
        made: [],
        got: [],
      };
      links.push(link);
      this.addEventListener("negotiationneeded", () => (link.needed += 1));
      this.addEventListener("icecandidate", (event) => event.candidate && (link.candidates += 1));
      this.addEventListener("datachannel", (event) => link.got.push(event.channel.label));
    }
    createDataChannel(label, ...more) {
      const link = recordOf(this);
      link.made.push({ label, beforeOffer: link.local.length === 0 });
      return super.createDataChannel(label, ...more);
    }
    async setLocalDescription(...given) {
      await super.setLocalDescription(...given);
      recordOf(this).local.push(given[0]?.type ?? this.localDescription?.type);
    }
    async setRemoteDescription(...given) {
      await super.setRemoteDescription(...given);
      recordOf(this).remote.push(given[0]?.type);
    }
  }
  window.RTCPeerConnection = Connection;

  function recordOf(connection) {
    return links.find((link) => link.connection === connection);
  }

  const replaceTrack = RTCRtpSender.prototype.replaceTrack;
  RTCRtpSender.prototype.replaceTrack = function (track) {
    replaced.push(track ? `${track.kind} ${track.label}` : "nothing");
    return replaceTrack.call(this, track);
  };

  if (window.MediaDevices) {
    const getUserMedia = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (constraints) {
      if (gate) await gate.opened;
      const stream = await getUserMedia.call(this, constraints);
      captured.push(...stream.getTracks());
      return stream;
    };
    const clone = MediaStreamTrack.prototype.clone;
    MediaStreamTrack.prototype.clone = function () {
      const copy = clone.call(this);
      captured.push(copy);
      return copy;
    };
  }

  const canvas = new OffscreenCanvas(16, 12);
  const pen = canvas.getContext("2d", { willReadFrequently: true });

  // The average colour and a checksum of the picture that a video shows now.
  function picture(video) {
    if (!video || !video.videoWidth) return { colour: [0, 0, 0], checksum: 0 };
    pen.drawImage(video, 0, 0, 16, 12);
    const { data } = pen.getImageData(0, 0, 16, 12);
    const sum = [0, 0, 0];
    let checksum = 0;
    for (let at = 0; at < data.length; at += 1) {
      if (at % 4 === 3) continue;
      sum[at % 4] += data[at];
      checksum = (checksum * 31 + data[at]) % 4294967291;
    }
    return { colour: sum.map((part) => Math.round((part * 4) / data.length)), checksum };
  }

  const presented = new WeakMap();

  // How many frames a video has shown, from the first question on, where the browser does not count those of calls.
  function counted(video) {
    if (!presented.has(video)) {
      const count = (_, { presentedFrames }) => {
        presented.set(video, presentedFrames);
        video.requestVideoFrameCallback(count);
      };
      presented.set(video, 0);
      video.requestVideoFrameCallback(count);
    }
    return presented.get(video);
  }

  function framesOf(video) {
    return video.getVideoPlaybackQuality().totalVideoFrames || counted(video);
  }

  // The connection that feeds a figure: the one that received a track of its video or audio element.
  function linkOf(figure) {
    const tracks = [...figure.querySelectorAll("video, audio")].flatMap((element) =>
      (element.srcObject?.getTracks() ?? []).map((track) => track.id),
    );
    const live = links.filter((link) => link.connection.connectionState !== "closed");
    const fed = live.find((link) =>
      link.connection.getReceivers().some((receiver) => tracks.includes(receiver.track.id)),
    );
    return fed ?? (live.length === 1 ? live[0] : undefined);
  }

  async function see(figure) {
    const video = figure.querySelector("video");
    const link = linkOf(figure);
    const seen = {
      peer: figure.dataset.peer ?? "",
      state: figure.dataset.state ?? "",
      camera: figure.dataset.camera ?? null,
      microphone: figure.dataset.microphone ?? null,
      own: "self" in figure.dataset,
      link: link ? links.indexOf(link) : null,
      frames: video ? framesOf(video) : 0,
      width: video?.videoWidth ?? 0,
      height: video?.videoHeight ?? 0,
      paused: video?.paused ?? true,
      muted: video?.muted ?? false,
      inline: video?.playsInline ?? false,
      mirrored: video ? new DOMMatrix(getComputedStyle(video).transform).a < 0 : false,
      energy: 0,
      heard: 0,
      ...picture(video),
    };
    if (link && !seen.own) {
      for (const entry of (await link.connection.getStats()).values()) {
        if (entry.type !== "inbound-rtp" || entry.kind !== "audio") continue;
        seen.energy += entry.totalAudioEnergy ?? 0;
        seen.heard += entry.totalSamplesDuration ?? 0;
      }
    }
    return seen;
  }

  let ears;
  const listening = new Map();

  // The loudest frequency of a figure's sound in Hz, 0 for silence.
  async function pitch(figure) {
    ears ??= new AudioContext();
    const tracks = [...figure.querySelectorAll("video, audio")].flatMap((element) =>
      element.srcObject?.getAudioTracks() ?? [],
    );
    let loudest = { level: -70, frequency: 0 };
    for (const track of tracks) {
      if (!listening.has(track.id)) {
        const analyser = new AnalyserNode(ears, { fftSize: 8192, smoothingTimeConstant: 0 });
        const source = ears.createMediaStreamSource(new MediaStream([track]));
        source.connect(analyser);
        listening.set(track.id, { analyser, source });
      }
      const { analyser } = listening.get(track.id);
      const levels = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(levels);
      levels.forEach((level, bin) => {
        const frequency = (bin * ears.sampleRate) / analyser.fftSize;
        if (frequency > 100 && level > loudest.level) loudest = { level, frequency };
      });
    }
    return loudest.frequency;
  }

  async function linksSeen() {
    return links.map((link) => ({
      state: link.connection.connectionState,
      signaling: link.connection.signalingState,
      needed: link.needed,
      candidates: link.candidates,
      local: link.local,
      remote: link.remote,
      made: link.made,
      got: link.got,
      sending: link.connection
        .getSenders()
        .filter((sender) => sender.track)
        .map((sender) => `${sender.track.kind} ${sender.track.label}`),
    }));
  }

  // The kinds of ways to the others that this page was ever told of, or met.
  async function remoteKinds() {
    const kinds = new Set();
    for (const { connection } of links) {
      const stats = await connection.getStats();
      stats.forEach((report) => report.type === "remote-candidate" && kinds.add(report.candidateType));
    }
    return [...kinds];
  }

  window.__e2e = {
    see,
    remoteKinds,
    picture,
    pitch,
    linksSeen,
    captured,
    replaced,
    // Keeps every later question to the devices unanswered until `open` is called.
    hold() {
      gate = {};
      gate.opened = new Promise((open) => (gate.open = open));
    },
    open() {
      gate?.open();
      gate = null;
    },
  };
})();
