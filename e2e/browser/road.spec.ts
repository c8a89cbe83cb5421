import { writeFile } from "node:fs/promises";
import { centsOf, paymentsCsv } from "../src/payments.ts";
import { untilStatus, wiresOf } from "../src/runs.ts";
import { until } from "../src/until.ts";
import { expect, test } from "./fixtures.ts";
import { countRows, readRows } from "./timeline.ts";

const ROWS = 24;

test("the whole road: in by the link, a batch from a file, approved by keyboard, its worker killed, each payment once", async ({ stranger: page, town }, info) => {
  test.setTimeout(120_000);
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
    await town.worker("demo").kill();
    expect((await system.ledger()).length).toBeLessThan(ROWS);
    await town.replaceWorker("demo");
    await untilStatus(system, runId, "COMPLETED", 60_000);
    await expect(page.getByTestId("headline")).toContainText("Completed");
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
});

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
