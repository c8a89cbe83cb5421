import { Option, type Command } from "commander";
import { TapeError, type CompensationPlan, type Run } from "@tape/core";
import { agrees } from "../ask.ts";
import type { Backend } from "../backend/backend.ts";
import type { Context } from "../context.ts";
import { EXIT, UsageError, type ExitCode } from "../exit.ts";
import { follow } from "../follow.ts";
import { printJson } from "../print/json.ts";
import { planOf, titleOf } from "../print/plan.ts";
import { startStory } from "../print/story.ts";
import { jsonOption, text } from "./options.ts";

interface Options {
  plan?: true;
  reason?: string;
  yes?: true;
  wait: boolean;
  json?: true;
}

export function addCompensate(program: Command, context: Context): void {
  program
    .command("compensate")
    .description("undo what an ended run did, newest first; exits 2 when it gets stuck")
    .argument("<run>", "the run's id")
    .option("--plan", "only show what would be undone")
    .addOption(new Option("--reason <text>", "why; it is kept in the audit log").argParser(text("a reason")))
    .option("-y, --yes", "do not ask back on a terminal")
    .option("--no-wait", "do not follow it to its end")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, id: string, options: Options): Promise<ExitCode> => {
        const { terminal } = context;
        if (!options.plan && options.reason === undefined) throw new UsageError("It needs a --reason, or --plan to only look.");
        const plan = await backend.compensationPlan(id);
        if (options.plan) {
          if (options.json) printJson(terminal, plan);
          else terminal.print(planOf(terminal, plan));
          return EXIT.ok;
        }
        return compensate(context, backend, plan, { ...options, reason: options.reason ?? "" });
      }),
    );
}

async function compensate({ terminal }: Context, backend: Backend, plan: CompensationPlan, { reason, yes, wait, json }: Options & { reason: string }): Promise<ExitCode> {
  const isAsked = plan.status === "COMPENSATING" || plan.status === "COMPENSATED";
  if (plan.refusal !== null && !isAsked) throw new TapeError("illegal_transition", plan.refusal, { status: plan.status });
  const say = json ? terminal.say : terminal.print;
  say(planOf(terminal, plan));
  if (terminal.isInteractive && !yes && !isAsked && !(await agrees("Undo it? [y/N] "))) {
    terminal.say("Nothing was undone.");
    return EXIT.refused;
  }
  const asked = await backend.compensateRun(plan.runId, reason);
  const run = wait ? await walk({ say, tell: terminal.say }, terminal, backend, asked) : asked;
  if (json) printJson(terminal, run);
  else terminal.print(`\n${await sayEnd(backend, run)}`);
  return run.status === "STUCK" ? EXIT.stuck : EXIT.ok;
}

/** The walk as it goes; on the side, what holds it up. */
function walk({ say, tell }: { say(line: string): void; tell(line: string): void }, terminal: Context["terminal"], backend: Backend, { id, seq, status }: Run): Promise<Run> {
  // A run that is asked for twice is shown from where it is.
  const story = startStory(terminal, { after: status === "COMPENSATED" ? seq : seq - 1 });
  let told = "";
  return follow(backend, id, {
    fromSeq: 0,
    tell: (entries) => story.linesOf(entries).forEach(say),
    look: ({ whyWaiting }) => {
      const held = whyWaiting.filter(({ code }) => code !== "compensating" && code !== "running" && code !== "compensation_stuck").map(({ sentence }) => sentence);
      const sentence = held.join("; ");
      if (sentence !== told && sentence !== "") tell(sentence);
      told = sentence;
    },
    isOver: (run) => run.status === "COMPENSATED" || run.status === "STUCK",
  });
}

async function sayEnd(backend: Backend, run: Run): Promise<string> {
  if (run.status === "COMPENSATED") return `${run.id} is compensated.`;
  if (run.status !== "STUCK") return `${run.id} is being compensated: tape tail ${run.id} follows it.`;
  const { items } = await backend.compensationPlan(run.id);
  const stuck = items.filter(({ obligation }) => obligation.status === "STUCK").map(({ obligation }) => obligation);
  return [
    `${run.id} is stuck: the walk stopped, and nothing older was touched.`,
    ...stuck.flatMap((obligation) => [`${titleOf(obligation)}: ${obligation.lastError ?? "gave up"}`, `tape resolve obligation ${obligation.id} --as retry|done|waived --reason <why>`]),
  ].join("\n");
}
