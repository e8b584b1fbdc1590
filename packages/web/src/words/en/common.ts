/** Words of no feature: what every dialog and page has. */
export const common = {
  appName: "Parlor",
  optional: "optional",
  cancel: "Cancel",
  close: "Close",
  save: "Save",
  back: "Back to rooms",
  retry: "Try again",
  dismiss: "Dismiss",
  loading: "Loading…",
  showPassword: "Show password",
  hidePassword: "Hide password",
  noPageTitle: "Nothing here",
  noPageText: "This address leads nowhere. The link may be incomplete.",
};
