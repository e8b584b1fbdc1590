import type { Words } from "../en.js";

/** Words of no feature: what every dialog and page has. */
export const common: Words["common"] = {
  appName: "Parlor",
  optional: "任意",
  cancel: "キャンセル",
  close: "閉じる",
  save: "保存",
  back: "ルーム一覧に戻る",
  retry: "再試行",
  dismiss: "閉じる",
  loading: "読み込み中…",
  showPassword: "パスワードを表示",
  hidePassword: "パスワードを隠す",
  noPageTitle: "ページが見つかりません",
  noPageText: "このアドレスの先には何もありません。リンクが途中で切れているのかもしれません。",
};
