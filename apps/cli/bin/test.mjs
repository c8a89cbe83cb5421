// npm test: installs what is missing and runs everything there is to know whether a change is good.
import { install } from "./start/install.mjs";
import { checkNode } from "./start/node-version.mjs";
import { complain, say, step } from "./start/terminal.mjs";
import { findChromium } from "./test/chromium.mjs";

async function test() {
  checkNode();
  const chromium = findChromium();
  await step("packages", install);
  const { runEverything } = await import("./test/everything.mjs");
  const { passed, failed } = await runEverything({ chromium });
  say(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

test().then(
  (isGood) => process.exit(isGood ? 0 : 1),
  (error) => {
    complain(error.name === "Trouble" ? error.message : error.stack);
    say("0 passed, 1 failed");
    process.exit(1);
  },
);
