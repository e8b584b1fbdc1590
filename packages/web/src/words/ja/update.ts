import type { Words } from "../en.js";

/** A new version of the client, and a part of it that did not load. */
export const update: Words["update"] = {
  ready: "新しいバージョンがあります。",
  take: "再読み込み",
  brokenTitle: "このページを表示できません",
  brokenText: "一部を読み込めませんでした。下書きと未送信のメッセージは残っています。",
};
