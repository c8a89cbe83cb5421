import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { furnish, type Furniture } from "../src/furnish.ts";
import { open, screensOf, useTheme } from "../src/screens.ts";
import { expect, test as base } from "./fixtures.ts";
import { timeline } from "./timeline.ts";

/** A console in use, furnished once for the tests of this file. */
const test = base.extend<object, { furniture: Furniture }>({
  furniture: [async ({ town }, use) => use(await furnish(town)), { scope: "worker", timeout: 120_000 }],
});

test.describe.configure({ timeout: 400_000 });

/** What axe finds, in words. */
async function violations(axe: AxeBuilder): Promise<string[]> {
  const found = await axe.analyze();
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(" ")} ${failureSummary}`).join(" | ")}`);
}

test("every screen is accessible by the rules of axe, in both themes", async ({ page, errors, furniture }) => {
  errors.allow(/status of 404/);
  for (const screen of screensOf(furniture)) {
    await open(page, screen);
    await useTheme(page, "light");
    expect.soft(await violations(new AxeBuilder({ page })), `${screen.name}, light`).toEqual([]);
    await useTheme(page, "dark");
    // The theme changes colours and nothing else.
    expect.soft(await violations(new AxeBuilder({ page }).withRules(["color-contrast"])), `${screen.name}, dark`).toEqual([]);
  }
});

/** What stands out over the right edge, or has to be pushed sideways to be read. Code and the row of filters may be. */
function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const clips = (element: Element) => getComputedStyle(element).overflowX !== "visible";
    const nameOf = (element: Element) => `${element.tagName.toLowerCase()}.${element.className.toString().slice(0, 60)}: ${(element.textContent ?? "").slice(0, 40)}`;
    const found: string[] = [];
    if (document.documentElement.scrollWidth > width) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      const { overflowX } = getComputedStyle(element);
      if ((overflowX === "auto" || overflowX === "scroll") && element.scrollWidth > element.clientWidth + 1) {
        if (!element.matches("pre, code") && element.querySelector('[aria-label="Show only"]') === null) found.push(`scrolls sideways: ${nameOf(element)}`);
      }
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.right <= width + 1) continue;
      let around = element.parentElement;
      while (around !== null && !clips(around)) around = around.parentElement;
      if (around === null) found.push(`stands out: ${nameOf(element)}`);
    }
    return found;
  });
}

test("no screen has to be pushed sideways at 360 px", async ({ page, errors, furniture }) => {
  errors.allow(/status of 404/);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const screen of screensOf(furniture)) {
    await open(page, screen);
    expect.soft(await sideways(page), screen.name).toEqual([]);
  }
});

for (const width of [360, 1440]) {
  test(`every amount of the card is visible without a push at ${width} px`, async ({ page, furniture }) => {
    await page.setViewportSize({ width, height: 900 });
    await open(page, { name: "inbox-card", path: `/inbox/${furniture.waitingGate}` });
    const card = page.getByLabel("The card");
    for (const figure of ["1,240.00", "3,875.25", "640.75", "11,900.00"]) {
      const amount = card.getByText(figure).filter({ visible: true }).last();
      await amount.scrollIntoViewIfNeeded();
      const isWhole = await amount.evaluate((element) => {
        const box = element.getBoundingClientRect();
        for (let around = element.parentElement; around !== null; around = around.parentElement) {
          const { left, right } = around.getBoundingClientRect();
          if (getComputedStyle(around).overflowX !== "visible" && (box.left < left || box.right > right + 1 || around.scrollLeft > 0)) return false;
        }
        return true;
      });
      expect.soft(isWhole, `${figure} at ${width} px`).toBe(true);
    }
  });
}

test("a reload keeps what the address says: filters of the list, the row that is open, the tab of the inbox", async ({ page, furniture }) => {
  await page.goto("/runs");
  await page.getByRole("button", { name: "Status", exact: true }).click();
  await page.getByRole("menuitemcheckbox", { name: "Stuck" }).or(page.getByRole("menuitemcheckbox", { name: /stuck/i })).first().click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/status=STUCK/);
  const rows = page.getByRole("table", { name: "Runs" }).getByRole("link");
  await expect(rows).toHaveCount(2);
  await page.reload();
  await expect(rows).toHaveCount(2);
  await expect(page.getByRole("button", { name: "Clear the filter Status" })).toBeVisible();

  await page.goto(`/runs/${furniture.approved}`);
  await timeline(page).getByRole("button", { name: /Wired .* to Acme/ }).click();
  const drawer = page.getByRole("complementary").or(page.getByRole("dialog")).first();
  await expect(drawer).toContainText("Request");
  await expect(page).toHaveURL(/item=/);
  await page.getByRole("button", { name: /^Effects/ }).click();
  await expect(page).toHaveURL(/show=effects/);
  await page.reload();
  await expect(drawer).toContainText("Request");
  await expect(page.getByRole("button", { name: /^Effects/ })).toHaveAttribute("aria-pressed", "true");

  await page.goto("/inbox");
  await page.getByRole("link", { name: "History" }).click();
  // Until the tab has changed, the rows are those of the open gates.
  await expect(page).toHaveURL(/tab=history/);
  await page.getByRole("link", { name: /week-46|Pay 5 invoices/ }).first().click();
  await expect(page).toHaveURL(/\/inbox\/gate_.*tab=history/);
  await page.reload();
  await expect(page.getByLabel("The card")).toContainText("Checked against the purchase orders.");
});

test("an address of something that is not here says so, inside the console", async ({ page, errors, signedIn }) => {
  errors.allow(/status of 404/);
  for (const path of ["/runs/run_01ARZ3NDEKTSV4RRFFQ69G5FAV", "/runs/nonsense", "/inbox/gate_01ARZ3NDEKTSV4RRFFQ69G5FAV"]) {
    await page.goto(path);
    await expect(page.getByText("Not found", { exact: true })).toBeVisible();
    await expect(page.getByRole("link", { name: "See all runs" })).toBeVisible();
    await expect(page.getByRole("navigation", { name: "Screens" })).toBeVisible();
  }
  const viewer = await signedIn("viewer");
  const answer = await viewer.goto("/no/such/page");
  expect(answer?.status()).toBe(404);
  await expect(viewer.getByRole("heading", { name: "There is no such page" })).toBeVisible();
});
