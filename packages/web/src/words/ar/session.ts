import type { Words } from "../en.js";
import { number } from "./grammar.js";

/** Coming in: welcome, log in, sign up, a session that ended. */
export const session: Words["session"] = {
  welcomeTitle: "تفضّل بالدخول.",
  welcomeText: "اختر اسمًا وابدأ الحديث. لا حاجة إلى حساب.",
  invitedTitle: (room) => `أنت مدعو إلى ${room}`,
  invitedText: "اختر اسمًا لتنضم إلى المحادثة. لا حاجة إلى حساب.",
  yourName: "اسمك",
  namePlaceholder: "بماذا تحب أن يناديك الناس؟",
  continueAsGuest: "متابعة",
  haveAccount: "لديك حساب؟",
  noAccount: "جديد هنا؟",
  logIn: "تسجيل الدخول",
  signUp: "إنشاء حساب",
  asGuest: "المتابعة كضيف",
  loginTitle: "أهلًا بعودتك",
  loginText: "سجّل الدخول باسم حسابك وكلمة مروره.",
  signupTitle: "أنشئ حسابًا",
  signupText: "مع الحساب يبقى اسمك لك وحدك على كل أجهزتك.",
  username: "اسم المستخدم",
  password: "كلمة المرور",
  passwordHint: `${number(8)} أحرف على الأقل.`,
  email: "البريد الإلكتروني",
  emailHint: "لإرسال رابط تسجيل الدخول إليك فقط. لا يراه أحد غيرك.",
  createAccount: "إنشاء الحساب",
  useLink: "أرسل لي رابط دخول بالبريد بدلًا من ذلك",
  usePassword: "استخدام كلمة المرور بدلًا من ذلك",
  sendLink: "إرسال الرابط",
  linkSentTitle: "تفقّد بريدك",
  linkSentText: (email) =>
    `إذا كان ${email} يخصّ حسابًا، فإن رابط تسجيل الدخول في طريقه إليك. يصلح الرابط لمدة ${number(15)} دقيقة.`,
  verifying: "جارٍ تسجيل دخولك…",
  verifyFailed: "لم يعمل هذا الرابط",
  newLink: "اطلب رابطًا جديدًا",
  expiredTitle: (name) => `سجّل الدخول مجددًا يا ${name}`,
  expiredText: "انتهت جلستك. ما كنت تكتبه محفوظ.",
  foreignTitle: "انتقل هذا الاسم",
  foreignText: (name) =>
    `«${name}» مستخدم الآن في متصفح آخر، فلا يمكن لهذا المتصفح أن يتحدث باسمه. ما كنت تكتبه محفوظ.`,
  newGuest: "اختيار اسم جديد",
  unsentText: (name) =>
    `لا يستطيع إرسال هذا إلا ${name}. يُرسل بعد تسجيل الدخول، ويضيع مع اسم جديد، فانسخ ما تحتاج إليه.`,
  unreachableTitle: "تعذّر الوصول إلى الخادم",
  unreachableText: "قد يكون قيد إعادة التشغيل أو أن اتصالك منقطع. تعيد هذه الصفحة المحاولة من تلقاء نفسها.",
  tagline: ["غرفك،", "على خادمك أنت."],
  taglineText: "رسائل تبقى. ووجوه تبقى.",
};
