import { Compass } from "lucide-react";
import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { Link, Route, Switch, useLocation, useRoute } from "wouter";
import { ChatPage } from "./features/chat/public.js";
import { HomePage, RoomSwitcher, Sidebar, useRoom } from "./features/rooms/public.js";
import {
  LoginPage,
  LostPage,
  MeProvider,
  SignupPage,
  UnreachablePage,
  useSession,
  VerifyPage,
  WelcomePage,
} from "./features/session/public.js";
import { useWide } from "./lib/use-media.js";
import { buttonClass } from "./ui/button.js";
import { LogoMark } from "./ui/logo.js";
import { Screen } from "./ui/screen.js";
import { Toasts } from "./ui/toast.js";
import { TooltipProvider } from "./ui/tooltip.js";
import { words } from "./words/words.js";

const SettingsPage: ComponentType = lazy(async () => ({
  default: (await import("./features/profile/settings-page.js")).SettingsPage,
}));

/** While nothing is known: the mark alone, late enough that a quick start shows nothing at all. */
function Opening() {
  return (
    <div role="status" aria-label={words.common.loading} className="grid h-dvh place-items-center">
      <LogoMark className="size-12 animate-breathe" />
    </div>
  );
}

function Invitation({ roomId }: { roomId: string }) {
  const room = useRoom(roomId);
  return <WelcomePage roomName={room?.name ?? null} />;
}

/** Sidebar and page; on a phone the one or the other. */
function Shell({ children, roomId }: { children: ReactNode; roomId: string | null }) {
  const wide = useWide();
  const [location] = useLocation();
  if (!wide) {
    return <div className="h-dvh">{location === "/" ? <Sidebar current={null} /> : children}</div>;
  }
  return (
    <div className="grid h-dvh grid-cols-[17.5rem_minmax(0,1fr)]">
      <div className="min-h-0 border-e border-line">
        <Sidebar current={roomId} />
      </div>
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

/** The pages of one who has a name. */
function Inside() {
  const [, params] = useRoute("/r/:id");
  const roomId = params?.id ?? null;
  return (
    <Shell roomId={roomId}>
      <Suspense fallback={<Opening />}>
        <Switch>
          <Route path="/">
            <HomePage />
          </Route>
          <Route path="/r/:id">{({ id }) => <ChatPage key={id} roomId={id} />}</Route>
          <Route path="/settings">
            <SettingsPage />
          </Route>
          <Route>
            <NoPage />
          </Route>
        </Switch>
      </Suspense>
      <RoomSwitcher />
    </Shell>
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
      return params ? <Invitation roomId={params.id} /> : <WelcomePage roomName={null} />;
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
    <TooltipProvider>
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
    </TooltipProvider>
  );
}
