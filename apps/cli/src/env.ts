import os from "node:os";
import { z } from "zod";
import { UsageError } from "./exit.ts";

const schema = z.object({
  TAPE_URL: z.url({ protocol: /^https?$/, error: "is not an address like https://tape.example.com" }).optional(),
  TAPE_TOKEN: z.string().regex(/^[\x21-\x7e]+$/, "is not a token: tape token create prints one").optional(),
  PORT: z.coerce.number("is not a number").int().min(1).max(65_535).default(3000),
  HOST: z.string().default("127.0.0.1"),
});

export interface Env {
  /** A remote Tape to talk to instead of the database. */
  remote: { url: string; token: string | undefined } | null;
  /** Where the console of this machine is. */
  consoleUrl: string;
  /** Who the audit log says it was. */
  actor: string;
  /** The variables that are set; an empty one is unset (D39). */
  variables: Record<string, string>;
}

/** @throws {UsageError} one line that names the variable */
export function readEnv(variables: Record<string, string | undefined>): Env {
  const set = Object.fromEntries(Object.entries(variables).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ""));
  const parsed = schema.safeParse(set);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`${String(issue?.path[0])} ${issue?.message}.`);
  }
  const { TAPE_URL, TAPE_TOKEN, HOST, PORT } = parsed.data;
  return {
    remote: TAPE_URL === undefined ? null : { url: TAPE_URL, token: TAPE_TOKEN },
    consoleUrl: `http://${reachable(HOST)}:${PORT}`,
    actor: `cli:${userName()}@${os.hostname()}`,
    variables: set,
  };
}

/** An address to listen on is not always one to go to. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return "unknown";
  }
}

/** What this process was started with. */
export function processVariables(): Record<string, string | undefined> {
  return process.env;
}
