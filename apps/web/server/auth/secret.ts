import { randomBytes } from "node:crypto";
import { settingOnce, type Store } from "@tape/store";

/** What signs the session cookies: `TAPE_SECRET`, else one that is made by the first start and kept in the database. */
export async function sessionSecret(store: Store, given: string | undefined): Promise<string> {
  return given ?? (await settingOnce(store, "session_secret", () => randomBytes(32).toString("base64url")));
}
