// Lets devices of this page be unplugged and plugged in again: they leave the list, their tracks end, and they
// cannot be opened meanwhile. Runs in each document before its own scripts.
(() => {
  const gone = new Set();
  const tracks = [];
  const list = MediaDevices.prototype.enumerateDevices;
  const open = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.enumerateDevices = async function () {
    return (await list.call(this)).filter((device) => !gone.has(device.label));
  };
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    const all = await list.call(this);
    for (const [name, kind] of Object.entries({ audio: "audioinput", video: "videoinput" })) {
      const wish = wanted[name];
      if (!wish) continue;
      const left = all.filter((device) => device.kind === kind && device.deviceId && !gone.has(device.label));
      const exact = wish.deviceId?.exact;
      if (exact && !left.some((device) => device.deviceId === exact)) {
        throw new OverconstrainedError("deviceId", "it is not there");
      }
      if (gone.size && !left.length) throw new DOMException("none is left", "NotFoundError");
      const next = left.find((device) => device.deviceId !== "default");
      if (gone.size && !exact) wanted[name] = { ...wish, deviceId: { exact: next.deviceId } };
    }
    const stream = await open.call(this, wanted);
    tracks.push(...stream.getTracks());
    return stream;
  };
  const changed = () => navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  const live = (kind) => tracks.filter((track) => track.kind === kind && track.readyState === "live");
  window.__plug = {
    out(label) {
      gone.add(label);
      for (const track of tracks.filter((track) => track.label === label && track.readyState === "live")) {
        track.stop();
        track.dispatchEvent(new Event("ended"));
      }
      changed();
    },
    in(label) {
      gone.delete(label);
      changed();
    },
    fire(kind, name) {
      for (const track of live(kind)) track.dispatchEvent(new Event(name));
    },
  };
})();
