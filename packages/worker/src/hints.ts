import type { Hint } from "@tape/core";
import { listenForHints } from "@tape/store";
import type { Log } from "./log.ts";
import { createService, type Service } from "./service.ts";

/** What hints wake. Each is a tap on the shoulder: whoever is woken reads the rows. */
export interface Woken {
  /** The run's journal grew. */
  run(runId: string, seq: number): void;
  /** A run became RUNNABLE. */
  runnable(): void;
  /** A timer was armed. */
  timer(): void;
  /** An effect became UNKNOWN, a walk can begin, or a person asked for something that the reactors do. */
  reactors(): void;
  /** Hints may have been missed. */
  everything(): void;
}

/** Listens on a connection of its own, from `start` to `stop`. Without it all is found by polling, only later. */
export function createHintListener({ connectionString, woken, log }: { connectionString: string; woken: Woken; log: Log }): Service {
  return createService("hints", async () => {
    const listener = listenForHints({
      connectionString,
      applicationName: "tape worker hints",
      onHints: (hints) => hints.forEach((hint) => dispatch(hint, woken)),
      onResync: () => woken.everything(),
      onError: (error) => log.debug({ err: error }, "the connection for hints was lost; polling until it is back"),
    });
    return () => listener.stop();
  });
}

function dispatch(hint: Hint, woken: Woken): void {
  switch (hint.on) {
    case "run":
      woken.run(hint.id, hint.seq);
      if (hint.wake) woken.runnable();
      return;
    case "timer":
      return woken.timer();
    case "reactors":
      return woken.reactors();
    case "value":
      return;
  }
}
