import { existsSync } from "node:fs";
import path from "node:path";
import { packages, ROOT } from "./packages.mjs";
import { findStraySql } from "./sql.mjs";

const BIN = path.resolve(import.meta.dirname, "../../node_modules/.bin");
const tool = (name) => path.join(BIN, process.platform === "win32" ? `${name}.cmd` : name);

/** The slowest first, so that no long one is left for the end. */
export async function checks() {
  const typed = (await packages()).filter(({ folder }) => existsSync(path.join(ROOT, folder, "tsconfig.json")));
  return [
    { name: "lint", command: tool("oxlint"), args: ["--type-aware", "--deny-warnings", "-f", "unix"], cwd: ROOT, env: { OXLINT_TSGOLINT_PATH: tool("tsgolint") } },
    ...typed.map(({ folder }) => typesOf(folder)),
    { name: "unused", command: tool("knip"), args: ["--config", ".knip.json", "--no-progress", "--no-config-hints"], cwd: ROOT },
    { name: "boundaries", command: tool("turbo"), args: ["boundaries", "--no-color"], cwd: ROOT, env: { TURBO_TELEMETRY_DISABLED: "1" } },
    { name: "versions", command: tool("sherif"), args: [], cwd: ROOT },
    { name: "sql", work: findStraySql },
  ];
}

/** What was found is kept, so that the next time only what changed is looked at. */
function typesOf(folder) {
  const known = path.join(folder, "node_modules/.cache/tape/types.tsbuildinfo");
  const args = ["-p", folder, "--noEmit", "--incremental", "--tsBuildInfoFile", known, "--pretty", "false"];
  return { name: `types ${folder}`, command: tool("tsc"), args, cwd: ROOT };
}
