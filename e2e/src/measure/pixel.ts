import type { Browser, Page } from "@playwright/test";
import { readJournal, sendSignal } from "@tape/store";
import { ownersPage } from "../browser.ts";
import { startSteps, untilStatus } from "../runs.ts";
import { open } from "../screens.ts";
import type { Town } from "../town.ts";
import { figureOf, type Figure } from "./figures.ts";

/** Between two steps (ms): each row is seen by itself. */
const PACE_MS = 150;

/**
 * From an entry being written (`at`, by the database, just before its commit) to the frame that shows its row, by the
 * clock of one machine.
 */
export async function measurePixel(browser: Browser, town: Town, samples: number): Promise<Figure> {
  const { system } = town;
  const runId = await startSteps(system, { steps: samples, ms: PACE_MS, waits: true });
  await untilStatus(system, runId, "WAITING");
  const page = await ownersPage(browser, town, { viewport: { width: 1280, height: 800 } });
  try {
    await open(page, { name: "run", path: `/runs/${runId}` });
    await watchRows(page);
    await sendSignal(system.store, { runId, name: "go", by: "measure" });
    await untilStatus(system, runId, "COMPLETED", 120_000);
    await page.getByText(`Step ${samples} of`).first().waitFor();
    const seen = new Map(await page.evaluate(() => [...(window as unknown as { seen: Map<number, number> }).seen]));
    const { items } = await readJournal(system.store, { runId, fromSeq: 0, limit: 5_000 });
    const written = items.flatMap((entry) => (entry.kind === "effect" && entry.verb === "intended" ? [Date.parse(entry.at)] : []));
    const took = written.flatMap((atMs, index) => (seen.has(index + 1) ? [(seen.get(index + 1) ?? 0) - atMs] : []));
    return figureOf("entry written to row on the screen", "ms", took);
  } finally {
    await page.context().close();
  }
}

/** Notes in the page when a frame is drawn that holds a step's row for the first time. */
async function watchRows(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = new Map<number, number>();
    Object.assign(window, { seen });
    // Without a name of its own for any function: what runs in the page is sent there as text.
    new MutationObserver(() =>
      requestAnimationFrame(() => {
        const atMs = performance.timeOrigin + performance.now();
        for (const [, n] of document.body.innerText.matchAll(/Step (\d+) of/g)) if (!seen.has(Number(n))) seen.set(Number(n), atMs);
      }),
    ).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}
