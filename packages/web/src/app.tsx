import { Compass } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { Link, Route, Switch, useLocation, useRoute } from "wouter";
import { CallHost, CheckDoor } from "./features/calls/public.js";
import { ChatPage } from "./features/chat/public.js";
import { showKeysDialog } from "./features/keys/public.js";
import { closeProfile, useShownProfile } from "./features/people/public.js";
import {
  type Asked,
  ask,
  roomIdOfPath,
  Sidebar,
  startInbox,
  useAsked,
  useNewestProfile,
  useRoom,
} from "./features/rooms/public.js";
import { MeProvider, refreshMe, useMe, useSession } from "./features/session/public.js";
import { BrokenPage, UpdateOffer } from "./features/update/public.js";
import { useFirstView, useIsCalm, useIsShown } from "./lib/first-view.js";
import { startCourier } from "./lib/unsent.js";
import { useWide } from "./lib/use-media.js";
import { buttonClass } from "./ui/button.js";
import { LogoMark } from "./ui/logo.js";
import { type Part, part, whenIdle } from "./ui/part.js";
import { Screen } from "./ui/screen.js";
import { Toasts } from "./ui/toast.js";
import { words } from "./words/words.js";

/** While nothing is known: the mark alone, late enough that a quick start shows nothing at all. */
function Opening() {
  return (
    <div role="status" aria-label={words.common.loading} className="grid h-dvh place-items-center">
      <LogoMark className="size-12 animate-breathe" />
    </div>
  );
}

// A room is what most visits open: everything else is loaded when it is wanted.
const page = { waiting: () => <Opening />, failing: "place" } as const;
const session = () => import("./features/session/pages.js");
const LoginPage: Part<object> = part(async () => (await session()).LoginPage, page);
const SignupPage: Part<object> = part(async () => (await session()).SignupPage, page);
const VerifyPage: Part<object> = part(async () => (await session()).VerifyPage, page);
const UnreachablePage: Part<object> = part(async () => (await session()).UnreachablePage, page);
const LostPage = part(async () => (await session()).LostPage, page);
const WelcomePage = part(async () => (await session()).WelcomePage, page);
const HomePage: Part<object> = part(
  async () => (await import("./features/rooms/home-page.js")).HomePage,
  page,
);
const SettingsPage: Part<object> = part(
  async () => (await import("./features/profile/settings-page.js")).SettingsPage,
  page,
);
const Keys = part(async () => (await import("./features/keys/keys.js")).Keys, { failing: "silent" });
const Attention = part(async () => (await import("./features/attention/attention.js")).Attention, {
  failing: "silent",
});
const NotifyOffer: Part<object> = part(
  async () => (await import("./features/attention/notify-offer.js")).NotifyOffer,
  { failing: "silent" },
);
const AskedDialog: Part<{ asked: Asked; onClose: () => void }> = part(
  async () => await (await import("./features/rooms/asked-dialog.js")).openAskedDialog(),
);
const ProfileCard: Part<{ onClose: () => void }> = part(
  async () => (await import("./features/people/profile-card.js")).ProfileCard,
);

function Invitation({ roomId }: { roomId: string }) {
  const room = useRoom(roomId);
  return <WelcomePage roomName={room?.name ?? null} />;
}

/** Sidebar and page; on a phone the one or the other. */
function Shell({ children, roomId }: { children: ReactNode; roomId: string | null }) {
  const wide = useWide();
  const [location] = useLocation();
  const isCalm = useIsCalm();
  useFirstView(roomId === null);
  const sidebar = (
    <Sidebar current={wide ? roomId : null} onShowKeys={() => showKeysDialog("map")}>
      <UpdateOffer />
      {isCalm ? <NotifyOffer /> : null}
    </Sidebar>
  );
  if (!wide) {
    if (location !== "/") return <div className="h-dvh">{children}</div>;
    return (
      <main className="h-dvh">
        <h1 className="sr-only">{words.rooms.rooms}</h1>
        {sidebar}
      </main>
    );
  }
  return (
    <div className="grid h-dvh grid-cols-[17.5rem_minmax(0,1fr)]">
      <aside aria-label={words.rooms.rooms} className="min-h-0 border-e border-line">
        {sidebar}
      </aside>
      <div className="min-h-0 min-w-0">{children}</div>
    </div>
  );
}

