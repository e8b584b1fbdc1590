import type { Words } from "../en.js";

/** Notifications of this device. */
export const notifications: Words["notifications"] = {
  title: "الإشعارات",
  text: "للإشارات والرسائل المباشرة وأنت بعيد عن هذه الصفحة.",
  enable: "تشغيل الإشعارات",
  on: "إظهار الإشعارات على هذا الجهاز",
  denied: "لا يسمح هذا المتصفح لـ Parlor بإشعارك. اسمح بالإشعارات لهذا الموقع من إعدادات المتصفح.",
  unsupported: "لا يستطيع هذا المتصفح إظهار إشعارات لهذا العنوان. يجب أن يبدأ العنوان بـ https.",
  offer: "أتريد أن تعرف متى يرد عليك أحد؟",
  turnOn: "تشغيل",
  notNow: "ليس الآن",
  inRoom: (name, room) => `${name} في ${room}`,
};
