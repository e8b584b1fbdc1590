import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useTitle } from "../../lib/use-title.js";
import { LanguageField } from "../../ui/language-field.js";
import { words } from "../../words/words.js";
import { LeaveSection } from "./leave-section.js";
import { NotificationField } from "./notification-field.js";
import { PasswordForm } from "./password-form.js";
import { PictureField } from "./picture-field.js";
import { PrivacyField } from "./privacy-field.js";
import { ProfileForm } from "./profile-form.js";
import { StatusForm } from "./status-form.js";
import { ThemeField } from "./theme-field.js";

function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section
      aria-label={title}
      className="grid gap-5 border-t border-line py-8 lg:grid-cols-[14rem_1fr] lg:gap-10"
    >
      <div>
        <h2 className="text-lg font-semibold tracking-[-0.01em]">{title}</h2>
        {text ? <p className="mt-1 text-sm text-pretty text-ink-soft">{text}</p> : null}
      </div>
      <div className="grid min-w-0 content-start gap-5">{children}</div>
    </section>
  );
}

/** Profile, account, appearance and the way out. */
export function SettingsPage() {
  const { profile, common } = words;
  useTitle(profile.settings);
  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto max-w-3xl px-4 pb-16 sm:px-8">
        <header className="flex h-16 items-center gap-1 sm:mt-6">
          <Link
            href="/"
            aria-label={common.back}
            className="-ms-2 grid size-10 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink md:hidden"
          >
            <ArrowLeft aria-hidden="true" className="size-5" />
          </Link>
          <h1 className="text-xl font-semibold tracking-[-0.02em] sm:text-2xl">{profile.settings}</h1>
        </header>
        <Section title={profile.profile} text={profile.profileText}>
          <PictureField />
          <ProfileForm />
        </Section>
        <Section title={profile.status} text={profile.statusText}>
          <StatusForm />
        </Section>
        <Section title={words.notifications.title} text={words.notifications.text}>
          <NotificationField />
        </Section>
        <Section title={profile.privacy}>
          <PrivacyField />
        </Section>
        <Section title={profile.account}>
          <PasswordForm />
        </Section>
        <Section title={profile.appearance}>
          <ThemeField />
          <LanguageField />
        </Section>
        <LeaveSection />
      </div>
    </main>
  );
}
