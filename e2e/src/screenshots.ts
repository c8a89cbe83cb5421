// npm run screenshots -- <folder>: every screen of a running Tape, light and dark, wide and narrow; and the README's picture.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "@playwright/test";
import { decideGate } from "@tape/store";
import { launchBrowser, ownersPage } from "./browser.ts";
import { withServer } from "./database.ts";
import { furnish } from "./furnish.ts";
import { paymentsCsv } from "./payments.ts";
import { REPOSITORY } from "./process.ts";
import { openGate, startBatch, untilStatus } from "./runs.ts";
import { open, screensOf, useTheme } from "./screens.ts";
import { openTown, type Town } from "./town.ts";
import { until } from "./until.ts";

const SIZES = [{ width: 1440, height: 900 }, { width: 360, height: 740 }];
const PICTURE = path.join(REPOSITORY, ".github/run-page.png");

async function shootScreens(browser: Browser, town: Town, folder: string, only: string | undefined): Promise<void> {
  const screens = screensOf(await furnish(town)).filter(({ name }) => only === undefined || name.includes(only));
  for (const viewport of SIZES) {
    const page = await ownersPage(browser, town, { viewport, hasTouch: viewport.width < 640 });
    for (const screen of screens) {
      await open(page, screen);
      for (const theme of ["light", "dark"] as const) {
        await useTheme(page, theme);
        await page.screenshot({ path: path.join(folder, `${screen.name}-${theme}-${viewport.width}.png`) });
      }
    }
    await page.context().close();
  }
}

/** A batch from its file to its last wire, with somebody who took a few seconds to approve it. */
async function shootPicture(browser: Browser, town: Town): Promise<void> {
  const { system } = town;
  const runId = await startBatch(system, await paymentsCsv("payments-200.csv", 9), { file: "invoices-week-47.csv", limit: "2000.00", delayMs: 250 });
  const gate = await openGate(system, runId);
  const openedMs = Date.parse(gate.openedAt);
  await until("somebody has read the card", () => Date.now() - openedMs > 9_000);
  await decideGate(system.store, { id: gate.id, outcome: "approved", fingerprint: gate.fingerprint, comment: "Checked against the purchase orders.", actor: { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } });
  await untilStatus(system, runId, "COMPLETED", 60_000);
  const page = await ownersPage(browser, town, { viewport: { width: 1440, height: 690 }, colorScheme: "light" });
  await open(page, { name: "run", path: `/runs/${runId}` });
  await mkdir(path.dirname(PICTURE), { recursive: true });
  await page.screenshot({ path: PICTURE });
  await page.context().close();
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: "string" }, picture: { type: "boolean", default: false } } });
  const [folder] = positionals;
  if (folder === undefined && !values.picture) throw new Error("Say where the screenshots go: npm run screenshots -- <folder> [--only <name>], or --picture for the README's alone.");
  await withServer(async () => {
    const town = await openTown();
    const browser = await launchBrowser();
    try {
      if (values.only === undefined) await shootPicture(browser, town);
      if (folder !== undefined) await shootScreens(browser, town, path.resolve(folder), values.only);
    } finally {
      await browser.close();
      await town.close();
    }
  });
}

await main();
