import { writeFile } from "node:fs/promises";
import { getGate, getRun, readJournal } from "@tape/store";
import { ask } from "../src/ask.ts";
import { tokenOf } from "../src/people.ts";
import { openGate, openGates, startTestRun, untilStatus } from "../src/runs.ts";
import { until } from "../src/until.ts";
import { button, decide, openCard } from "./decide.ts";
import { expect, test } from "./fixtures.ts";
import { readRows } from "./timeline.ts";

test("G4 two gates open in one run, decided in reverse order from two tabs: each resumes its own await", async ({ page, context, town }) => {
  const { system } = town;
  const runId = await startTestRun(system, "two-gates", { pair: "the G4 pair" });
  const gates = await openGates(system, runId, 2);
  const idOf = (name: string) => gates.find((gate) => gate.name === name)?.id ?? "";
  const other = await context.newPage();
  await openCard(page, idOf("left"));
  await openCard(other, idOf("right"));

  await decide(other, "Approve", "the later one first");
  await until("the right side went on alone", async () => {
    const { items } = await readJournal(system.store, { runId, fromSeq: 0, limit: 100 });
    return items.some((entry) => entry.kind === "effect" && entry.verb === "confirmed" && entry.payload.key.includes("/go-right/"));
  });
  await untilStatus(system, runId, "WAITING");
  expect((await getGate(system.store, { id: idOf("left") })).status).toBe("OPEN");
  await expect(button(page, "Approve")).toBeEnabled();

  await decide(page, "Approve", "and the first one last");
  await untilStatus(system, runId, "COMPLETED");
  expect((await getRun(system.store, { id: runId })).output).toEqual({ left: "and the first one last", right: "the later one first" });
  await page.goto(`/runs/${runId}`);
  const rows = await readRows(page);
  expect(rows.findIndex((row) => row.includes("Went right with “the later one first”"))).toBeLessThan(rows.findIndex((row) => row.includes("Went left with “and the first one last”")));
});

test("G5 a decision on words that are no longer what is asked is refused with 409, resumes nothing, and the card says that they changed", async ({ page, errors, town }, info) => {
  errors.allow(/status of 409/);
  const { system, url } = town;
  const file = info.outputPath("amount.txt");
  await writeFile(file, "100.00");
  const runId = await startTestRun(system, "may-change", { file });
  const asked = await openGate(system, runId);
  const token = await tokenOf(system, "operator");

  await test.step("a fingerprint that is not the card's", async () => {
    const stale = "0".repeat(64);
    await page.route(`**/api/v1/gates/${asked.id}/decision`, async (route) => {
      const shown = route.request().postDataJSON() as object;
      await route.continue({ postData: { ...shown, fingerprint: stale } });
    });
    await openCard(page, asked.id);
    const [answer] = await Promise.all([page.waitForResponse(/\/decision$/), decide(page, "Approve")]);
    expect(answer.status()).toBe(409);
    expect(await answer.json()).toMatchObject({ error: { code: "fingerprint_mismatch" } });
    await expect(page.getByLabel("The card").getByRole("alert")).toContainText("has changed since you opened it");
    expect(await getGate(system.store, { id: asked.id })).toMatchObject({ status: "OPEN", decisions: [] });
    await page.unroute(`**/api/v1/gates/${asked.id}/decision`);
  });

  await test.step("the run asks for something else now: the old card is withdrawn, a new one asks again", async () => {
    await writeFile(file, "900.00");
    // What a driver remembers is not asked again: another one replays.
    await town.replaceWorker("e2e");
    const redriven = await ask("POST", `/api/v1/runs/${runId}/redrive`, { url, token, body: { reason: "the amount was corrected" } });
    expect(redriven.status).toBe(200);
    const fresh = await until("another gate is open", async () => {
      const gate = await openGate(system, runId);
      return gate.id !== asked.id && gate;
    });
    expect(fresh.fingerprint).not.toBe(asked.fingerprint);
    await expect(page.getByLabel("The card")).toContainText(/withdrawn|changed/i);
    const late = await ask("POST", `/api/v1/gates/${asked.id}/decision`, { url, token, body: { outcome: "approved", fingerprint: asked.fingerprint } });
    expect(late.status).toBe(409);
    await untilStatus(system, runId, "WAITING");
    const { items } = await readJournal(system.store, { runId, fromSeq: 0, limit: 100 });
    expect(items.filter((entry) => entry.kind === "effect")).toEqual([]);

    await openCard(page, fresh.id);
    await expect(page.getByRole("heading", { name: "Release 900.00 EUR" })).toBeVisible();
    await decide(page, "Approve");
    await untilStatus(system, runId, "COMPLETED");
    expect((await getRun(system.store, { id: runId })).output).toBe("900.00");
  });
});

test("two people approve the same gate: the second one sees by whom and when", async ({ page, signedIn, errors, town }) => {
  errors.allow(/status of 409/);
  const { system } = town;
  const runId = await startTestRun(system, "waiting", { n: 9001 });
  const gate = await openGate(system, runId);
  const second = await signedIn("approver");
  await openCard(page, gate.id);
  await openCard(second, gate.id);
  // The second one's question is open, and the news of the first decision does not come in time.
  await second.route("**/api/v1/gates/*/decision", async (route) => {
    await decide(page, "Approve", "first");
    await route.continue();
  });
  await decide(second, "Reject", "second");
  await expect(second.getByLabel("The card").getByRole("alert")).toContainText(/Already approved by owner/i);
  await expect(second.getByLabel("The card")).toContainText(/approved by owner/i);
  await expect(second.getByLabel("The card").locator("time").last()).toBeVisible();
  await untilStatus(system, runId, "COMPLETED");
  expect((await getGate(system.store, { id: gate.id })).decisions).toMatchObject([{ outcome: "approved", comment: "first" }]);
});
