/** A new version of the client, and a part of it that did not load. */
export const update = {
  ready: "A new version is ready.",
  take: "Reload",
  brokenTitle: "This page can’t be shown",
  brokenText: "A part of it didn’t load. Your drafts and unsent messages are kept.",
};
