// What other features may use of this one.
export { LoginPage } from "./login-page.js";
export { LostPage, UnreachablePage } from "./lost-page.js";
export { MeProvider, shownName, useMe, useSession } from "./session.js";
export { leave, lose, refreshMe, updateMe } from "./session-store.js";
export { SignupPage } from "./signup-page.js";
export { VerifyPage } from "./verify-page.js";
export { WelcomePage } from "./welcome-page.js";
