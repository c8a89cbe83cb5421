import { io } from "socket.io-client";
import { sessionOf, tokenOf } from "../src/people.ts";
import { startSteps, untilStatus } from "../src/runs.ts";
import { expect, test } from "./fixtures.ts";

/** Connects as a program would; says whether it was let in, else why not. */
function knock(url: string, options: { cookie?: string; token?: string; origin?: string; transport?: "websocket" | "polling" }): Promise<string> {
  const { cookie, token, origin, transport = "websocket" } = options;
  const socket = io(url, { forceNew: true, reconnection: false, transports: [transport], extraHeaders: { ...(cookie !== undefined && { cookie }), ...(origin !== undefined && { origin }) }, ...(token !== undefined && { auth: { token } }) });
  return new Promise<string>((resolve) => {
    socket.on("connect", () => resolve("in"));
    socket.on("connect_error", (error) => resolve(error.message));
  }).finally(() => socket.disconnect());
}

test("without a session or token nothing is readable: no page, no socket, and a foreign page cannot borrow a session", async ({ stranger, town }) => {
  const { system, url } = town;
  const runId = await startSteps(system, { steps: 1 });
  await untilStatus(system, runId, "COMPLETED");
  for (const path of ["/", "/runs", `/runs/${runId}`, "/inbox", "/desk", "/start"]) {
    await stranger.goto(path);
    await expect(stranger.getByRole("heading", { name: "You are signed out" })).toBeVisible();
    expect(await stranger.content()).not.toContain(runId.slice(4));
  }
  const cookie = await sessionOf(system, url);
  expect(await knock(url, {})).toBe("unauthenticated");
  expect(await knock(url, { transport: "polling" })).toBe("unauthenticated");
  expect(await knock(url, { token: "tape_nonsense" })).toBe("unauthenticated");
  expect(await knock(url, { cookie: `${cookie.slice(0, -8)}AAAAAAAA` })).toBe("unauthenticated");
  expect(await knock(url, { cookie, origin: "https://evil.example" })).not.toBe("in");
  expect(await knock(url, { cookie, origin: url })).toBe("in");
  expect(await knock(url, { token: await tokenOf(system, "viewer") })).toBe("in");
});

test("signing out in one tab signs out the other within seconds", async ({ page, context }) => {
  const other = await context.newPage();
  await page.goto("/runs");
  await other.goto("/inbox");
  await expect(other.getByTestId("live")).toHaveText("live");
  await page.bringToFront();
  await page.getByRole("button", { name: /account and theme/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "You are signed out" })).toBeVisible();
  await expect(other.getByRole("alertdialog", { name: "You have been signed out" })).toBeVisible();
  await expect(other.getByTestId("live")).toHaveText("signed out");
  await other.bringToFront();
  await other.getByRole("button", { name: "How to sign in again" }).click();
  await expect(other.getByText("npm run -s tape -- sign-in")).toBeVisible();
});

test("a viewer sees everything and every button that is not theirs says why", async ({ signedIn, town }) => {
  const { system } = town;
  const runId = await startSteps(system, { steps: 1, waits: true });
  await untilStatus(system, runId, "WAITING");
  const page = await signedIn("viewer");
  await page.goto(`/runs/${runId}`);
  await expect(page.getByTestId("live")).toHaveText("live");
  for (const name of ["Signal", "Redrive"]) {
    const blocked = page.getByRole("button", { name, exact: true });
    await expect(blocked).toHaveAttribute("aria-disabled", "true");
    await blocked.focus();
    await expect(page.getByRole("tooltip")).toContainText("needs the role operator");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.keyboard.press("Escape");
  }
  await page.goto("/start?agent=pay-batch");
  const start = page.getByRole("button", { name: "Start the run" });
  await expect(start).toHaveAttribute("aria-disabled", "true");
  await start.focus();
  await expect(page.getByRole("tooltip")).toContainText("needs the role operator");
});
