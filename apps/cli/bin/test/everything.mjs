import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { tsImport } from "tsx/esm/api";
import { buildScreens } from "../start/build.mjs";
import { SILENT } from "../start/environment.mjs";
import { paint, say } from "../start/terminal.mjs";
import { packagesWithTests, runPlaywright, runVerify, runVitest } from "./suites.mjs";

/** Suites of packages at once; the rest of the processors is theirs to share. */
const AT_ONCE = 2;

/** Runs every suite and says a line for each. Those of packages share one database server; those from outside run alone. */
export async function runEverything({ chromium }) {
  const { startTestServer } = await tsImport("@tape/prisma/testing", import.meta.url);
  const reports = await mkdtemp(path.join(tmpdir(), "tape-reports-"));
  const given = process.env.TAPE_TEST_DATABASE_URL;
  const server = given ? undefined : await startTestServer({ isDurable: false });
  const env = { ...process.env, ...SILENT, CHROMIUM_PATH: chromium, TAPE_TEST_DATABASE_URL: given ?? server.url, DATABASE_URL: "", TAPE_URL: "", TAPE_CONFIG: "" };
  const total = { passed: 0, failed: 0 };

  async function suite(name, work) {
    const began = performance.now();
    const { passed, failures } = await work().catch((error) => ({ passed: 0, failures: [{ title: name, detail: error.message }] }));
    total.passed += passed;
    total.failed += failures.length;
    const took = paint("dim", `${((performance.now() - began) / 1000).toFixed(1)} s`);
    const counts = failures.length > 0 ? paint("red", `${passed} passed, ${failures.length} failed,`) : `${passed} passed,`;
    say(`  ${failures.length > 0 ? paint("red", "✗") : paint("green", "✓")} ${name.padEnd(18)} ${counts} ${took}`);
    for (const { title, detail } of failures.filter(({ title }) => title)) say(`\n    ${paint("red", title)}\n${detail.replace(/^/gm, "      ")}\n`);
  }

  try {
    await suite("verify", () => runVerify({ env }));
    const queue = await packagesWithTests();
    const maxWorkers = Math.max(1, Math.floor(availableParallelism() / AT_ONCE));
    const take = async () => {
      for (let folder = queue.shift(); folder; folder = queue.shift()) {
        const mine = folder;
        await suite(mine, () => runVitest({ folder: mine, env, reports, maxWorkers }));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
    await suite("build", async () => (await buildScreens(() => {}), { passed: 1, failures: [] }));
    await suite("e2e", () => runVitest({ folder: "e2e", env, reports, limitMs: 12 * 60_000 }));
    await suite("e2e in a browser", () => runPlaywright({ env, reports }));
  } finally {
    await server?.stop();
    await rm(reports, { recursive: true, force: true });
  }
  return total;
}
