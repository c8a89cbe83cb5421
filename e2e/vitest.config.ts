import { defineConfig } from "vitest/config";

/** The system from outside: real processes that are really killed. One file at a time, so that they have the machine. */
export default defineConfig({
  test: {
    globalSetup: ["@tape/prisma/testing/global-setup"],
    include: ["test/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
