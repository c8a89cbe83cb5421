import { SELF_FIRING_KINDS } from "@tape/store";

export type SelfFiringKind = (typeof SELF_FIRING_KINDS)[number];

/** Sleeps and deadlines fire by themselves; every other kind has a handler to run first. */
export function firesItself(kind: string): kind is SelfFiringKind {
  return (SELF_FIRING_KINDS as readonly string[]).includes(kind);
}