function NoPage() {
  return (
    <Screen
      icon={Compass}
      title={words.common.noPageTitle}
      actions={
        <Link href="/" className={buttonClass("outline")}>
          {words.rooms.backHome}
        </Link>
      }
    >
      {words.common.noPageText}
    </Screen>
  );
}

/** Dialogs that any page may ask for, loaded when the first one is wanted; another page takes a profile card away. */
function Dialogs() {
  const shown = useShownProfile() !== null;
  const asked = useAsked();
  const [location] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is the occasion.
  useEffect(() => closeProfile, [location]);
  return (
    <>
      {shown ? <ProfileCard onClose={closeProfile} /> : null}
      {asked ? <AskedDialog asked={asked} onClose={() => ask(null)} /> : null}
    </>
  );
}

/** Keeps the rooms of the user, and their own profile as their other devices change it. */
function useOwnInbox(userId: string) {
  const { profile_rev: known } = useMe();
  useEffect(() => {
    let stop = () => {};
    // The list stands beside what the person came for, and does not keep it.
    const cancel = whenIdle(() => {
      stop = startInbox(userId);
    });
    return () => {
      cancel();
      stop();
    };
  }, [userId]);
  const newest = useNewestProfile();
  useEffect(() => {
    if (newest > known) void refreshMe();
  }, [newest, known]);
}

/** The pages of one who has a name. */
function Inside() {
  const [, params] = useRoute("/r/:id");
  const roomId = params ? roomIdOfPath(params.id) : null;
  const { id: userId } = useMe();
  const isShown = useIsShown();
  const isCalm = useIsCalm();
  useEffect(() => (isCalm ? startCourier(userId) : undefined), [userId, isCalm]);
  useOwnInbox(userId);
  return (
    <>
      <Shell roomId={roomId}>
        <Switch>
          <Route path="/">
            <HomePage />
          </Route>
          <Route path="/r/:id">{({ id }) => <ChatPage key={id} roomId={roomIdOfPath(id)} />}</Route>
          <Route path="/settings">
            <SettingsPage />
          </Route>
          <Route path="/check">
            <CheckDoor />
          </Route>
          <Route>
            <NoPage />
          </Route>
        </Switch>
      </Shell>
      {isShown ? <Keys roomId={roomId} /> : null}
      {isCalm ? (
        <>
          <Attention userId={userId} />
          <CallHost key={userId} userId={userId} />
        </>
      ) : null}
      <Dialogs />
    </>
  );
}

/** What this browser may see, by who it is. */
function Gate() {
  const session = useSession();
  const [, params] = useRoute("/r/:id");
  switch (session.status) {
    case "loading":
      return <Opening />;
    case "unreachable":
      return <UnreachablePage />;
    case "lost":
      return <LostPage me={session.me} reason={session.reason} />;
    case "none":
      return params ? <Invitation roomId={roomIdOfPath(params.id)} /> : <WelcomePage roomName={null} />;
    case "in":
      return (
        <MeProvider me={session.me}>
          <Inside key={session.me.id} />
        </MeProvider>
      );
  }
}

/** All pages. */
export function App() {
  return (
    <BrokenPage>
      <Switch>
        <Route path="/login">
          <LoginPage />
        </Route>
        <Route path="/signup">
          <SignupPage />
        </Route>
        <Route path="/auth/verify">
          <VerifyPage />
        </Route>
        <Route>
          <Gate />
        </Route>
      </Switch>
      <Toasts />
    </BrokenPage>
  );
}
