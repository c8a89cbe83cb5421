/** Text that came from outside (a payload, a name, a comment) on its way into a sentence. */

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Characters that reorder what follows them: with U+202E, `100` can be made to read `001`. None belongs in a figure. */
const REORDERING = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** Nearly every string is clean, and looking is cheaper than replacing. */
const UNCLEAN = /[\u0000-\u001f\u007f-\u009f\u00a0\u061c\u1680\u2000-\u200a\u200e\u200f\u2028-\u202f\u205f\u2066-\u2069\u3000\ufeff]|\s\s|^\s|\s$/;

/** One line: control and reordering characters removed, white space collapsed. */
export function oneLine(text: string): string {
  if (!UNCLEAN.test(text)) return text;
  return text.replace(CONTROL, " ").replace(REORDERING, "").replace(/\s+/g, " ").trim();
}

/** At most `max` characters, `…` included. Counts code points, so an emoji is never cut in half. */
export function clip(text: string, max = 80): string {
  if (text.length <= max) return text;
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, max - 1).join("").trimEnd()}…`;
}

/**
 * A foreign string inside a sentence of ours: one line, clipped, and, where it holds right-to-left letters, isolated,
 * so that the figures beside it keep their order.
 */
export function foreign(text: string, max = 80): string {
  const line = clip(oneLine(text), max);
  return RIGHT_TO_LEFT.test(line) ? `${FIRST_STRONG_ISOLATE}${line}${POP_ISOLATE}` : line;
}

/** A whole sentence that a tool wrote. Longer than a name, shorter than a page. */
export function toolSentence(text: string): string {
  return clip(oneLine(text), 240);
}

/** “…” around a foreign string. */
export function quoted(text: string, max = 60): string {
  return `“${foreign(text, max)}”`;
}

/** `1 row`, `12,000 rows`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(String(n))} ${n === 1 ? noun : plural}`;
}

/** Thousands separated by commas; the digits after the point are left alone. */
export function grouped(decimal: string): string {
  const [whole = "", ...rest] = decimal.split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".");
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(items: readonly string[], max = 3, conjunction: "and" | "or" = "and"): string {
  const shown = items.length > max ? [...items.slice(0, max - 1), `${items.length - max + 1} more`] : items;
  return shown.length < 2 ? (shown[0] ?? "") : `${shown.slice(0, -1).join(", ")} ${conjunction} ${shown.at(-1)}`;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
