/** An offer as a browser makes it that sends a voice, a camera in three sizes, a screen and its sound; nobody is behind it. */
export function sendingOffer({ lines = 4 } = {}): string {
  const mids = ["0", "1", "2", "3"].slice(0, lines);
  const audio = (mid: string) => [
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    ...common(mid),
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
  ];
  const video = (mid: string, sizes: readonly string[]) => [
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    ...common(mid),
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    ...sizes.map((size) => `a=rid:${size} send`),
    ...(sizes.length > 0 ? [`a=simulcast:send ${sizes.join(";")}`] : []),
  ];
  const sections = [audio("0"), video("1", ["l", "m", "h"]), video("2", []), audio("3")].slice(0, lines);
  return [
    "v=0",
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${mids.join(" ")}`,
    "a=msid-semantic: WMS",
    ...sections.flat(),
    "",
  ].join("\r\n");
}

function common(mid: string): string[] {
  return [
    "c=IN IP4 0.0.0.0",
    "a=rtcp:9 IN IP4 0.0.0.0",
    "a=ice-ufrag:abcd",
    "a=ice-pwd:abcdefghijklmnopqrstuvwx",
    "a=ice-options:trickle",
    `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`,
    "a=setup:actpass",
    `a=mid:${mid}`,
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=sendonly",
    "a=msid:- track",
    "a=rtcp-mux",
  ];
}
