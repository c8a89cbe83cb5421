import { setImmediate } from "node:timers/promises";
import type { Renewal } from "@tape/store";
import type { Log } from "../log.ts";
import { createLoop, type Loop } from "../loop.ts";
import type { Held } from "./held.ts";

export interface LeaseOptions {
  ttlMs: number;
  held: () => Iterable<Held>;
  renew: (runs: { runId: string; epoch: number }[]) => Promise<Map<string, Renewal>>;
  /** It has no lease any more: somebody else may drive it. */
  lose: (each: Held, why: string) => void;
  now: () => number;
  log: Log;
}

/**
 * Renews leases, all that are due in one statement: looked at every sixth of the TTL, due when a third of it is gone. A
 * drive that only waits for tool bodies is not renewed, which is how a hung body is found; it is told to look instead,
 * so that a cancellation reaches it even if its hint was lost. A database that is away is asked again; how long that may
 * go on is the watch's affair.
 *
 * It runs on the main thread on purpose: a process that hangs stops renewing, and its runs become free after a TTL.
 */
export function renewalLoop({ ttlMs, held, renew, lose, now, log }: LeaseOptions): Loop {
  const pass = async (): Promise<number> => {
    const askedAt = now();
    const isDue = [...held()].filter((each) => each.isDue(askedAt));
    const due = isDue.filter((each) => each.drive.renewable);
    for (const each of isDue) if (!each.drive.renewable) each.drive.poke();
    if (due.length > 0) {
      const renewals = await renew(due.map(({ claim: { runId, epoch } }) => ({ runId, epoch })));
      // The answer to a drive's last commit may be in the socket's buffer: one turn, and it no longer counts as held.
      await setImmediate();
      for (const each of due) apply(each, renewals.get(each.claim.runId), askedAt);
    }
    return ttlMs / 6;
  };

  const apply = (each: Held, renewal: Renewal | undefined, askedAt: number): void => {
    if (!each.hasLease) return;
    if (renewal === "ok" || renewal === "cancelled") each.drive.renewedAt = Math.max(askedAt, each.drive.renewedAt);
    if (renewal === "cancelled") each.abort("cancelled");
    if (renewal === "lost") lose(each, "another driver has it");
  };

  return createLoop({ name: "lease renewal", pass, log, maxBackOffMs: Math.min(2_000, ttlMs / 6) });
}

/**
 * Tells a drive that it has lost its run the moment the lease can no longer be known to hold (D26), whether or not the
 * database can be asked: from then on somebody else may drive it, and its bodies must stop acting.
 */
export function watchLoop({ held, lose, now, log }: Omit<LeaseOptions, "ttlMs" | "renew">): Loop {
  const pass = async (): Promise<number> => {
    let nextInMs = Infinity;
    for (const each of [...held()]) {
      const leftMs = each.holdsUntil - now();
      if (leftMs > 0) nextInMs = Math.min(nextInMs, leftMs);
      else lose(each, "it ran out before it could be renewed");
    }
    return nextInMs;
  };
  return createLoop({ name: "lease watch", pass, log });
}
