// Chaos for as long as one likes: npm run chaos -- --minutes 30 --runs 500 --seed 1
import { parseArgs } from "node:util";
import { describe, storm } from "./storm.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "30" }, runs: { type: "string", default: "500" }, seed: { type: "string" } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);
let told = 0;
const ended = await storm({
  seed,
  ms: Number(values.minutes) * 60_000,
  runs: Number(values.runs),
  tell: (line) => {
    if (performance.now() - told < 30_000) return;
    told = performance.now();
    console.log(line);
  },
});
console.log(describe(ended));
for (const wrong of ended.wrongs) console.log(wrong);
process.exitCode = ended.wrongs.length > 0 ? 1 : 0;
