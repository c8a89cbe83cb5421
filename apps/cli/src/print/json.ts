import type { Terminal } from "./terminal.ts";

/** C1 controls are valid in JSON and commands to a terminal. */
const CONTROL = /[\u007f-\u009f\u2028\u2029]/g;

/** One JSON document, and nothing else on stdout. */
export function printJson(terminal: Terminal, value: unknown): void {
  const text = JSON.stringify(value, null, 2);
  terminal.print(text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`));
}
