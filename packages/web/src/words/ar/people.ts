import type { Words } from "../en.js";

/** Profile cards and statuses. */
export const people: Words["people"] = {
  openProfile: (name) => `عرض الملف الشخصي: ${name}`,
  card: "الملف الشخصي",
  here: "متصل",
  lastSeen: (when) => `آخر ظهور: ${when}`,
  justNow: "قبل لحظات",
  since: (date) => `هنا منذ ${date}`,
  message: "مراسلة",
  edit: "تعديل ملفك الشخصي",
  loadFailed: "تعذّر تحميل هذا الملف الشخصي.",
  statusUntil: (time) => `حتى ${time}`,
};
