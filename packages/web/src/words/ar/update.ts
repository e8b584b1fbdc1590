import type { Words } from "../en.js";

/** A new version of the client, and a part of it that did not load. */
export const update: Words["update"] = {
  ready: "يتوفر إصدار جديد.",
  take: "إعادة التحميل",
  brokenTitle: "لا يمكن عرض هذه الصفحة",
  brokenText: "لم يُحمَّل جزء منها. مسوداتك ورسائلك غير المرسلة محفوظة.",
};
