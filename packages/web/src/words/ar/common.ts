import type { Words } from "../en.js";

/** Words of no feature: what every dialog and page has. */
export const common: Words["common"] = {
  appName: "Parlor",
  optional: "اختياري",
  cancel: "إلغاء",
  close: "إغلاق",
  save: "حفظ",
  back: "العودة إلى الغرف",
  retry: "حاول مجددًا",
  dismiss: "إخفاء",
  loading: "جارٍ التحميل…",
  showPassword: "إظهار كلمة المرور",
  hidePassword: "إخفاء كلمة المرور",
  noPageTitle: "لا شيء هنا",
  noPageText: "هذا العنوان لا يؤدي إلى أي مكان. قد يكون الرابط ناقصًا.",
};
