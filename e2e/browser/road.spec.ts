import type { Page } from "@playwright/test";
import { writeFile } from "node:fs/promises";
import { centsOf, paymentsCsv } from "../src/payments.ts";
import { startBatch, untilSettled, untilStatus, wiresOf } from "../src/runs.ts";
import { until } from "../src/until.ts";
import { expect, test } from "./fixtures.ts";
import { countRows, readRows } from "./timeline.ts";

const ROWS = 24;

test("V4 the whole road: in by the link, a batch from a file, approved by keyboard, its worker killed, each payment once; another one cancelled and taken back", async ({ stranger: page, town }, info) => {
  test.setTimeout(180_000);
  const { system } = town;
  const csv = await paymentsCsv("payments-200.csv", ROWS);
  const file = info.outputPath("week-47.csv");
  await writeFile(file, csv);

  await test.step("sign in by the printed link", async () => {
    await page.goto(await town.link());
    await expect(page).toHaveURL(`${town.url}/runs`);
    await expect(page.getByTestId("live")).toHaveText("live");
  });

  const runId = await test.step("start a batch with a CSV file", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.getByRole("link", { name: /Pay a batch of invoices/ }).click();
    await page.locator('input[type="file"]').setInputFiles(file);
    await expect(page.getByText(`${ROWS + 1} lines`)).toBeVisible();
    await page.getByRole("textbox", { name: "Pause" }).fill("120");
    await page.getByRole("button", { name: "Start the run" }).click();
    await page.waitForURL(/\/runs\/run_/);
    return new URL(page.url()).pathname.split("/").at(-1) ?? "";
  });

  await test.step("the run page says what it waits for", async () => {
    await expect(page.getByTestId("headline")).toContainText(/approv/i);
    await expect(page).toHaveTitle(/pay-batch/);
    expect(await system.ledger()).toEqual([]);
  });
  const before = await countRows(page);

  await test.step("approve with the keyboard alone", async () => {
    const card = page.getByRole("link", { name: "Open the card" });
    await card.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/inbox\/gate_/);
    const question = page.getByRole("dialog", { name: "Approve" });
    // A card that has only just come takes no key for a moment.
    await expect(async () => {
      await page.keyboard.press("a");
      await expect(question).toBeVisible({ timeout: 300 });
    }).toPass();
    const sum = centsOf(csv).reduce((total, cents) => total + cents, 0) / 100;
    await expect(question).toContainText(sum.toLocaleString("en-US", { minimumFractionDigits: 2 }));
    await page.keyboard.press("Enter");
    await expect(question).toBeHidden();
    await expect(page.getByText("It is closed.")).toBeVisible();
  });

  await test.step("kill the worker in the middle; another one carries on", async () => {
    await page.goto(`/runs/${runId}`);
    await until("some wires are booked", async () => (await system.ledger()).length >= 5);
    await expect.poll(() => countRows(page)).toBeGreaterThan(before + 3);
    const bar = barOf(page);
    const shown = await barAt(page);
    await expect.poll(() => barAt(page)).toBeGreaterThan(shown);
    await expect(bar).toHaveAttribute("aria-valuemax", String(ROWS));
    const watch = await watchBar(page);
    await town.worker("demo").kill();
    expect((await system.ledger()).length).toBeLessThan(ROWS);
    await town.replaceWorker("demo");
    await untilStatus(system, runId, "COMPLETED", 60_000);
    await expect(page.getByTestId("headline")).toContainText("Completed");
    // It never ran backwards, not even when the batch was driven again, and it shows its last value.
    await expect(bar).toHaveAttribute("aria-valuenow", String(ROWS));
    const values = await watch();
    expect(values).toEqual([...values].sort((a, b) => a - b));
    await page.reload();
    await expect(bar).toHaveAttribute("aria-valuenow", String(ROWS));
  });

  await test.step("each payment once, under the key of the journal", async () => {
    const ledger = await system.ledger();
    const wires = await wiresOf(system, runId);
    expect(wires.map(({ status }) => status)).toEqual(Array(ROWS).fill("CONFIRMED"));
    expect(ledger.map(({ key }) => key).sort()).toEqual(wires.map(({ key }) => key).sort());
    const cents = ledger.map(({ amount }) => Math.round(Number(amount.amount) * 100));
    expect(cents.sort((a, b) => a - b)).toEqual(centsOf(csv).sort((a, b) => a - b));
    const rows = await readRows(page);
    expect(rows.filter((row) => row.includes("Wired"))).toHaveLength(ROWS);
    expect(rows.some((row) => /approved/i.test(row))).toBe(true);
  });

  const other = await test.step("cancel another batch in the middle, and read what becomes of it", async () => {
    const id = await startBatch(system, await paymentsCsv("payments-200.csv", 12), { file: "week-48.csv", limit: "99999999.00", delayMs: 700 });
    await page.goto(`/runs/${id}`);
    await expect.poll(() => barAt(page)).toBeGreaterThanOrEqual(3);
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel pay-batch" });
    await expect(dialog).toContainText("Nothing is taken back");
    await page.keyboard.type("The supplier sent a corrected list.");
    await page.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
    const story = page.getByRole("region", { name: "Cancellation" });
    await expect(story).toContainText("The supplier sent a corrected list.");
    await untilSettled(system, id);
    await expect(story.getByRole("listitem")).toHaveCount(3);
    await expect(story).toContainText("Settled");
    await expect(story).toContainText("Cancelling does not take back what was done");
    return id;
  });

  await test.step("open its plan and compensate", async () => {
    const wires = (await wiresOf(system, other)).filter(({ status }) => status === "CONFIRMED");
    expect(wires.length).toBeGreaterThanOrEqual(3);
    expect(wires.length).toBeLessThan(12);
    await page.getByRole("link", { name: "See what compensating would do" }).click();
    await expect(page).toHaveURL(new RegExp(`/runs/${other}/compensation`));
    const reversals = page.getByRole("list", { name: "Reversals, in order" }).getByRole("listitem");
    await expect(reversals).toHaveCount(wires.length);
    await page.getByRole("button", { name: new RegExp(`^Compensate ${wires.length} effects, `) }).click();
    const dialog = page.getByRole("dialog", { name: "Compensate pay-batch" });
    await expect(dialog).toContainText(`${wires.length} effects are undone`);
    await page.keyboard.type("Paid from the wrong list.");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("headline")).toContainText("everything is undone", { timeout: 30_000 });
    const undone = page.getByRole("progressbar", { name: "undone" });
    await expect(undone).toHaveAttribute("aria-valuenow", String(wires.length));
    await expect(page.getByText("came back")).toBeVisible();
    await untilStatus(system, other, "COMPENSATED");
  });

  await test.step("the ledger, line by line: each wire of it is taken back once, the newest first, and nothing else is", async () => {
    const ledger = await system.ledger();
    const wires = await wiresOf(system, other);
    const own = ledger.filter(({ key, reverses }) => reverses === undefined && wires.some((wire) => wire.key === key));
    const back = ledger.filter(({ reverses }) => reverses !== undefined);
    expect(back.map(({ reverses }) => reverses)).toEqual(own.map(({ id }) => id).reverse());
    expect(back.map(({ amount }) => amount)).toEqual(own.map(({ amount }) => amount).reverse());
    expect(new Set(back.map(({ key }) => key))).toEqual(new Set(own.map(({ key }) => `${key}/undo/1`)));
  });
});

