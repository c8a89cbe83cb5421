import { TapeError } from "@tape/core";
import type { Backend } from "./backend/backend.ts";
import { openBackend } from "./backend/open.ts";
import type { Env } from "./env.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import type { Terminal } from "./print/terminal.ts";

/** What every command is given. */
export interface Context {
  readonly env: Env;
  readonly terminal: Terminal;
  /** The exit code of the command that ran. */
  exitCode: ExitCode;
  /** A commander action on the Tape this command speaks to, which is closed whatever happens. Ends as `work` says, else ok. */
  onBackend<Args extends unknown[]>(work: (backend: Backend, ...args: Args) => Promise<ExitCode | void>): (...args: Args) => Promise<void>;
  /** A commander action that needs no Tape. */
  alone<Args extends unknown[]>(work: (...args: Args) => Promise<ExitCode | void>): (...args: Args) => Promise<void>;
}

export function createContext(env: Env, terminal: Terminal): Context {
  const context: Context = {
    env,
    terminal,
    exitCode: EXIT.ok,
    alone: (work) => async (...args) => {
      context.exitCode = (await work(...args)) ?? EXIT.ok;
    },
    onBackend: (work) =>
      context.alone(async (...args) => {
        const backend = await openBackend(env);
        try {
          return await work(backend, ...args);
        } catch (error) {
          throw namingWhere(error, env);
        } finally {
          await backend.close();
        }
      }),
  };
  return context;
}

/** Which Tape it is that cannot be reached, where there are several to choose from. */
function namingWhere(error: unknown, { remote }: Env): unknown {
  if (remote === null || !TapeError.is(error, "unavailable")) return error;
  return new TapeError("unavailable", `${error.message} (TAPE_URL is ${remote.url})`, error.details, { cause: error });
}
