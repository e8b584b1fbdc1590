import { describe, expect, it } from "vitest";
import { splitLinks } from "./links.js";

const links = (text: string) =>
  splitLinks(text)
    .filter((part) => part.href)
    .map((part) => part.text);

describe("links in messages", () => {
  it("finds addresses and leaves the sentence's marks outside", () => {
    expect(links("See https://a.example/x, and (http://b.example/y).")).toEqual([
      "https://a.example/x",
      "http://b.example/y",
    ]);
  });

  it("keeps brackets that belong to the address", () => {
    expect(links("https://en.wikipedia.org/wiki/Parlour_(room)")).toEqual([
      "https://en.wikipedia.org/wiki/Parlour_(room)",
    ]);
  });

  it("links nothing but http and https", () => {
    expect(links("javascript:alert(1) data:text/html,x ftp://a.example file:///etc/passwd")).toEqual([]);
    expect(links("javascript:https://a.example")).toEqual(["https://a.example"]);
  });

  it("loses no text", () => {
    const text = `a https://x.example/${"(".repeat(5_000)} b <b>https://y.example</b> http:// c`;
    expect(
      splitLinks(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });
});
