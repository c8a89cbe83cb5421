import { defineConfig } from "@playwright/test";
import { CHROMIUM } from "./src/browser.ts";

/** The console as a person meets it, in a real browser on a real system. One test at a time: they share a system and a machine. */
export default defineConfig({
  testDir: "browser",
  globalSetup: "@tape/prisma/testing/global-setup",
  outputDir: "test-results",
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    timezoneId: "UTC",
    reducedMotion: "reduce",
    screenshot: "only-on-failure",
    launchOptions: CHROMIUM,
  },
});
