import type { Log } from "../log.ts";
import { createLoop } from "../loop.ts";
import { createService, type Service } from "../service.ts";
import { within } from "../within.ts";
import { lockKeyOf } from "./lock-key.ts";
import { startThread, type BeatState, type BeatThread, type FromThread } from "./thread.ts";

export interface PresenceOptions {
  /** `wrk_…` */
  id: string;
  connectionString: string;
  /** Writes the worker's row: what it is and what it has loaded. May be repeated. `lockKey` null where sessions do not last. */
  register: (lockKey: number | null) => Promise<unknown>;
  /** Says goodbye: its row goes. */
  leave: () => Promise<unknown>;
  log: Log;
  /** Between two beats (ms). Default 500. */
  beatMs?: number;
}

export interface PresenceStats {
  /** For how long it has been saying that it is alive, without a gap (ms); 0 while it cannot. */
  steadyMs: number;
  /** Can others see at once that this process died, by the lock of its session? */
  sessionsLast: boolean;
}

export interface Presence extends Service {
  /** What the console shows beside the worker. Travels with the next beat. */
  tell(state: Partial<BeatState>): void;
  /**
   * May this worker take others for dead? Only when it has been heard itself without a gap for a while: after an outage
   * of the database everybody looks silent until they have spoken again.
   */
  mayJudge(): boolean;
  stats(): PresenceStats;
}

/** How long it has to be heard before it judges: at the start, and after it was silent itself (ms). */
const FIT_MS = { atStart: 2_000, afterSilence: 5_000 };
/** Without news from the thread for this long, the beats are taken to have stopped (ms). */
const SILENT_MS = 1_500;
const RESTART_MS = 1_000;
const LEAVE_MS = 2_000;

/**
 * Says that this worker is alive, from `start` until `stop`, through outages of the database: a beat every half second
 * and a lock that its session holds. `start` resolves once it was said; until then nobody should claim.
 */
export function createPresence(options: PresenceOptions): Presence {
  const { id, connectionString, register, leave, log, beatMs = 500 } = options;
  let isRegistered = false;
  let sessionsLast = true;
  let steady = { ms: 0, heardAt: -Infinity };
  let wasSilent = false;
  let state: BeatState = { running: 0, stopping: false };
  let thread: BeatThread | undefined;
  let restart: NodeJS.Timeout | undefined;
  let onBeat: () => void = () => {};

  const registration = createLoop({
    name: "registration",
    log,
    pass: async () => {
      if (!isRegistered) await register(sessionsLast ? lockKeyOf(id) : null);
      isRegistered = true;
      if (!thread) begin();
      return Infinity;
    },
  });

  const registerAgain = (): void => {
    isRegistered = false;
    registration.wake();
  };

  const hear = (message: FromThread): void => {
    switch (message.type) {
      case "beat":
        if (steady.ms === 0 && steady.heardAt > 0) log.info({}, "presence: says again that it is alive");
        if (message.steadyMs < steady.ms) wasSilent = true;
        steady = { ms: Math.max(1, message.steadyMs), heardAt: performance.now() };
        return onBeat();
      case "silent":
        if (steady.ms > 0) log.warn({ reason: message.message }, "presence: cannot say that it is alive");
        steady.ms = 0;
        wasSilent = true;
        return;
      case "forgotten":
        return registerAgain();
      case "sessions_do_not_last":
        log.info({}, "presence: sessions do not last here (a pooler?), so a dead worker is found after 10 s instead of 1.5 s");
        sessionsLast = false;
        return registerAgain();
    }
  };

  const begin = (): void => {
    thread = startThread({ id, connectionString, beatMs, onMessage: hear, onCrash: beginAgain });
    thread.tell(state);
  };

  const beginAgain = (error: unknown): void => {
    log.error({ err: error }, "presence: the thread died, starting another");
    restart = setTimeout(begin, RESTART_MS);
  };

  const close = async (): Promise<void> => {
    clearTimeout(restart);
    await registration.stop();
    await thread?.leave(LEAVE_MS);
    thread = undefined;
    steady = { ms: 0, heardAt: -Infinity };
    wasSilent = false;
    if (!isRegistered) return;
    isRegistered = false;
    await within(leave().catch((error: unknown) => log.debug({ err: error }, "presence: left without a goodbye")), LEAVE_MS);
  };

  const steadyMs = (): number => {
    const silentMs = performance.now() - steady.heardAt;
    return steady.ms > 0 && silentMs < SILENT_MS ? steady.ms + silentMs : 0;
  };

  const service = createService("presence", async (signal) => {
    const first = new Promise<void>((resolve) => (onBeat = resolve));
    const stopped = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    await registration.start();
    try {
      await Promise.race([first, stopped]);
    } catch (error) {
      await close();
      throw error;
    }
    stopped.catch(() => {});
    return close;
  });

  return {
    ...service,
    tell: (change) => {
      state = { ...state, ...change };
      thread?.tell(state);
    },
    mayJudge: () => steadyMs() >= (wasSilent ? FIT_MS.afterSilence : FIT_MS.atStart),
    stats: () => ({ steadyMs: steadyMs(), sessionsLast }),
  };
}
