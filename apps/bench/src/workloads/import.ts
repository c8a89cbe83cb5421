import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { percentile } from "../statistics.ts";
import { defineWorkload } from "../workload.ts";

const BENCH = path.resolve(import.meta.dirname, "../..");
const SCRIPT = 'const began = performance.now(); await import("@tape/sdk"); console.log(performance.now() - began);';

export const importSdk = defineWorkload({
  name: "import",
  what: "a new process that imports the SDK from source",
  figures: { sdkImportMs: { unit: "ms", better: "lower", target: 150, what: 'import "@tape/sdk", p50' } },
  sizes: { full: { processes: 10 }, tiny: { processes: 1 } },
  measure: async (_server, { processes }) => {
    await importOnce();
    const tookMs: number[] = [];
    for (let n = 0; n < processes; n++) tookMs.push(await importOnce());
    return { sdkImportMs: percentile(tookMs, 0.5) };
  },
});

async function importOnce(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", SCRIPT], { cwd: BENCH });
  return Number(stdout);
}
