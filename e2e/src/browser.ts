import { chromium, type Browser, type BrowserContextOptions, type Page } from "@playwright/test";
import type { Town } from "./town.ts";

/** How Chromium is started, here and in the tests: the installed one, without what a container does not let it do. */
export const CHROMIUM = {
  executablePath: process.env.CHROMIUM_PATH || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
};

export const launchBrowser = (): Promise<Browser> => chromium.launch(CHROMIUM);

/** A page in a browser window of its own, signed in as the owner. Close its context when done. */
export async function ownersPage(browser: Browser, town: Town, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ baseURL: town.url, timezoneId: "UTC", reducedMotion: "reduce", ...options });
  await context.request.get(await town.link(), { maxRedirects: 0 });
  return await context.newPage();
}
