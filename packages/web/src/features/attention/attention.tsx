import { useEffect } from "react";
import { useLocation } from "wouter";
import { roomPath, useInboxClient } from "../rooms/public.js";
import { startNotifier } from "./notifier.js";
import { PageBadge } from "./page-badge.js";

export { BackMark } from "./back-mark.js";

/** What tells a person of news beside the lists: the tab's badge, and notifications. */
export function Attention({ userId }: { userId: string }) {
  const [, navigate] = useLocation();
  const inbox = useInboxClient();
  useEffect(() => {
    if (inbox) return startNotifier(inbox, userId, (roomId) => navigate(roomPath(roomId)));
  }, [inbox, userId, navigate]);
  return <PageBadge />;
}
