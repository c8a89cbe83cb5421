import { TapeError, role, type Me } from "@tape/core";
import { findToken, type Actor, type Store } from "@tape/store";
import { isAPIError } from "better-auth/api";
import type { Auth } from "./auth.ts";

/** By what somebody proved who they are, and what to look up to see that it still holds. */
export type Credential = { kind: "session"; token: string } | { kind: "token"; secret: string };

export interface Identity {
  actor: Actor;
  name: string;
  credential: Credential;
  /** `Set-Cookie` lines of a session that was prolonged. */
  setCookies: string[];
}

export interface Surroundings {
  store: Store;
  auth: Auth;
}

/**
 * Who is asking, by bearer token or session cookie; null when neither is there or it no longer holds. A bearer token
 * that is given decides alone.
 *
 * @param options.prolongs Prolongs a session that is a day old; only for a caller whose answer brings `setCookies` back.
 * @throws {TapeError} `unavailable` when the database is away.
 */
export async function identify({ store, auth }: Surroundings, headers: Headers, { prolongs = false } = {}): Promise<Identity | null> {
  const secret = bearerOf(headers);
  if (secret !== null) return await identifyToken(store, secret);
  if (!headers.get("cookie")?.includes("tape.session_token=")) return null;
  return await identifySession(auth, headers, prolongs);
}

async function identifyToken(store: Store, secret: string): Promise<Identity | null> {
  const token = await findToken(store, { secret });
  if (!token) return null;
  return { actor: { id: `token:${token.name}`, email: null, role: token.role }, name: token.name, credential: { kind: "token", secret }, setCookies: [] };
}

async function identifySession(auth: Auth, headers: Headers, prolongs: boolean): Promise<Identity | null> {
  const asked = { headers, query: { disableRefresh: !prolongs }, returnHeaders: true } as const;
  const { response, headers: answered } = await auth.api.getSession(asked).catch((error: unknown) => {
    // better-auth hides what went wrong behind a 500; a session that cannot be read is a database that is away.
    if (isAPIError(error)) throw new TapeError("unavailable", "Your session cannot be read: the database is away. Try again in a moment.", undefined, { cause: error });
    throw error;
  });
  if (!response) return null;
  const { user, session } = response;
  return {
    actor: { id: `user:${user.email}`, email: user.email, role: role.parse(user.role) },
    name: user.name,
    credential: { kind: "session", token: session.token },
    setCookies: answered.getSetCookie(),
  };
}

function bearerOf(headers: Headers): string | null {
  const [, secret] = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  return secret ?? null;
}

/** As `GET /me` tells it. */
export function toMe({ actor, name }: Identity): Me {
  return { actor: actor.id, email: actor.email, name, role: actor.role };
}
