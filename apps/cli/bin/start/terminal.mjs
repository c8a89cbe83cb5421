import { styleText } from "node:util";

const isLive = process.stdout.isTTY === true;
const isColoured = isLive && !process.env.NO_COLOR;

export const paint = (style, text) => (isColoured ? styleText(style, text) : text);
export const say = (line = "") => process.stdout.write(`${line}\n`);
export const complain = (line) => process.stderr.write(`${paint("red", line)}\n`);

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs a step and says in one line how it ended and how long it took. `work` gets a function that changes the line's
 * text and returns what the line should say at last (nothing: the name alone).
 */
export async function step(name, work) {
  const began = performance.now();
  let note = "";
  const draw = () => isLive && process.stdout.write(`\r\x1b[K  ${paint("dim", "·")} ${name.padEnd(10)} ${paint("dim", note)}`);
  draw();
  const tell = (text) => {
    note = text;
    if (isLive) draw();
    else say(`  · ${name.padEnd(10)} ${text}`);
  };
  try {
    const said = await work(tell);
    const line = `  ${paint("green", "✓")} ${name.padEnd(10)} ${(said ?? "").padEnd(36)} ${paint("dim", seconds(performance.now() - began))}`;
    say(`${isLive ? "\r\x1b[K" : ""}${line}`);
  } catch (error) {
    if (isLive) process.stdout.write("\r\x1b[K");
    throw error;
  }
}
