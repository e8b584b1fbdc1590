import type { Words } from "../en.js";

/** Search, pins, mentions, dates and exports. */
export const find: Words["find"] = {
  menu: "قائمة الغرفة",
  search: "البحث في الرسائل",
  placeholder: "ابحث في الرسائل…",
  inRoom: "هذه الغرفة",
  everywhere: "كل الغرف",
  where: "مكان البحث",
  start: "كلمات بأي ترتيب. «علامات الاقتباس» تجد عبارة كاملة، وعلامة الطرح تستبعد كلمة.",
  none: (query) => `لم يُعثر على شيء لـ «${query}».`,
  partial: "استغرق البحث وقتًا طويلًا، وقد يكون هناك المزيد. ضيّق البحث لتراه.",
  more: "عرض المزيد",
  results: "النتائج",
  failed: "تعذّر التحميل.",
  pins: "الرسائل المثبّتة",
  pinsNone: "لا شيء مثبّت بعد",
  pinsNoneText: "ثبّت ما تريد إبقاءه في متناولك: ستجد «تثبيت الرسالة» في قائمتها.",
  mentions: "الإشارات إليك",
  mentionsNone: "لم يُشر إليك أحد بعد",
  mentionsNoneText: "عندما يكتب أحد @ ثم اسمك، يظهر ذلك هنا.",
  date: "الانتقال إلى تاريخ",
  dateText: "يعرض أول رسالة في ذلك اليوم.",
  day: "اليوم",
  go: "انتقال",
  exportPage: "حفظ كصفحة (HTML)",
  exportJson: "حفظ كبيانات (JSON)",
};
