import { figuresOf, oneLine, type Effect } from "@tape/core";
import type { EffectResolution } from "@tape/client";

/** What an effect was about to do, in a line: its own words, else its tool and the figures of its request. */
export function effectTitle(effect: Effect): string {
  if (effect.summary !== null) return oneLine(effect.summary);
  const figures = figuresOf(effect.request);
  return figures === "" ? effect.tool : `${effect.tool}: ${figures}`;
}

export interface Resolution {
  value: EffectResolution["outcome"];
  name: string;
  about: string;
}

/** The words a person can say on an unknown effect, and what each does. */
export function resolutionsOf(effect: Effect): Resolution[] {
  if (effect.status === "PENDING") {
    return [
      { value: "failed", name: "Give it up", about: "It is not sent any more. The agent gets an error with your reason and decides what to do." },
      { value: "confirmed", name: "It was done another way", about: "Recorded as confirmed, and not sent any more. The agent gets the result below and goes on." },
    ];
  }
  const twice =
    effect.semantics === "NON_IDEMPOTENT"
      ? "It is not idempotent: if it did happen after all, this does it a second time. Only when you know that it did not."
      : "It carries the same key, so a counterparty that honours it does nothing twice.";
  return [
    { value: "confirmed", name: "It happened", about: "Recorded as confirmed. The agent gets the result below and goes on; it can be undone later." },
    { value: "failed", name: "It did not happen", about: "Recorded as failed. The agent gets an error with your reason and decides what to do." },
    { value: "retry", name: "Send it again", about: twice },
  ];
}
