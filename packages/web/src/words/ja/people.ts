import type { Words } from "../en.js";

/** Profile cards and statuses. */
export const people: Words["people"] = {
  openProfile: (name) => `${name}さんのプロフィールを表示`,
  card: "プロフィール",
  here: "オンライン",
  lastSeen: (when) => `最終ログイン: ${when}`,
  justNow: "たった今",
  since: (date) => `${date}から参加`,
  message: "メッセージを送る",
  edit: "プロフィールを編集",
  loadFailed: "プロフィールを読み込めませんでした。",
  statusUntil: (time) => `${time}まで`,
};
