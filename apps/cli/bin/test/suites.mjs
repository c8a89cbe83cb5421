import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../start/place.mjs";
import { readPlaywright, readVitest } from "./report.mjs";
import { runNode } from "./run.mjs";

const MINUTE_MS = 60_000;

/** Folders of packages that have vitest tests; the tests from outside come by themselves. */
export async function packagesWithTests() {
  const groups = await Promise.all(["packages", "apps"].map(async (group) => (await readdir(path.join(ROOT, group))).map((name) => `${group}/${name}`)));
  const folders = ["prisma", ...groups.flat()];
  const tested = await Promise.all(
    folders.map(async (folder) => {
      const manifest = await readFile(path.join(ROOT, folder, "package.json"), "utf8").catch(() => "{}");
      return JSON.parse(manifest).scripts?.test?.startsWith("vitest") ? folder : undefined;
    }),
  );
  return tested.filter(Boolean);
}

export async function runVerify({ env }) {
  const ended = await runNode({ name: "verify", args: ["packages/config/bin/verify.mjs"], cwd: ROOT, env, limitMs: 5 * MINUTE_MS });
  const [, passed = "0", failed = "0"] = /(\d+) checks passed, (\d+) failed/.exec(ended.output) ?? [];
  const isGood = ended.code === 0;
  return { passed: Number(passed), failures: isGood ? [] : Array.from({ length: Math.max(1, Number(failed)) }, (_, index) => (index === 0 ? { title: "verify", detail: ended.output.trim() } : { title: "" })) };
}

export async function runVitest({ folder, env, reports, maxWorkers, limitMs = 10 * MINUTE_MS }) {
  const file = path.join(reports, `${folder.replaceAll("/", "-")}.json`);
  const cwd = path.join(ROOT, folder);
  const args = ["node_modules/vitest/vitest.mjs", "run", "--passWithNoTests", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const ended = await runNode({ name: folder, args: maxWorkers ? [...args, `--maxWorkers=${maxWorkers}`] : args, cwd, env, limitMs });
  return await readVitest(file, ended);
}

export async function runPlaywright({ env, reports }) {
  const cwd = path.join(ROOT, "e2e");
  if (!existsSync(path.join(cwd, "playwright.config.ts"))) return { passed: 0, failures: [] };
  const file = path.join(reports, "playwright.json");
  const args = ["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"];
  const ended = await runNode({ name: "playwright", args, cwd, env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file }, limitMs: 10 * MINUTE_MS });
  return await readPlaywright(file, ended);
}
