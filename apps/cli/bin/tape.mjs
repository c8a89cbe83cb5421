#!/usr/bin/env node
// The tape command, from source, in this one process.
const { register } = await import("tsx/esm/api").catch(() => {
  console.error("Tape is not installed yet: run npm start once.");
  process.exit(1);
});
register();
await import("../src/main.ts");
