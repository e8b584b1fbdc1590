import type { HostWords } from "../en/hosting.js";

/** What a room's host does: loaded with its dialogs, not with the first page. */
export const hosting: HostWords = {
  deleteRoom: "ルームを削除",
  deleteHint: "ルームは書かれた内容ごと全員から消えます。",
  deleteTitle: (room) => `${room}を削除しますか？`,
  deleteText: "中のメッセージとファイルは全員から消え、誰も元に戻せません。",
  typeName: "確認のためルーム名を入力してください",
  wrongName: "ルーム名が違います。",
  deleted: (room) => `${room}を削除しました。`,
  out: "退出させた人",
  letIn: "再び入れるようにする",
  letInDone: (name) => `${name}さんはまた入れます。`,
  remove: "ルームから退出させる",
  removeTitle: (name, room) => `${name}さんを${room}から退出させますか？`,
  removeText: "すぐに退出し、あなたが許すまで戻れません。書いた内容は残ります。",
  removeDone: (name) => `${name}さんを退出させました。`,
};
