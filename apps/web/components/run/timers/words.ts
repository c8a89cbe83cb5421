import type { Timer } from "@tape/core";

/** Why a person should not take this timer away. Null: he may. */
export function whyNotCancelTimer({ kind, status }: Pick<Timer, "kind" | "status">): string | null {
  if (status === "FIRED") return "It has fired.";
  if (status === "CANCELLED") return "It is cancelled.";
  switch (kind) {
    case "wake":
      return "The agent sleeps until then. Without it the run would sleep for ever; drive it again instead.";
    case "gate_timeout":
      return "It is the deadline of a gate. Give the gate more time on its card.";
    case "signal_timeout":
      return "It is the deadline of a signal that is awaited. Send the signal instead.";
    case "reconcile":
      return "Tape asks the counterparty then. It is needed until the outcome is known.";
    default:
      return null;
  }
}

/** Armed ones first, the next due at the head; what is over below, the latest first. */
export function inOrder(timers: readonly Timer[]): Timer[] {
  const isArmed = ({ status }: Timer) => status === "ARMED";
  return timers.toSorted((a, b) => {
    if (isArmed(a) !== isArmed(b)) return isArmed(a) ? -1 : 1;
    const earlier = a.fireAt === b.fireAt ? (a.id < b.id ? -1 : 1) : a.fireAt < b.fireAt ? -1 : 1;
    return isArmed(a) ? earlier : -earlier;
  });
}
