import { budgetRequest, TapeError } from "@tape/core";
import { z } from "zod";
import type { BudgetQuestion } from "../error/index.ts";
import { aGate, checked } from "../given.ts";
import type { Run } from "../run.ts";
import type { GateTool } from "./gate.ts";
import { checkName } from "./name.ts";

/** What the runs of an agent may spend on model calls. */
export interface AgentBudget {
  /** Caps of runs that are started without any: integer millionths of a US dollar, and tokens. Default: none. */
  capMicroUsd?: number;
  capTokens?: number;
  /**
   * Asked when a model call would go over the cap, whoever set it. An approval lets that call through; its form's values
   * `addMicroUsd` and `addTokens` raise the caps for the rest of the run. Default, and when it is rejected or not decided
   * in time: `BudgetExceeded` is thrown.
   */
  onExceeded?: GateTool<BudgetQuestion>;
}

export interface AgentOptions<Input> {
  /** What people read in the console. Default: the name. */
  title?: string;
  /** Journaled with every drive. */
  version?: string;
  /** Only workers that have loaded this very version drive its runs (D10). Default false. */
  pinVersion?: boolean;
  /** Checked when a run starts, and again before it is driven; the console makes a form of it (D48). */
  input?: z.ZodType<Input>;
  budget?: AgentBudget;
}

/** An agent: a name and the code that is driven. What a worker registers. */
export interface AgentDefinition<Input = unknown, Output = unknown> {
  readonly kind: "agent";
  readonly app: string;
  readonly name: string;
  readonly title: string | null;
  readonly version: string | null;
  readonly pinVersion: boolean;
  /** JSON Schema of the input; null when the agent declares none. */
  readonly inputSchema: unknown;
  readonly budget: AgentBudget | null;
  /** @throws {TapeError} `invalid_input` with the path of each field */
  parse(input: unknown): Input;
  /** The code, on an input as the journal keeps it. */
  run(run: Run, input: unknown): Promise<Output>;
}

const agentOptions = z.object({
  title: z.string().optional(),
  version: z.string().optional(),
  pinVersion: z.boolean().optional(),
  input: z.custom((given) => typeof (given as z.ZodType | null | undefined)?.safeParse === "function", "a schema of zod is needed").optional(),
  budget: z.object({ onExceeded: aGate.optional() }).optional(),
});

/** @throws {TapeError} `invalid_input` for what zod cannot describe */
function jsonSchemaOf(name: string, schema: z.ZodType): unknown {
  try {
    return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  } catch (error) {
    throw new TapeError("invalid_input", `agent ${name}: no form can be made of its input: ${error instanceof Error ? error.message : String(error)}`, undefined, { cause: error });
  }
}

export function defineAgent<Input, Output>(
  app: string,
  name: string,
  options: AgentOptions<Input>,
  code: (run: Run, input: Input) => Promise<Output>,
): AgentDefinition<Input, Output> {
  checkName("agent", name);
  checked(`agent ${name}`, agentOptions, options);
  if (typeof code !== "function") throw new TapeError("invalid_input", `agent ${name} has no code`);
  const { input: schema } = options;
  const parse = (input: unknown): Input => {
    if (!schema) return input as Input;
    const parsed = schema.safeParse(input);
    if (parsed.success) return parsed.data;
    const fields = parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
    throw new TapeError("invalid_input", `input of ${name}: ${fields.map((field) => `${field.path || "input"}: ${field.message}`).join("; ")}`, { fields });
  };
  return {
    kind: "agent",
    app,
    name,
    title: options.title ?? null,
    version: options.version ?? null,
    pinVersion: options.pinVersion ?? false,
    inputSchema: schema ? jsonSchemaOf(name, schema) : null,
    budget: checkedBudget(name, options.budget),
    parse,
    run: async (run, input) => code(run, parse(input)),
  };
}

function checkedBudget(name: string, budget: AgentBudget | undefined): AgentBudget | null {
  if (!budget) return null;
  const { capMicroUsd, capTokens } = budget;
  const caps = budgetRequest.safeParse({ capMicroUsd, capTokens });
  if (!caps.success) throw new TapeError("invalid_input", `agent ${name}: capMicroUsd and capTokens of its budget are whole numbers above 0: millionths of a US dollar, and tokens`);
  return budget;
}
