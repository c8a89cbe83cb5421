import type { Page } from "@playwright/test";
import type { Furniture } from "./furnish.ts";

export interface Screen {
  name: string;
  path: string;
  /** What to do on it to see the state that is meant. */
  act?(page: Page): Promise<void>;
  /** Without the frame of the console, and so without a connection. */
  isBare?: boolean;
}

/** Every screen, in each of the states that look different. */
export function screensOf(at: Furniture): Screen[] {
  return [
    { name: "runs", path: "/runs" },
    { name: "runs-none", path: "/runs?q=nothing-is-called-this" },
    { name: "run-approved", path: `/runs/${at.approved}` },
    { name: "run-waiting", path: `/runs/${at.waiting}` },
    { name: "run-slow", path: `/runs/${at.slow}` },
    { name: "run-stuck", path: `/runs/${at.stuck}` },
    { name: "run-details", path: `/runs/${at.approved}?details=1` },
    { name: "run-item", path: `/runs/${at.approved}?show=effects`, act: (page) => page.getByRole("button", { name: /Wired .* to Acme/ }).click() },
    { name: "run-redrive", path: `/runs/${at.waiting}`, act: (page) => page.getByRole("button", { name: "Redrive", exact: true }).click() },
    { name: "inbox", path: "/inbox" },
    { name: "inbox-card", path: `/inbox/${at.waitingGate}` },
    { name: "inbox-question", path: `/inbox/${at.waitingGate}`, act: (page) => page.getByRole("button", { name: /^Approve/ }).click() },
    { name: "inbox-history", path: `/inbox/${at.approvedGate}?tab=history` },
    { name: "desk", path: "/desk" },
    { name: "desk-settle", path: "/desk", act: (page) => page.getByRole("button", { name: "Settle", exact: true }).click() },
    { name: "run-cancelled", path: `/runs/${at.cancelled}` },
    { name: "run-cancel", path: `/runs/${at.slow}`, act: (page) => page.getByRole("button", { name: "Cancel", exact: true }).click() },
    { name: "plan", path: `/runs/${at.cancelled}/compensation` },
    { name: "plan-compensate", path: `/runs/${at.cancelled}/compensation`, act: (page) => page.getByRole("button", { name: /^Compensate \d/ }).click() },
    { name: "walk-stuck", path: `/runs/${at.walkStuck}/compensation` },
    { name: "run-compensated", path: `/runs/${at.compensated}` },
    { name: "walk-done", path: `/runs/${at.compensated}/compensation` },
    { name: "run-escalated", path: `/runs/${at.escalated}` },
    { name: "run-timers", path: `/runs/${at.waiting}/timers` },
    { name: "inbox-more-time", path: `/inbox/${at.waitingGate}`, act: (page) => page.getByRole("button", { name: "More time" }).click() },
    { name: "values", path: "/values" },
    { name: "values-keys", path: "/values?namespace=rates%2Fecb" },
    { name: "value", path: "/values?namespace=rates%2Fecb&key=EUR-USD" },
    { name: "value-edit", path: "/values?namespace=rates%2Fecb&key=EUR-USD", act: (page) => page.getByRole("button", { name: "Edit" }).click() },
    { name: "start", path: "/start" },
    { name: "start-agent", path: "/start?agent=pay-batch" },
    { name: "run-missing", path: "/runs/run_01ARZ3NDEKTSV4RRFFQ69G5FAV" },
    { name: "page-missing", path: "/nothing/here", isBare: true },
    { name: "signed-out", path: "/signed-out", isBare: true },
  ];
}

/** Opens one of them and waits until it is whole: live, and its typeface there. */
export async function open(page: Page, { path, act, isBare = false }: Screen): Promise<void> {
  await page.goto(path);
  if (!isBare) await page.getByTestId("live").getByText("live", { exact: true }).waitFor();
  await act?.(page);
  await page.evaluate(() => document.fonts.ready);
}

/** Draws in this theme from here on, as the menu would, and waits until the colours have changed. */
export async function useTheme(page: Page, theme: "light" | "dark"): Promise<void> {
  await page.evaluate(async (chosen) => {
    document.documentElement.dataset["theme"] = chosen;
    await new Promise(requestAnimationFrame);
    const changing = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.allSettled(changing.map((transition) => transition.finished));
  }, theme);
}
