import { invalidInput, TapeError, type Ack, type ErrorBody } from "@tape/core";
import { randomUUID } from "node:crypto";
import { toTapeError } from "@tape/store";
import type { z } from "zod";
import type { Logger } from "../log.ts";

/** Watches that one socket may hold; a console holds a handful. */
const MOST_WATCHES = 100;

/** What one socket watches: each watch by its id, with how to end it. */
export function createWatches() {
  const watches = new Map<string, () => void>();
  return {
    /**
     * A place for one more: taken at once, so that no flood of questions gets past the limit while they are looked up.
     *
     * @throws {TapeError} `rate_limited` when there are too many.
     */
    newId(): string {
      if (watches.size >= MOST_WATCHES) throw new TapeError("rate_limited", `One connection watches at most ${MOST_WATCHES} things: unwatch some first.`);
      const watchId = randomUUID();
      watches.set(watchId, () => {});
      return watchId;
    },
    add: (watchId: string, end: () => void) => void watches.set(watchId, end),
    end(watchId: string): void {
      watches.get(watchId)?.();
      watches.delete(watchId);
    },
    endAll(): void {
      for (const watchId of [...watches.keys()]) this.end(watchId);
    },
  };
}

export type Watches = ReturnType<typeof createWatches>;

/**
 * A handler of a client's event: parses what came, acknowledges with the answer or with the error in it, and does not let a
 * client that sends no callback, or anything else, break the process.
 */
export function answering<Schema extends z.ZodType, Answer>(
  schema: Schema,
  log: Logger,
  handle: (request: z.infer<Schema>, acknowledge: (answer: Answer) => void) => Promise<void> | void,
) {
  return (...args: unknown[]): void => {
    // Always the last one, wherever that is: a question without a request, or with more than one, is answered too.
    const ack = args.at(-1);
    const request = args[0] === ack && typeof ack === "function" ? undefined : args[0];
    const reply = typeof ack === "function" ? (ack as (answer: Ack<Answer>) => void) : () => {};
    void (async () => {
      try {
        const parsed = schema.safeParse(request);
        if (!parsed.success) throw invalidInput(parsed.error, "request");
        await handle(parsed.data, reply);
      } catch (error) {
        reply(toBody(error, log));
      }
    })();
  };
}

function toBody(error: unknown, log: Logger): ErrorBody {
  const known = toTapeError(error);
  if (known instanceof TapeError) return known.toBody();
  log.error({ err: error }, "a socket's request failed in a way nobody expected");
  return new TapeError("internal", "Something went wrong in the server. Its log has the details.").toBody();
}
