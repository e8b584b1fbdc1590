import type { Words } from "../en.js";

/** Notifications of this device. */
export const notifications: Words["notifications"] = {
  title: "通知",
  text: "ほかのことをしている間の、メンションとダイレクトメッセージをお知らせします。",
  enable: "通知をオンにする",
  on: "この端末で通知を表示",
  denied:
    "このブラウザーではParlorの通知が許可されていません。ブラウザーの設定で、このサイトの通知を許可してください。",
  unsupported: "このアドレスでは通知を表示できません。httpsで始まるアドレスが必要です。",
  offer: "返信があったらお知らせしますか？",
  turnOn: "オンにする",
  notNow: "後で",
  inRoom: (name, room) => `${room}の${name}さん`,
};
