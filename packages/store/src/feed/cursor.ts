import { TapeError } from "@tape/core";

/**
 * How far a reader of the feed has come. Entries of transactions below `from` were all given. `inside`: of the window up
 * to `to`, those up to this run and seq too.
 */
export interface FeedPosition {
  from: string;
  inside: { to: string; runId: string; seq: number } | null;
}

const VERSION = 1;
const NUMBER = /^\d{1,20}$/;
const MOST = 2n ** 64n;

/** The feed from its first entry on, for whoever wants all of history. */
export const FEED_START = "start";

export function encodeFeedCursor({ from, inside }: FeedPosition): string {
  return Buffer.from(JSON.stringify(inside ? [VERSION, from, inside.to, inside.runId, inside.seq] : [VERSION, from])).toString("base64url");
}

/** @throws {TapeError} `invalid_input` for one that we did not write. */
export function decodeFeedCursor(cursor: string): FeedPosition {
  if (cursor === FEED_START) return { from: "0", inside: null };
  try {
    const [version, from, to, runId, seq, ...rest] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown[];
    if (version === VERSION && isTransaction(from) && rest.length === 0) {
      if (to === undefined) return { from, inside: null };
      if (isTransaction(to) && typeof runId === "string" && !runId.includes("\0") && isSeq(seq)) return { from, inside: { to, runId, seq } };
    }
  } catch {
    // Told below.
  }
  throw new TapeError("invalid_input", `cursor: take it from the page before, leave it out to begin at the head, or give "${FEED_START}" for all`, {
    fields: [{ path: "cursor", message: "is not a cursor of the feed" }],
  });
}

function isTransaction(value: unknown): value is string {
  return typeof value === "string" && NUMBER.test(value) && BigInt(value) < MOST;
}

function isSeq(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}
