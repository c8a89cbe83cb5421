#!/usr/bin/env node
// Runs schedules of the simulation: npm run -s simulate -- --help
import { register } from "node:module";

const tsx = await import("tsx/esm/api").catch(() => {
  console.error("Tape is not installed yet: run npm start once.");
  process.exit(1);
});
tsx.register();
const { SUBSTITUTES } = await import("../src/stand-in/substitutes.ts");
const folder = new URL("../src/stand-in/", import.meta.url);
register("./resolve.mjs", import.meta.url, { data: SUBSTITUTES.map(({ importedBy, specifier, by }) => ({ importedBy, specifier, url: new URL(by, folder).href })) });
const { simulate } = await import("../src/schedule/command.ts");
process.exitCode = await simulate(process.argv.slice(2));
