import { TapeError } from "@tape/core";
import { z } from "zod";
import type { Run } from "../run.ts";
import { checkName } from "./name.ts";

export interface AgentOptions<Input> {
  /** What people read in the console. Default: the name. */
  title?: string;
  /** Journaled with every drive. */
  version?: string;
  /** Only workers that have loaded this very version drive its runs (D10). Default false. */
  pinVersion?: boolean;
  /** Checked when a run starts, and again before it is driven; the console makes a form of it (D48). */
  input?: z.ZodType<Input>;
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
  /** @throws {TapeError} `invalid_input` with the path of each field */
  parse(input: unknown): Input;
  /** The code, on an input as the journal keeps it. */
  run(run: Run, input: unknown): Promise<Output>;
}

export function defineAgent<Input, Output>(
  app: string,
  name: string,
  options: AgentOptions<Input>,
  code: (run: Run, input: Input) => Promise<Output>,
): AgentDefinition<Input, Output> {
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
    name: checkName("agent", name),
    title: options.title ?? null,
    version: options.version ?? null,
    pinVersion: options.pinVersion ?? false,
    inputSchema: schema ? z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) : null,
    parse,
    run: async (run, input) => code(run, parse(input)),
  };
}
