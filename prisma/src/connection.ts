import { findState, readState } from "./embedded/state.ts";
import { answers } from "./embedded/postmaster.ts";
import { DatabaseError } from "./errors.ts";

export interface Surroundings {
  env: Record<string, string | undefined>;
  /** Where the search for `.tape/postgres.json` begins; it goes up to the root. */
  cwd: string;
}

/**
 * The one way a process learns which database to use: `DATABASE_URL` (empty is unset), else the embedded server of
 * the nearest `.tape` folder (`TAPE_DIR` names another), checked to be answering. Starts nothing.
 *
 * @throws {DatabaseError} `database_not_running`
 */
export async function resolveDatabaseUrl({ env, cwd }: Surroundings): Promise<string> {
  if (env.DATABASE_URL) return env.DATABASE_URL;
  const state = env.TAPE_DIR ? await readState(env.TAPE_DIR) : await findState(cwd);
  if (state && (await answers(state.port))) return state.url;
  throw new DatabaseError(
    "database_not_running",
    "The database is not running. In the Tape folder run npm start, or set DATABASE_URL.",
  );
}
