/** The wire of the first front ends, in a page: one socket without a cursor, the viewer makes the offer. */
export interface SeedTab {
  /** Pictures of the broadcast that is watched. */
  frames(): Promise<number>;
}

interface Frame {
  readonly type: string;
  readonly user_id?: string;
  readonly from_user_id?: string;
  readonly broadcasters?: { readonly user_id: string }[];
  readonly signal?: {
    readonly type: string;
    readonly sdp?: RTCSessionDescriptionInit;
    readonly candidate?: RTCIceCandidateInit;
  };
}

/** Comes into a room as the first front ends do: broadcasts a stream, or (`null`) watches whoever broadcasts. */
export async function openSeedTab(
  roomId: string,
  userId: string,
  username: string,
  stream: MediaStream | null,
): Promise<SeedTab> {
  const socket = new WebSocket(
    `${location.origin.replace("http", "ws")}/ws/${roomId}/${userId}?username=${encodeURIComponent(username)}`,
  );
  const peers = new Map<string, RTCPeerConnection>();
  const send = (frame: object) => socket.send(JSON.stringify(frame));

  function peerTo(target: string): RTCPeerConnection {
    const peer = new RTCPeerConnection();
    peers.set(target, peer);
    const to = { type: "webrtc-signal", room_id: roomId, target_user_id: target, from_user_id: userId };
    peer.onicecandidate = ({ candidate }) => {
      if (candidate) send({ ...to, signal: { type: "ice-candidate", candidate } });
    };
    peer.ontrack = ({ streams: [first], track }) => {
      if (track.kind !== "video") return;
      const video = Object.assign(document.createElement("video"), { autoplay: true, muted: true });
      video.srcObject = first ?? new MediaStream([track]);
      document.body.append(video);
    };
    return peer;
  }

  async function watch(target: string): Promise<void> {
    const peer = peerTo(target);
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.addTransceiver("audio", { direction: "recvonly" });
    const offer = await peer.createOffer();
    await peer.setLocalDescription(offer);
    const signal = { type: "offer", sdp: { type: offer.type, sdp: offer.sdp } };
    send({ type: "webrtc-signal", room_id: roomId, target_user_id: target, from_user_id: userId, signal });
  }

  async function take(from: string, { type, sdp, candidate }: NonNullable<Frame["signal"]>): Promise<void> {
    if (type === "offer" && sdp && stream) {
      const peer = peerTo(from);
      for (const track of stream.getTracks()) peer.addTrack(track, stream);
      await peer.setRemoteDescription(sdp);
      const answer = await peer.createAnswer();
      await peer.setLocalDescription(answer);
      const signal = { type: "answer", sdp: { type: answer.type, sdp: answer.sdp } };
      send({ type: "webrtc-signal", room_id: roomId, target_user_id: from, from_user_id: userId, signal });
    } else if (type === "answer" && sdp) await peers.get(from)?.setRemoteDescription(sdp);
    else if (candidate) await peers.get(from)?.addIceCandidate(candidate);
  }

  let work = Promise.resolve();
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.type === "broadcast-started" && frame.user_id && !stream) void watch(frame.user_id);
    for (const { user_id } of frame.broadcasters ?? []) if (!stream) void watch(user_id);
    const { from_user_id: from, signal } = frame;
    if (frame.type === "webrtc-signal" && from && signal)
      work = work.then(() => take(from, signal)).catch(() => {});
  };
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  if (stream) send({ type: "broadcast-started", room_id: roomId, user_id: userId, username });
  return {
    async frames() {
      let frames = 0;
      for (const peer of peers.values())
        (await peer.getStats()).forEach((entry: Record<string, unknown>) => {
          if (entry.type === "inbound-rtp" && entry.kind === "video")
            frames += Number(entry.framesDecoded ?? 0);
        });
      return frames;
    },
  };
}
