// npm run verify: every promise a machine can keep, side by side, in under a minute.
import { styleText } from "node:util";
import { checks } from "./verify/checks.mjs";
import { runAll } from "./verify/run.mjs";

const LONGEST_OUTPUT = 60;
const LONGEST_LINE = 240;
const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (style, text) => (isColoured ? styleText(style, text) : text);

const began = performance.now();
const wanted = process.argv.slice(2);
const chosen = (await checks()).filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));

const results = await runAll(chosen, ({ name, ok, output, ms }) => {
  const mark = ok ? paint("green", "✓") : paint("red", "✗");
  console.log(`  ${mark} ${name.padEnd(28)} ${paint("dim", `${(ms / 1000).toFixed(1)} s`)}`);
  if (ok) return;
  const lines = output.trim().split("\n");
  for (const line of lines.slice(0, LONGEST_OUTPUT)) console.log(`      ${line.slice(0, LONGEST_LINE)}`);
  if (lines.length > LONGEST_OUTPUT) console.log(`      … ${lines.length - LONGEST_OUTPUT} more lines: npm run verify ${name.replace(/ .*/, "")}`);
});

const failed = results.filter(({ ok }) => !ok).length;
console.log(`${results.length - failed} checks passed, ${failed} failed in ${((performance.now() - began) / 1000).toFixed(1)} s`);
process.exitCode = failed > 0 ? 1 : 0;
