import type { Words } from "../en.js";

/** Search, pins, mentions, dates and exports. */
export const find: Words["find"] = {
  menu: "ルームのメニュー",
  search: "メッセージを検索",
  placeholder: "メッセージを検索…",
  inRoom: "このルーム",
  everywhere: "すべてのルーム",
  where: "検索する範囲",
  start: "語順は自由です。「かぎ括弧」で囲むと語句をそのまま探し、マイナスを付けた語は除外します。",
  none: (query) => `「${query}」は見つかりませんでした。`,
  partial: "検索に時間がかかりました。ほかにもあるかもしれません。条件を絞ってみてください。",
  more: "もっと見る",
  results: "検索結果",
  failed: "読み込めませんでした。",
  pins: "ピン留めしたメッセージ",
  pinsNone: "ピン留めはまだありません",
  pinsNoneText: "手元に残したいメッセージは、メニューの「メッセージをピン留め」で留めておけます。",
  mentions: "あなたへのメンション",
  mentionsNone: "まだメンションはありません",
  mentionsNoneText: "誰かが @ とあなたの名前を書くと、ここに表示されます。",
  date: "日付へ移動",
  dateText: "その日の最初のメッセージを表示します。",
  day: "日付",
  go: "移動",
  exportPage: "ページとして保存（HTML）",
  exportJson: "データとして保存（JSON）",
};
