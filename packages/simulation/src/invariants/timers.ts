import { keyOf } from "../model/index.ts";
import { fieldOf, is, type Invariant } from "./invariant.ts";

/** A timer with a handler is handled at least once before it is fired, and not begun once its run has cancelled it. */
export const timers: Invariant = {
  name: "timers at least once",
  watch: ({ model }, violated) => {
    const handled = new Map<string, number>();
    const claimedUntil = new Map<string, number>();
    return {
      said: ({ verb, answer }) => {
        if (verb !== "claimTimers" || !answer.ok) return;
        for (const { runId, id } of answer.value as { runId: string; id: string }[]) claimedUntil.set(keyOf(runId, id), model.now);
      },
      reminded: ({ runId, id }) => {
        const key = keyOf(runId, id);
        handled.set(key, (handled.get(key) ?? 0) + 1);
        if (!claimedUntil.has(key)) violated(`timer ${id} of run ${runId} was handled, and nobody had claimed it`);
      },
      grew: (run, fresh) => {
        for (const entry of fresh) {
          if (!is(entry, "timer", "fired")) continue;
          const id = fieldOf(entry, "timerId");
          const timer = model.timers.get(keyOf(run.id, id));
          if (timer?.kind === "remind" && !handled.has(keyOf(run.id, id))) violated(`timer ${id} of run ${run.id} is fired, and was never handled`);
          if (timer && timer.fireAt > model.now) violated(`timer ${id} of run ${run.id} is fired before it is due`);
        }
      },
    };
  },
};
