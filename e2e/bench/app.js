// A room as the tutorials build it: ask for the devices when the form is sent, then join over a small relay;
// everybody who is there makes an offer to the newcomer. The benchmarks compare with it.
const welcome = document.getElementById("welcome");
const call = document.getElementById("call");
const myFace = document.getElementById("myFace");
const peers = document.getElementById("peers");
const cameras = document.getElementById("cameras");
const chat = document.getElementById("chat");

const connections = new Map();
let socket;
let myStream;
let nickname;

async function getMedia(deviceId) {
  const video = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "user" };
  myStream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
  myFace.srcObject = myStream;
}

async function listCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const current = myStream.getVideoTracks()[0];
  for (const device of devices.filter(({ kind }) => kind === "videoinput")) {
    const option = new Option(device.label, device.deviceId);
    option.selected = current?.label === device.label;
    cameras.append(option);
  }
}

function send(message) {
  socket.send(JSON.stringify(message));
}

function makeConnection(target) {
  const connection = new RTCPeerConnection();
  const peer = { connection, channel: null };
  connections.set(target, peer);
  connection.addEventListener("icecandidate", ({ candidate }) => send({ type: "ice", target, candidate }));
  connection.addEventListener("track", ({ streams: [stream] }) => showFace(target, stream));
  for (const track of myStream.getTracks()) connection.addTrack(track, myStream);
  return peer;
}

function showFace(target, stream) {
  let video = document.getElementById(`peer-${target}`);
  if (!video) {
    video = document.createElement("video");
    video.id = `peer-${target}`;
    video.autoplay = true;
    video.playsInline = true;
    video.width = 400;
    video.height = 300;
    peers.append(video);
  }
  if (video.srcObject !== stream) video.srcObject = stream;
}

function listen(peer, channel) {
  peer.channel = channel;
  channel.addEventListener("message", ({ data }) => showMessage(data));
}

function showMessage(text) {
  const item = document.createElement("li");
  item.textContent = text;
  chat.append(item);
}

async function handle({ data }) {
  const message = JSON.parse(data);
  const { from } = message;
  if (message.type === "join") {
    const peer = makeConnection(from);
    listen(peer, peer.connection.createDataChannel("chat"));
    const offer = await peer.connection.createOffer();
    await peer.connection.setLocalDescription(offer);
    send({ type: "offer", target: from, sdp: offer });
  } else if (message.type === "offer") {
    const peer = makeConnection(from);
    peer.connection.addEventListener("datachannel", ({ channel }) => listen(peer, channel));
    await peer.connection.setRemoteDescription(message.sdp);
    const answer = await peer.connection.createAnswer();
    await peer.connection.setLocalDescription(answer);
    send({ type: "answer", target: from, sdp: answer });
  } else if (message.type === "answer") {
    await connections.get(from)?.connection.setRemoteDescription(message.sdp);
  } else if (message.type === "ice") {
    await connections.get(from)?.connection.addIceCandidate(message.candidate);
  } else if (message.type === "leave") {
    connections.get(from)?.connection.close();
    connections.delete(from);
    document.getElementById(`peer-${from}`)?.remove();
  }
}

welcome.addEventListener("submit", async (event) => {
  event.preventDefault();
  nickname = document.getElementById("nickname").value;
  welcome.hidden = true;
  call.hidden = false;
  await getMedia();
  await listCameras();
  socket = new WebSocket(`ws://${location.host}/relay`);
  socket.addEventListener("message", handle);
  socket.addEventListener("open", () =>
    send({ type: "join", room: document.getElementById("room").value, nickname }),
  );
});

document.getElementById("mute").addEventListener("click", ({ target }) => {
  const [track] = myStream.getAudioTracks();
  track.enabled = !track.enabled;
  target.textContent = track.enabled ? "Mute" : "Unmute";
});

document.getElementById("camera").addEventListener("click", ({ target }) => {
  const [track] = myStream.getVideoTracks();
  track.enabled = !track.enabled;
  target.textContent = track.enabled ? "Turn camera off" : "Turn camera on";
});

cameras.addEventListener("change", async () => {
  for (const track of myStream.getTracks()) track.stop();
  await getMedia(cameras.value);
  const [track] = myStream.getVideoTracks();
  for (const { connection } of connections.values()) {
    await connection.getSenders().find((sender) => sender.track?.kind === "video")?.replaceTrack(track);
  }
});

document.getElementById("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = document.getElementById("message");
  const text = `${nickname} : ${input.value}`;
  for (const { channel } of connections.values()) channel?.send(text);
  showMessage(text);
  input.value = "";
});
