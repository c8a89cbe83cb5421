import { TapeError } from "@tape/core";
import type { Env } from "../env.ts";
import type { Backend } from "./backend.ts";

/** The Tape this command speaks to: `TAPE_URL` when it is set, else the database of this machine (D50). */
export async function openBackend(env: Env): Promise<Backend> {
  if (env.remote === null) {
    const { openLocalStore, storeBackend } = await import("./store.ts");
    return storeBackend(await openLocalStore(env), env);
  }
  if (env.remote.token === undefined) throw new TapeError("unauthenticated", "TAPE_URL is set and TAPE_TOKEN is not: make a token with tape token create where Tape runs.");
  const { apiBackend } = await import("./api.ts");
  return apiBackend(env.remote);
}
