import { expect, test } from "vitest";
import { sendingOffer } from "../../../test/support/sdp.js";
import { largestFirst, mayPass, midsOf } from "./uplink.js";

test("[CALL23] an offer has the four lines that the protocol tells, or is none", () => {
  const offer = sendingOffer();
  expect(midsOf(offer)).toEqual({ voice: "0", camera: "1", screen: "2", sound: "3" });
  const more = offer + offer.slice(offer.lastIndexOf("m=audio"));
  for (const other of [sendingOffer({ lines: 3 }), more, offer.replace("m=video", "m=audio"), ""])
    expect(() => midsOf(other)).toThrow();
});

test("[CALL23] Janus is told the sizes of a picture largest first, and nothing else changes", () => {
  const offer = sendingOffer();
  const turned = largestFirst(offer);
  expect(turned).toContain("a=simulcast:send h;m;l\r\n");
  expect(turned).toContain("a=rid:h send\r\na=rid:m send\r\na=rid:l send\r\n");
  expect(turned.split("\r\n").sort().join()).toBe(
    offer.replace("send l;m;h", "send h;m;l").split("\r\n").sort().join(),
  );
});

test("[CALL24] the sound of a screen passes with the screen alone", () => {
  expect(mayPass("sound", { audio: true, video: true, screen: false })).toBe(false);
  expect(mayPass("sound", { audio: false, video: false, screen: true })).toBe(true);
  expect(mayPass("voice", { audio: false, video: true, screen: true })).toBe(false);
});
