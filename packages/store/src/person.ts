import type { Actor } from "./actor.ts";

/** Is it a person's own hand, in a browser or on a command line? What a machine does on its own is journaled, not audited. */
export function isPerson(actor: Actor | undefined): actor is Actor {
  return actor !== undefined && /^(user|cli):/.test(actor.id);
}
