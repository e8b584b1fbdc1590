// The pages before one is inside, in one file of their own for whoever needs them.
export { LoginPage } from "./login-page.js";
export { LostPage, UnreachablePage } from "./lost-page.js";
export { SignupPage } from "./signup-page.js";
export { VerifyPage } from "./verify-page.js";
export { WelcomePage } from "./welcome-page.js";
