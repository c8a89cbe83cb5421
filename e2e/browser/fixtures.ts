import { test as base, type BrowserContext, type Page } from "@playwright/test";
import type { Role } from "@tape/core";
import { watchErrors, type ErrorWatch } from "./errors.ts";
import { openTown, type Town } from "../src/town.ts";

interface ForAll {
  town: Town;
}

interface ForEach {
  /** What the browser complained of; the test fails when it did not `allow` it. */
  errors: ErrorWatch;
  /** A page of a browser of its own in which nobody is signed in. */
  stranger: Page;
  /** A page of a browser of its own, signed in by a fresh link: as the owner, or as somebody with this role. */
  signedIn(role?: Role): Promise<Page>;
}

/** `page` and `context` are the owner's, signed in. */
export const test = base.extend<ForEach, ForAll>({
  town: [
    // eslint-disable-next-line no-empty-pattern -- the names of what is used are read from here
    async ({}, use) => {
      const town = await openTown();
      await use(town);
      await town.close();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ town }, use) => use(town.url),
  errors: [
    async ({ context }, use) => {
      const errors = watchErrors();
      errors.watch(context);
      await use(errors);
      errors.check();
    },
    { auto: true },
  ],
  page: async ({ page, context, town }, use) => {
    await signIn(context, await town.link());
    await use(page);
  },
  stranger: async ({ browser, errors }, use) => {
    const context = await browser.newContext();
    errors.watch(context);
    await use(await context.newPage());
    await context.close();
  },
  signedIn: async ({ browser, errors, town }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (role) => {
      const context = await browser.newContext();
      contexts.push(context);
      errors.watch(context);
      await signIn(context, await town.link(role));
      return await context.newPage();
    });
    for (const context of contexts) await context.close();
  },
});

export { expect } from "@playwright/test";

/** Brings the session's cookie into the browser, without a page. */
async function signIn(context: BrowserContext, link: string): Promise<void> {
  const answer = await context.request.get(link, { maxRedirects: 0 });
  if (answer.status() !== 303) throw new Error(`the link was answered with ${answer.status()}`);
}
