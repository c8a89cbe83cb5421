// npm run measure: what Tape costs on this machine. On real processes, a durable PostgreSQL and a real browser.
import { parseArgs } from "node:util";
import { launchBrowser } from "./browser.ts";
import { withServer } from "./database.ts";
import { measureBar } from "./measure/bar.ts";
import { measureCancel } from "./measure/cancel.ts";
import { measureClick } from "./measure/click.ts";
import { print, type Figure } from "./measure/figures.ts";
import { measureMemory } from "./measure/memory.ts";
import { measurePixel } from "./measure/pixel.ts";
import { measureStart } from "./measure/start.ts";
import { measureThroughput } from "./measure/throughput.ts";
import { measureTimers } from "./measure/timers.ts";
import { openTown } from "./town.ts";

const options = {
  /** Samples of what is measured one by one. */
  samples: { type: "string", default: "60" },
  /** Rounds of what is measured as a whole. */
  rounds: { type: "string", default: "5" },
  /** How long the processes are left alone before their memory is read (ms). */
  "idle-ms": { type: "string", default: "60000" },
  /** Timers that are due together. */
  timers: { type: "string", default: "1000" },
  /** One of throughput, memory, click, cancel, timers, pixel, bar, start; default all of them. */
  only: { type: "string" },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const [samples, rounds, idleMs] = [Number(values.samples), Number(values.rounds), Number(values["idle-ms"])];
  const wants = (name: string) => values.only === undefined || values.only === name;
  const figures: Figure[] = [];
  await withServer(async () => {
    if (wants("throughput")) for (const steps of [5, 40]) figures.push(await measureThroughput({ rounds, steps }));
    if (!["memory", "click", "cancel", "timers", "pixel", "bar"].some(wants)) return;
    const town = await openTown();
    const browser = await launchBrowser();
    try {
      if (wants("memory")) figures.push(...(await measureMemory(browser, town, idleMs)));
      if (wants("click")) figures.push(await measureClick(town, samples));
      if (wants("cancel")) figures.push(await measureCancel(town, samples));
      if (wants("timers")) figures.push(...(await measureTimers(town, Number(values.timers))));
      if (wants("pixel")) figures.push(await measurePixel(browser, town, samples));
      if (wants("bar")) figures.push(await measureBar(browser, town, samples));
    } finally {
      await browser.close();
      await town.close();
    }
  });
  if (wants("start")) figures.push(...(await measureStart(rounds)));
  print(figures);
}

await main();
