import type { Words } from "../en.js";
import { number } from "./grammar.js";

/** The banner of the connection. */
export const connection: Words["connection"] = {
  label: "接続",
  connecting: "接続中…",
  reconnecting: "接続が切れました。再接続しています…",
  reconnectingIn: (seconds) => `接続が切れました。${number(seconds)}秒後に再試行します。`,
  polling: "このネットワークではリアルタイム更新が遮断されています。メッセージは少し遅れて届きます。",
  offline: "オフラインです。書いた内容は、オンラインに戻ると送信されます。",
  retryNow: "今すぐ再試行",
};
