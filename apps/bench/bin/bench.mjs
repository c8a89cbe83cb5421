#!/usr/bin/env node
// Measures Tape: npm run -s bench -- --help
const { register } = await import("tsx/esm/api").catch(() => {
  console.error("Tape is not installed yet: run npm start once.");
  process.exit(1);
});
register();
const { bench } = await import("../src/command.ts");
process.exitCode = await bench(process.argv.slice(2));
