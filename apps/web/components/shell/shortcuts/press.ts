/** One shortcut: `j`, `?`, `Enter`, or two keys after each other: `g r`. */
export interface Shortcut {
  keys: string;
  /** What it does, as the help lists it. */
  label: string;
  /** Where it works, as the help groups it. */
  group: string;
  run: () => void;
  /** Holding the key repeats it (moving). A key that decides never repeats. */
  repeats?: boolean;
}

export interface Press {
  key: string;
  atMs: number;
  repeat?: boolean;
  /** Ctrl, Alt or Meta is held, an input method composes, or the focus is where letters are written. */
  elsewhere?: boolean;
}

/** The first key of a two-key shortcut waits this long for the second (ms). */
export const SEQUENCE_MS = 1000;

export interface Prefix {
  key: string;
  atMs: number;
}

/** Which shortcut a key press means, and what to remember for the next one. */
export function press(prefix: Prefix | null, event: Press, shortcuts: readonly Shortcut[]): { prefix: Prefix | null; hit: Shortcut | null } {
  if (event.elsewhere) return { prefix: null, hit: null };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const before = prefix !== null && event.atMs - prefix.atMs <= SEQUENCE_MS ? prefix.key : null;
  const hit =
    (before !== null ? shortcuts.find((one) => one.keys === `${before} ${key}`) : undefined) ??
    shortcuts.find((one) => one.keys === key);
  if (hit !== undefined) return { prefix: null, hit: event.repeat && !hit.repeats ? null : hit };
  const starts = shortcuts.some((one) => one.keys.startsWith(`${key} `));
  return { prefix: starts ? { key, atMs: event.atMs } : null, hit: null };
}
