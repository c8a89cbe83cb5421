import { defineConfig } from "vitest/config";

/** The system from outside: real processes that are really killed. Two files at a time: most of their time is waiting. */
export default defineConfig({
  test: {
    globalSetup: ["@tape/prisma/testing/global-setup"],
    include: ["test/**/*.test.ts"],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
