import { usage as usageSchema, type Usage } from "@tape/core";

/** What a model's answer says about itself. `costMicroUsd`: integer millionths of a US dollar. */
export interface AnswerReading {
  usage?: Usage;
  rationale?: string;
}

/**
 * Usage as the AI SDK, OpenAI, Anthropic and Gemini report it; empty where the answer says nothing.
 * Sources: AI SDK `usage.inputTokens/outputTokens` (v5) and `promptTokens/completionTokens` (v4), OpenAI
 * `usage.prompt_tokens/completion_tokens` (chat) and `input_tokens/output_tokens` (responses), Anthropic
 * `usage.input_tokens/output_tokens`, Gemini `usageMetadata.promptTokenCount/candidatesTokenCount`.
 */
export function readUsage(answer: unknown): AnswerReading {
  const usage = field(answer, "usage") ?? field(answer, "usageMetadata");
  const inputTokens = count(usage, ["inputTokens", "promptTokens", "input_tokens", "prompt_tokens", "promptTokenCount"]);
  const outputTokens = count(usage, ["outputTokens", "completionTokens", "output_tokens", "completion_tokens", "candidatesTokenCount"]);
  if (inputTokens === undefined && outputTokens === undefined) return {};
  return { usage: { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 } };
}

/** A reading that does not fit is left out: a model's answer is never lost for what it says about itself. */
export function checkedReading(read: () => AnswerReading): AnswerReading {
  try {
    const { usage, rationale } = read();
    const kept = usageSchema.safeParse(usage);
    return { ...(kept.success && { usage: kept.data }), ...(typeof rationale === "string" && { rationale }) };
  } catch {
    return {};
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function count(usage: unknown, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = field(usage, name);
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  }
  return undefined;
}
