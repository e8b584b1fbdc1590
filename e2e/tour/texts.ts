import { calls as arCalls } from "../../packages/web/src/words/ar/calls.js";
import { hosting as arHosting } from "../../packages/web/src/words/ar/hosting.js";
import { ar } from "../../packages/web/src/words/ar.js";
import { calls as enCalls } from "../../packages/web/src/words/en/calls.js";
import { hosting as enHosting } from "../../packages/web/src/words/en/hosting.js";
import { en } from "../../packages/web/src/words/en.js";
import { isolateArguments } from "../../packages/web/src/words/isolate.js";

/** The words of the client in a language of the tour, as the page shows them. */
export const WORDS = {
  en: isolateArguments({ ...en, hosting: enHosting }, "ltr"),
  ar: isolateArguments({ ...ar, hosting: arHosting }, "rtl"),
} as const;

/** The same of calls. */
export const CALL_WORDS = {
  en: isolateArguments(enCalls, "ltr"),
  ar: isolateArguments(arCalls, "rtl"),
} as const;

/** A language of the tour. */
export type TourLanguage = keyof typeof WORDS;

/** What the tour's browsers ask for. */
export function localeOf(language: TourLanguage): string {
  return language === "en" ? "en-GB" : language;
}

/** What people say and are called in the pictures. */
export interface Texts {
  readonly me: string;
  readonly maya: string;
  readonly jonas: string;
  readonly aiko: string;
  readonly room: string;
  readonly description: string;
  readonly category: string;
  readonly club: string;
  readonly garden: string;
  readonly locked: string;
  readonly empty: string;
  readonly status: string;
  readonly bio: string;
  readonly lines: {
    readonly morning: string;
    readonly coffee: string;
    readonly bread: string;
    readonly market: string;
    readonly praise: string;
    readonly plan: string;
    readonly ask: string;
    readonly answer: string;
    readonly before: string;
    readonly recipe: string;
    readonly direct: string;
    readonly books: readonly string[];
  };
  readonly search: string;
}

export const TEXTS: Readonly<Record<TourLanguage, Texts>> = {
  en: {
    me: "Sam",
    maya: "Maya",
    jonas: "Jonas",
    aiko: "Aiko",
    room: "Sunday breakfast",
    description: "Who brings what, and when.",
    category: "Friends",
    club: "Reading club",
    garden: "Allotment",
    locked: "Band practice",
    empty: "Cinema night",
    status: "Making tea",
    bio: "Early bird. Keeper of the good kettle.",
    lines: {
      morning: "Good morning! Is anyone else awake?",
      coffee: "Barely. The coffee is on, so there is hope.",
      bread: "I can bring the bread from the corner: https://bakery.example/sourdough",
      market: "From the market, an hour ago.",
      praise: "Those tomatoes! Please keep some for the shakshuka.",
      plan: '**Plan for ten o’clock**\n- bread: Jonas\n- jam, *three kinds*: Aiko\n- oranges: Sam\n\n```js\nconst guests = ["Maya", "Jonas", "Aiko", "Sam"];\nsetTable(guests.length + 1); // somebody always brings a friend\n```',
      ask: "@Sam can you bring the good knives?",
      answer: "Then I’ll bring oranges and the good knives.\nTen o’clock?",
      before: "Then I’ll bring oranges. Ten?",
      recipe: "And the recipe, for whoever is first in the kitchen.",
      direct: "Shall we surprise Jonas with a cake?",
      books: [
        "Has everybody finished chapter nine?",
        "I stayed up until two for it.",
        "@Sam it is your turn to choose.",
      ],
    },
    search: "bread",
  },
  ar: {
    me: "سامي",
    maya: "مايا",
    jonas: "Jonas",
    aiko: "ليلى",
    room: "فطور الجمعة",
    description: "من يُحضر ماذا، ومتى.",
    category: "أصدقاء",
    club: "نادي القراءة",
    garden: "حديقة الحي",
    locked: "تدريب الفرقة",
    empty: "ليلة السينما",
    status: "أعدّ الشاي",
    bio: "أستيقظ باكرًا، وأحفظ سرّ الإبريق الجيد.",
    lines: {
      morning: "صباح الخير! هل استيقظ أحد غيري؟",
      coffee: "Barely. The coffee is on, so there is hope.",
      bread: "سأُحضر الخبز من الفرن القريب: https://bakery.example/sourdough",
      market: "من السوق قبل ساعة.",
      praise: "ما أجمل هذه الطماطم! أبقوا بعضها للشكشوكة.",
      plan: '**خطة العاشرة**\n- الخبز: Jonas\n- المربّى، *ثلاثة أنواع*: ليلى\n- البرتقال: سامي\n\n```js\nconst guests = ["Maya", "Jonas", "Aiko", "Sam"];\nsetTable(guests.length + 1); // somebody always brings a friend\n```',
      ask: "@سامي هل تُحضر السكاكين الجيدة؟",
      answer: "سأُحضر البرتقال والسكاكين الجيدة.\nفي العاشرة؟",
      before: "سأُحضر البرتقال. في العاشرة؟",
      recipe: "وهذه الوصفة لمن يصل إلى المطبخ أولًا.",
      direct: "ما رأيك أن نفاجئ Jonas بكعكة؟",
      books: ["هل أنهى الجميع الفصل التاسع؟", "سهرت معه حتى الثانية.", "@سامي الدور لك في الاختيار."],
    },
    search: "الخبز",
  },
};
