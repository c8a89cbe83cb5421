import path from "node:path";
import { DEMO, ROOT } from "./place.mjs";
import { Trouble } from "./trouble.mjs";

/** Nothing Tape starts calls home. */
export const SILENT = { NEXT_TELEMETRY_DISABLED: "1", TURBO_TELEMETRY_DISABLED: "1", CHECKPOINT_DISABLE: "1", DO_NOT_TRACK: "1" };

/** What the launcher takes from the environment. An empty variable is unset. */
export function readEnvironment(env = process.env) {
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Trouble(`PORT is ${env.PORT}: set it to a number from 1 to 65535.`);
  const host = env.HOST || "127.0.0.1";
  const isDemo = !env.TAPE_CONFIG;
  return {
    host,
    port,
    address: `http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host}:${port}`,
    databaseUrl: env.DATABASE_URL || undefined,
    /** Without a configuration of one's own the demo is what runs. */
    isDemo,
    config: isDemo ? path.join(DEMO, "tape.config.ts") : path.resolve(ROOT, env.TAPE_CONFIG),
  };
}
