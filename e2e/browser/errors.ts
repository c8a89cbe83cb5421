import { expect, type BrowserContext, type Page } from "@playwright/test";

export interface ErrorWatch {
  watch(context: BrowserContext): void;
  /** From here on such an error is part of the test. */
  allow(expected: RegExp): void;
  /** @throws when the browser complained of anything else */
  check(): void;
}

/** Listens to what a person with open developer tools would see in red: errors in the console, exceptions, dialogs. */
export function watchErrors(): ErrorWatch {
  const seen: string[] = [];
  const allowed: RegExp[] = [];

  function listen(page: Page): void {
    page.on("console", (message) => {
      if (message.type() === "error") seen.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => seen.push(`uncaught: ${error.stack ?? error.message}`));
    page.on("dialog", (dialog) => {
      seen.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  return {
    watch: (context) => void context.on("page", listen),
    allow: (expected) => void allowed.push(expected),
    check: () => expect(seen.filter((error) => !allowed.some((one) => one.test(error))), "errors in the browser").toEqual([]),
  };
}
