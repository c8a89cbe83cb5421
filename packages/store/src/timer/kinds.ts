/** The kinds that fire here. `redrive`, `reconcile` and those of `onTimer` have a handler to run first. */
export const SELF_FIRING_KINDS = ["wake", "gate_timeout", "signal_timeout"] as const;
export type SelfFiringKind = (typeof SELF_FIRING_KINDS)[number];

/** What the wait of an agent, or the deadline of one, is made of: the code, or who waits with it, sets these. */
export function firesItself(kind: string): kind is SelfFiringKind {
  return (SELF_FIRING_KINDS as readonly string[]).includes(kind);
}

/** SQL: has timer `t` a handler? In these words, so that an index of those alone can be used: most timers are deadlines. */
export const HAS_HANDLER = `t.kind NOT IN (${SELF_FIRING_KINDS.map((kind) => `'${kind}'`).join(", ")})`;
