import type { Terminal } from "./terminal.ts";

/** C1 controls are valid in JSON and commands to a terminal. */
const CONTROL = /[\u007f-\u009f\u2028\u2029]/g;

/** One JSON document, and nothing else on stdout. */
export function printJson(terminal: Terminal, value: unknown): void {
  terminal.print(harmless(JSON.stringify(value, null, 2)));
}

/** One of many documents, each on a line of its own. */
export function printJsonLine(terminal: Terminal, value: unknown): void {
  terminal.print(harmless(JSON.stringify(value)));
}

function harmless(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
