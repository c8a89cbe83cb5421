// Writes src/generated from schema.prisma. Offline: the client needs no schema engine, so none is looked for.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";

const prisma = path.join(path.dirname(createRequire(import.meta.url).resolve("prisma/package.json")), "build/index.js");
const schema = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, "../schema.prisma"));

const { status } = spawnSync(process.execPath, [prisma, "generate", "--no-hints", "--schema", schema], {
  cwd: path.join(import.meta.dirname, ".."),
  stdio: "inherit",
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" },
});
process.exitCode = status ?? 1;
