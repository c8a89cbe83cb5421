import type { Process } from "../world/index.ts";

/** Every question that a model was asked. */
export interface Models {
  asked: { label: string; at: number }[];
  onAsk(label: string): void;
}

/** A model as one process reaches it: never the same answer twice. */
export function modelsOf(models: Models, process: Process): (label: string) => Promise<{ text: string; usage: { inputTokens: number; outputTokens: number } }> {
  return (label) =>
    process.world.network.call(process, {
      to: "bank",
      name: "model",
      timeoutMs: 4_000,
      apply: () => {
        models.onAsk(label);
        models.asked.push({ label, at: process.world.timeline.now });
        return { text: `answer ${models.asked.length}`, usage: { inputTokens: 30, outputTokens: 10 } };
      },
      broken: () => new Error("the model cannot be reached"),
    });
}
