export { createSignInLink, OWNER_EMAIL, signInIdentifier, type SignInLinkRequest } from "./create-sign-in-link.ts";
