import { TapeError } from "@tape/core";
import type * as store from "@tape/store";
import { copy, thisProcess, type Answer, type Given, type VerbName } from "../world/index.ts";

/** How a verb of the store tells that the database cannot be reached. */
type Manner = "statement" | "read" | "transaction";

/** Longer than any statement takes on a database that answers (ms), as the store's pool has it. */
const TIMEOUT_MS = 30_000;

/** Says a verb to the database over the network of this process, and publishes what it brought about once it is known. */
export async function say<Name extends VerbName>(verb: Name, manner: Manner, given: Given<Name>, { timeoutMs = TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<Answer<Name>> {
  const process = thisProcess();
  const { network, database, hints } = process.world;
  // What crosses the network is text: nobody shares an object with the database.
  const sent = copy(given);
  const answered = await network.call(process, {
    to: "store",
    name: verb,
    timeoutMs,
    apply: () => database.say(process, verb, ...sent),
    broken: (arrived) => errorOf(manner, arrived),
  });
  // The committer publishes for itself.
  if (verb !== "commitRuns") hints.publish(answered.hints, process);
  return copy(answered.value);
}

function errorOf(manner: Manner, arrived: boolean): Error {
  const cause = arrived ? new Error("Connection terminated unexpectedly") : Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  if (manner === "statement") return cause;
  const away = new TapeError("unavailable", "The database cannot be reached. Try again in a moment.", undefined, { cause });
  return manner === "transaction" && arrived ? Object.assign(away, { details: { committed: "unknown" } }) : away;
}

/** Verbs of the store that the model has under their own name. */
type Shared = VerbName & keyof typeof store;

/** The verb of the store, said to the model. */
export function remote<Name extends Shared>(verb: Name, manner: Manner = "transaction"): (typeof store)[Name] {
  const saying = (_: unknown, ...given: unknown[]) => say(verb, manner, given as Given<Name>);
  return saying as unknown as (typeof store)[Name];
}
