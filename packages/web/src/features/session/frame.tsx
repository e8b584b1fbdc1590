import type { ReactNode } from "react";
import { Link } from "wouter";
import { LanguageSelect } from "../../ui/language-field.js";
import { Logo } from "../../ui/logo.js";
import { words } from "../../words/words.js";

/** Three lit doorways and a few voices: what the product is, without a word. */
function Doorways() {
  return (
    <svg viewBox="0 0 520 420" aria-hidden="true" className="w-full max-w-[46rem]">
      <g fill="oklch(0.36 0.07 164)">
        <path d="M20 420V150a70 70 0 0 1 140 0v270Z" />
        <path d="M360 420V190a70 70 0 0 1 140 0v230Z" />
      </g>
      <path fill="oklch(0.87 0.1 84)" d="M180 420V120a80 80 0 0 1 160 0v300Z" />
      <circle cx="322" cy="255" r="6" fill="oklch(0.42 0.08 164)" />
      <g fill="oklch(0.975 0.01 85)">
        <path d="M70 196h118a22 22 0 0 1 22 22v22a22 22 0 0 1-22 22H92l-22 18v-20a22 22 0 0 1-22-20v-22a22 22 0 0 1 22-22Z" />
        <path d="M300 292h128a22 22 0 0 1 22 22v22a22 22 0 0 1-22 22v20l-22-20H300a22 22 0 0 1-22-22v-22a22 22 0 0 1 22-22Z" />
      </g>
      <g fill="oklch(0.43 0.085 164)" opacity=".8">
        <rect x="74" y="214" width="106" height="8" rx="4" />
        <rect x="74" y="234" width="66" height="8" rx="4" />
        <rect x="302" y="310" width="118" height="8" rx="4" />
        <rect x="302" y="330" width="82" height="8" rx="4" />
      </g>
    </svg>
  );
}

interface FrameProps {
  readonly title: string;
  readonly text: ReactNode;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
}

/** The page around signing in, up and through. */
export function Frame({ title, text, children, footer }: FrameProps) {
  return (
    <div className="grid min-h-full lg:h-full lg:grid-cols-[minmax(30rem,1fr)_1.15fr]">
      <main className="flex min-h-dvh flex-col px-6 py-6 sm:px-10 lg:min-h-0 lg:overflow-y-auto">
        <div className="flex items-center justify-between gap-3">
          <Link href="/" aria-label={words.common.appName} className="flex rounded-md">
            <Logo />
          </Link>
          <LanguageSelect />
        </div>
        <div className="mx-auto grid w-full max-w-[23rem] flex-1 content-center gap-7 py-10">
          <div className="grid gap-2">
            <h1 className="text-3xl font-semibold tracking-[-0.03em]">{title}</h1>
            <p className="text-lg text-pretty text-ink-soft">{text}</p>
          </div>
          {children}
          {footer ? <div className="border-t border-line pt-5 text-ink-soft">{footer}</div> : null}
        </div>
      </main>
      <aside
        aria-hidden="true"
        className="hidden flex-col justify-between overflow-hidden bg-[oklch(0.31_0.06_164)] lg:flex"
      >
        <p className="px-14 pt-16 text-3xl font-semibold tracking-[-0.03em] text-[oklch(0.97_0.012_85)]">
          {words.session.tagline[0]}
          <br />
          {words.session.tagline[1]}
          <span className="mt-4 block text-lg font-normal tracking-normal text-[oklch(0.86_0.03_160)]">
            {words.session.taglineText}
          </span>
        </p>
        <div className="grid justify-items-center">
          <Doorways />
        </div>
      </aside>
    </div>
  );
}

/** A link inside running text. */
export function TextLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link
      href={href}
      className="rounded-sm font-medium text-accent underline decoration-accent/35 underline-offset-3 hover:decoration-accent"
    >
      {children}
    </Link>
  );
}
