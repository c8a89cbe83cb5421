import { readFile } from "node:fs/promises";
import { ownersPage } from "../browser.ts";
import type { Browser } from "@playwright/test";
import type { Town } from "../town.ts";
import { figureOf, type Figure } from "./figures.ts";

/** What the processes hold after they have been used a little and then left alone for a while. */
export async function measureMemory(browser: Browser, town: Town, idleMs: number): Promise<Figure[]> {
  const page = await ownersPage(browser, town, {});
  for (const path of ["/runs", "/inbox", "/desk", "/start"]) await page.goto(path);
  await page.context().close();
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const named = { "web, idle": town.web.pid, "worker, idle": town.worker("demo").pid };
  return await Promise.all(Object.entries(named).map(async ([name, pid]) => figureOf(name, "MB", [await residentMb(pid)])));
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
