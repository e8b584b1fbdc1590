import { describe, expect, it } from "vitest";

const SOURCES = import.meta.glob<string>(["../**/*.tsx", "../**/*.ts", "!../**/*.test.ts", "!../words/**"], {
  query: "?raw",
  import: "default",
  eager: true,
});
const STYLES = import.meta.glob<string>("./*.css", { query: "?raw", import: "default", eager: true });

/** Places that were measured on the screen are where they are in every language. */
const MEASURED = ["../ui/floating.ts", "../features/files/drop-hint.tsx"];

/** Class names and styles that mean a side of the screen instead of the begin or end of a line. */
const CLASSES =
  /(?<![\w-])-?(?:[mp][lr]|scroll-[mp][lr]|border-[lr]|rounded-(?:[lr]|[tb][lr])|left|right|origin-(?:left|right))-(?=[\w[(])|(?<![\w-])(?:text|float|clear|origin|bg|object)-(?:left|right)(?![\w-])|bg-(?:linear|gradient)-to-[lr]/g;
const INLINE =
  /\b(?:margin|padding|border|scrollMargin)(?:Left|Right)\b|style=\{[^}]*\b(?:left|right):|\.style\.(?:left|right)/g;
const CSS =
  /(?:margin|padding|border|inset|scroll-margin)-(?:left|right)|(?:^|[;{\s])(?:left|right)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)/g;
/** Moves sideways need their mirrored twin. */
const MOVES = /(?<!rtl:)(?<![\w])-?translate-x-(?!px)[\w[.-]+/g;

/** Icons of lucide that point along a line of text, as their class names. */
const POINTING =
  /(?:Arrow|Chevron|Chevrons|Move|Panel)(?:Left|Right)\w*|Reply\w*|Send\w*|LogOut|LogIn|Undo\w*|Redo\w*|Forward/;

describe("the direction of the page", () => {
  it("[WORD4] nothing is placed by a side of the screen", () => {
    const wrong: string[] = [];
    for (const [file, text] of Object.entries(SOURCES)) {
      for (const [found] of [...text.matchAll(CLASSES), ...text.matchAll(MOVES)])
        wrong.push(`${file}: ${found}`);
      if (MEASURED.includes(file)) continue;
      for (const [found] of text.matchAll(INLINE)) wrong.push(`${file}: ${found}`);
    }
    for (const [file, text] of Object.entries(STYLES)) {
      for (const [found] of text.matchAll(CSS)) wrong.push(`${file}: ${found.trim()}`);
    }
    expect(wrong).toEqual([]);
    expect(Object.keys(SOURCES).length).toBeGreaterThan(100);
    expect(Object.values(STYLES).filter((text) => text.includes("{")).length).toBeGreaterThan(1);
  });

  it("[WORD4] the patterns know what they look for", () => {
    for (const bad of ["ml-2", "-mr-1", "md:pl-4", "left-0", "rounded-tl-md", "text-left", "border-r-2"]) {
      expect(`"flex ${bad}"`.match(CLASSES), bad).not.toBeNull();
    }
    for (const good of ["ms-2", "me-auto", "ps-4", "start-0", "text-start", "left", "border-line", "pt-1"]) {
      expect(`"flex ${good}"`.match(CLASSES), good).toBeNull();
    }
    expect("style={{ top, left: 3 }}".match(INLINE)).not.toBeNull();
    expect(".a { left: 0 }".match(CSS)).not.toBeNull();
  });

  it("[WORD4] every icon that points is mirrored", () => {
    const css = Object.values(STYLES).join("\n");
    const pointing = new Set<string>();
    for (const text of Object.values(SOURCES)) {
      for (const [, names = ""] of text.matchAll(/import \{([^}]*)\} from "lucide-react"/g)) {
        for (const name of names.split(",").map((one) => one.trim()))
          if (POINTING.test(name)) pointing.add(name);
      }
    }
    expect(pointing.size).toBeGreaterThan(3);
    for (const name of pointing) {
      const kebab = name.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase();
      expect(css, `${name} is not mirrored in app.css`).toContain(`.lucide-${kebab}`);
    }
  });
});
