import type { Words } from "../en.js";
import { count } from "./grammar.js";

/** The banner of the connection. */
export const connection: Words["connection"] = {
  label: "الاتصال",
  connecting: "جارٍ الاتصال…",
  reconnecting: "انقطع الاتصال. جارٍ إعادة الاتصال…",
  reconnectingIn: (seconds) =>
    `انقطع الاتصال. المحاولة التالية بعد ${count(seconds, {
      zero: "# ثانية",
      one: "ثانية",
      two: "ثانيتين",
      few: "# ثوانٍ",
      many: "# ثانية",
      other: "# ثانية",
    })}.`,
  polling: "التحديثات المباشرة محجوبة على هذه الشبكة. تصل الرسائل رغم ذلك، متأخرة قليلًا.",
  offline: "أنت غير متصل. سيُرسل ما تكتبه عند عودتك.",
  retryNow: "حاول الآن",
};
