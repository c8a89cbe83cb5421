import path from "node:path";
import { defineConfig } from "vitest/config";
import { SUBSTITUTES } from "./src/stand-in/substitutes.ts";

/** The engine's modules get the stand-in for what is not simulated by itself. */
const standIn = {
  name: "tape-stand-in",
  enforce: "pre" as const,
  resolveId: (specifier: string, importer: string | undefined): string | undefined => {
    const found = SUBSTITUTES.find((each) => each.specifier === specifier && new RegExp(each.importedBy).test(importer ?? ""));
    return found && path.resolve(import.meta.dirname, "src/stand-in", found.by);
  },
};

export default defineConfig({
  plugins: [standIn],
  test: { globalSetup: ["@tape/prisma/testing/global-setup"], testTimeout: 120_000, hookTimeout: 60_000 },
});
