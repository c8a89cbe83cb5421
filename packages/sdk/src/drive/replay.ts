import type { RunHistory, StepHistory } from "@tape/core";

/**
 * Where a replay stands in the script of its journal (D1): results reach the code one at a time in the order of their
 * entries, each only when the code has asked every step recorded before it.
 */
export class Replay {
  private cursor = 0;
  private readonly asked = new Set<string>();

  constructor(private readonly history: RunHistory) {}

  /** The code asked a recorded step. */
  noteAsked(key: string): void {
    this.asked.add(key);
  }

  /** The next recorded result, `blocked` on a step the code has not asked yet, or `done`. */
  next(): { at: "give"; step: StepHistory } | { at: "blocked"; step: StepHistory } | { at: "done" } {
    for (;;) {
      const line = this.history.script[this.cursor];
      const step = line && this.history.steps.get(line.key);
      if (!line || !step) return { at: "done" };
      if (!line.give && !this.asked.has(line.key)) return { at: "blocked", step };
      this.cursor += 1;
      if (line.give) return { at: "give", step };
    }
  }

  /** Why it does not get on with what the code has asked so far; null when it may. */
  stoppedAt(pending: readonly { key: string; spec: { kind: string; name: string; fingerprint: string | null } }[]): { message: string; recorded: string; asked: string | null } | null {
    const next = this.next();
    if (next.at !== "blocked") return null;
    const others = pending.filter(({ key }) => !this.recorded(key)).map(({ key, spec }) => describeStep({ ...spec, key }));
    const message = others.length > 0 ? "the code asks other steps than its journal recorded" : "the code no longer asks a step that its journal recorded";
    return { message, recorded: describeStep(next.step), asked: others.length > 0 ? others.join(", ") : null };
  }

  /** The recorded step, if the journal knows it. */
  recorded(key: string): StepHistory | null {
    return this.history.steps.get(key) ?? null;
  }
}

/** Says in words what differs between a recorded step and the one asked under its key; null when nothing does. */
export function difference(recorded: StepHistory, asked: { kind: string; name: string; fingerprint: string | null }): string | null {
  if (recorded.kind !== asked.kind || recorded.name !== asked.name) return `another step`;
  if (recorded.fingerprint !== asked.fingerprint) return `other arguments`;
  return null;
}

export function describeStep(step: { key: string; kind: string; name: string; fingerprint: string | null }): string {
  return `${step.kind} ${step.name} (${step.key}${step.fingerprint ? `, arguments ${step.fingerprint.slice(0, 12)}` : ""})`;
}
