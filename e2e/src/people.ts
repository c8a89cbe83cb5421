import type { Role } from "@tape/core";
import { createSignInLink, createToken } from "@tape/store";
import type { System } from "./system.ts";

/** A link that signs in once, made by what `tape sign-in` calls: for the owner, or for somebody with this role. */
export function signInLink({ store }: System, url: string, role?: Role): Promise<string> {
  return createSignInLink({ pool: store.pool, url, ...(role !== undefined && { email: `${role}@example.com`, role }) });
}

/** The `Cookie` header of a new session. */
export async function sessionOf(system: System, url: string, role?: Role): Promise<string> {
  return await openLink(await signInLink(system, url, role));
}

/** Opens a sign-in link as a browser would; the `Cookie` header it brings. @throws when it signs nobody in */
export async function openLink(link: string): Promise<string> {
  const response = await fetch(link, { redirect: "manual" });
  const [cookie] = response.headers.getSetCookie();
  if (response.status !== 303 || cookie === undefined) throw new Error(`the link was answered with ${response.status}`);
  return cookie.split(";")[0] ?? "";
}

let made = 0;

/** The secret of a new token. */
export async function tokenOf({ store }: System, role: Role): Promise<string> {
  const actor = { id: "cli:test@localhost", email: null, role: "admin" } as const;
  return (await createToken(store, { name: `${role}-${++made}`, role, actor })).token;
}
