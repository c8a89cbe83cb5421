import { existsSync } from "node:fs";
import path from "node:path";
import { SILENT } from "./environment.mjs";
import { DEMO, ROOT, short, STATE, WEB } from "./place.mjs";
import { Trouble } from "./trouble.mjs";

/** Tape's processes in the order they are to be stopped in, and the environment they share. */
export function planServices({ host, port, config, isDemo }, databaseUrl) {
  const env = {
    ...process.env,
    ...SILENT,
    NODE_ENV: "production",
    DATABASE_URL: databaseUrl,
    HOST: host,
    PORT: String(port),
    TAPE_CONFIG: config,
    TAPE_DIR: STATE,
  };
  const plan = [
    { name: "worker", cwd: path.join(ROOT, "apps/worker"), main: "src/main.ts", graceMs: 60_000 },
    { name: "web", cwd: WEB, main: "server/main.ts", graceMs: 8_000 },
    ...(isDemo ? [{ name: "bank", cwd: DEMO, main: "src/bank/main.ts", graceMs: 3_000 }] : []),
  ];
  for (const { cwd, main } of plan) {
    const file = path.join(cwd, main);
    if (!existsSync(file)) throw new Trouble(`${short(file)} is missing: get the whole repository, then run npm start.`);
  }
  return { plan: plan.map((service) => ({ ...service, env })), env };
}
