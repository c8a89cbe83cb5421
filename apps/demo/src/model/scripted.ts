/** What a model answered, and what it would have cost. */
export interface Completion<Answer> {
  content: Answer;
  usage: { inputTokens: number; outputTokens: number; costMicroUsd: number };
}

/** Prices in millionths of a US dollar per thousand tokens: 3 USD in and 15 USD out per million. */
const PRICE = { input: 3_000, output: 15_000 };
/** Letters per token, as a rule of thumb for English. */
const LETTERS_PER_TOKEN = 4;

/**
 * A model that needs no network: a script gives the answer, the same one for the same request. Usage is counted as a
 * real one would be, so that the console has something true to show.
 */
export class ScriptedModel<Request, Answer> {
  readonly name: string;
  readonly #script: (request: Request) => Answer;

  constructor(name: string, script: (request: Request) => Answer) {
    this.name = name;
    this.#script = script;
  }

  async complete(request: Request): Promise<Completion<Answer>> {
    const content = this.#script(request);
    const inputTokens = tokensOf(request);
    const outputTokens = tokensOf(content);
    const costMicroUsd = Math.ceil((inputTokens * PRICE.input + outputTokens * PRICE.output) / 1000);
    return { content, usage: { inputTokens, outputTokens, costMicroUsd } };
  }
}

function tokensOf(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / LETTERS_PER_TOKEN);
}
