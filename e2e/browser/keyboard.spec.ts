import type { Page } from "@playwright/test";
import { getGate } from "@tape/store";
import { makeCards } from "../src/furnish.ts";
import { startSteps } from "../src/runs.ts";
import { askByKey } from "./decide.ts";
import { expect, test } from "./fixtures.ts";

const shown = (page: Page) => page.getByRole("article").getByRole("heading").first();

test("the inbox by keyboard: J and K move, A and R ask once more, Enter sends, ? lists the keys and switches them off", async ({ page, town }) => {
  const { store } = town.system;
  const titles = ["Pay the first card", "Pay the second card", "Pay the third card"];
  const [first = "", second = "", third = ""] = await makeCards(town.system, titles);
  await page.goto(`/inbox/${first}`);
  await expect(shown(page)).toHaveText("Pay the first card");
  await expect(page.getByTestId("live")).toHaveText("live");

  await page.keyboard.press("j");
  await expect(shown(page)).toHaveText("Pay the second card");
  await expect(page).toHaveURL(new RegExp(second));
  await page.keyboard.press("j");
  await expect(shown(page)).toHaveText("Pay the third card");
  await page.keyboard.press("k");
  await expect(shown(page)).toHaveText("Pay the second card");

  const question = await askByKey(page, "r");
  await expect(question.getByLabel("Comment")).toBeFocused();
  await page.keyboard.type("Ask again with a quote");
  await page.keyboard.press("Enter");
  await expect(question).toBeHidden();
  await expect(page.getByText("It is closed.")).toBeVisible();
  expect(await getGate(store, { id: second })).toMatchObject({ outcome: "rejected", comment: "Ask again with a quote" });
  // The selection stays with what was decided; the person moves on.
  await expect(shown(page)).toHaveText("Pay the second card");

  await page.keyboard.press("j");
  await expect(shown(page)).toHaveText("Pay the third card");
  const approve = await askByKey(page, "a");
  await page.keyboard.press("Escape");
  await expect(approve).toBeHidden();
  expect(await getGate(store, { id: third })).toMatchObject({ status: "OPEN" });

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  for (const label of ["Next card", "Previous card", "Approve (asks once more)", "Reject (asks once more)", "Go to the inbox"]) await expect(help.getByText(label)).toBeVisible();
  await help.getByText("Single-key shortcuts").click();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await page.keyboard.press("k");
  await page.keyboard.press("a");
  await expect(shown(page)).toHaveText("Pay the third card");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.reload();
  await expect(page.getByTestId("live")).toHaveText("live");
  await page.keyboard.press("k");
  await expect(shown(page)).toHaveText("Pay the third card");
  await page.evaluate(() => localStorage.clear());
});

test("a key held down or pressed on a card that has only just come decides nothing", async ({ page, town }) => {
  const [first = "", second = ""] = await makeCards(town.system, ["Pay with a steady hand", "Pay with a hasty hand"]);
  await page.goto(`/inbox/${first}`);
  await expect(page.getByTestId("live")).toHaveText("live");
  await page.keyboard.press("j");
  await page.keyboard.press("a");
  await page.keyboard.press("Enter");
  await expect(shown(page)).toHaveText("Pay with a hasty hand");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  for (const id of [first, second]) expect(await getGate(town.system.store, { id })).toMatchObject({ status: "OPEN" });
});

test("runs by keyboard: J and K move between rows, Enter opens one, / searches", async ({ page, town }) => {
  await Promise.all([startSteps(town.system, { steps: 1 }), startSteps(town.system, { steps: 1 })]);
  await page.goto("/runs");
  await expect(page.getByTestId("live")).toHaveText("live");
  const rows = page.getByRole("table", { name: "Runs" }).getByRole("link");
  await page.keyboard.press("j");
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press("j");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("k");
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("j");
  await expect(page).toHaveURL(/q=j/);
  await page.goto("/runs");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/runs\/run_/);
});
