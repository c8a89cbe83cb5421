import type { Browser, Page } from "@playwright/test";
import { valueHistory } from "@tape/store";
import { ownersPage } from "../browser.ts";
import { startTestRun, untilStatus } from "../runs.ts";
import { open } from "../screens.ts";
import type { Town } from "../town.ts";
import { figureOf, type Figure } from "./figures.ts";

/** Between two moves of the bar (ms). */
const PACE_MS = 150;

/** From a progress being written (`at`, by the database, just before its commit) to the frame in which the bar stands there. */
export async function measureBar(browser: Browser, town: Town, samples: number): Promise<Figure> {
  const { system } = town;
  const runId = await startTestRun(system, "counting", { total: samples + 5, ms: PACE_MS });
  const page = await ownersPage(browser, town, { viewport: { width: 1280, height: 800 } });
  try {
    await open(page, { name: "run", path: `/runs/${runId}` });
    await page.getByRole("progressbar").first().waitFor();
    await watchBar(page);
    await untilStatus(system, runId, "COMPLETED", 120_000);
    await page.locator(`[role=progressbar][aria-valuenow="${samples + 5}"]`).first().waitFor();
    const seen = new Map(await page.evaluate(() => [...(window as unknown as { seen: Map<number, number> }).seen]));
    const { items } = await valueHistory(system.store, { namespace: `runs/${runId}`, key: "progress", limit: 200 });
    const took = items.flatMap(({ value, at }) => {
      const { done } = value as { done: number };
      const shownMs = seen.get(done);
      return shownMs === undefined ? [] : [shownMs - Date.parse(at)];
    });
    return figureOf("progress written to the bar moved", "ms", took);
  } finally {
    await page.context().close();
  }
}

/** Notes in the page when a frame is drawn in which the bar stands at a number for the first time. */
async function watchBar(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = new Map<number, number>();
    Object.assign(window, { seen });
    new MutationObserver(() =>
      requestAnimationFrame(() => {
        const atMs = performance.timeOrigin + performance.now();
        const now = Number(document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow"));
        if (now > 0 && !seen.has(now)) seen.set(now, atMs);
      }),
    ).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
}
