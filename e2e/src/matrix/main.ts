// Kills a worker at every boundary of a run that uses every primitive, one after the other, and counts:
// npm run matrix [-- --from 1 --to 320 --every 1 --side-by-side 3]
import { parseArgs } from "node:util";
import { withServer } from "../database.ts";
import { killAtEach, kindOf, undisturbed } from "./matrix.ts";

const { values } = parseArgs({ options: { from: { type: "string", default: "1" }, to: { type: "string" }, every: { type: "string", default: "1" }, "side-by-side": { type: "string", default: "3" } } });
const began = performance.now();

await withServer(async () => {
  const model = await undisturbed();
  const { boundaries } = model;
  const kinds = new Set(boundaries.map(kindOf));
  console.log(`${boundaries.length} boundaries of ${kinds.size} kinds: ${[...kinds].join("; ")}`);
  const last = values.to === undefined ? boundaries.length : Number(values.to);
  const numbers: number[] = [];
  for (let at = Number(values.from); at <= last; at += Number(values.every)) numbers.push(at);
  let done = 0;
  const all = await killAtEach(model, numbers, {
    sideBySide: Number(values["side-by-side"]),
    onKilled: ({ at, boundary, died, wrongs }) => {
      done += 1;
      if (wrongs.length > 0) console.log(`boundary ${at}, ${boundary}: ${wrongs.join("; ")}`);
      else if (done % 20 === 0) console.log(`${done} of ${numbers.length}; the last one ${at}, ${died ? boundary : "not reached"}`);
    },
  });
  const wrong = all.filter(({ wrongs }) => wrongs.length > 0);
  console.log(`killed at ${all.filter(({ died }) => died).length} boundaries, ${all.filter(({ died, wrongs }) => !died && wrongs.length === 0).length} were not reached, ${wrong.length} ended wrong; ${Math.round((performance.now() - began) / 1000)} s`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
});
