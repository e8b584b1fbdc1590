/** Profile cards and statuses. */
export const people = {
  openProfile: (name: string) => `Show the profile of ${name}`,
  card: "Profile",
  here: "Online",
  lastSeen: (when: string) => `Last seen ${when}`,
  justNow: "a moment ago",
  since: (date: string) => `Here since ${date}`,
  message: "Message",
  edit: "Edit your profile",
  loadFailed: "This profile couldn’t be loaded.",
  statusUntil: (time: string) => `until ${time}`,
};