const barOf = (page: Page) => page.getByRole("progressbar").first();

/** Where the bar stands; 0 while there is none. */
async function barAt(page: Page): Promise<number> {
  return Number((await barOf(page).getAttribute("aria-valuenow", { timeout: 1_000 }).catch(() => null)) ?? 0);
}

/** Notes every value that the bar shows from here on; the answer gives them, in order. */
async function watchBar(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const shown: number[] = [];
    Object.assign(window, { shown });
    new MutationObserver(() => {
      const now = Number(document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow") ?? 0);
      if (now > 0 && shown.at(-1) !== now) shown.push(now);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  return () => page.evaluate(() => (window as unknown as { shown: number[] }).shown);
}

test("a sign-in link works once, and says so kindly the second time", async ({ stranger, browser, town }) => {
  const link = await town.link();
  await stranger.goto(link);
  await expect(stranger).toHaveURL(`${town.url}/runs`);
  // Whoever is signed in wanted to get here anyway.
  await stranger.goto(link);
  await expect(stranger).toHaveURL(`${town.url}/runs`);

  const late = await browser.newPage();
  const answer = await late.goto(link);
  expect(answer?.status()).toBe(410);
  await expect(late.getByRole("heading", { name: "This link no longer works" })).toBeVisible();
  await expect(late.getByText("npm run -s tape -- sign-in")).toBeVisible();
  await late.close();
});
