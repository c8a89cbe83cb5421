import { count, foreign, relativeTime, RUN_STATUSES, type Effect, type Gate, type Obligation, type RunStatus, type RunSummary, type SystemStatus } from "@tape/core";
import type { Command } from "commander";
import type { Backend } from "../backend/backend.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { sayAttempts, sayCheck, titleOf } from "../print/effect.ts";
import { titleOf as gateTitle } from "../print/gate.ts";
import { printJson } from "../print/json.ts";
import { titleOf as obligationTitle } from "../print/plan.ts";
import { stateOf, whyOf } from "../print/run.ts";
import { table } from "../print/table.ts";
import type { Terminal } from "../print/terminal.ts";
import { jsonOption } from "./options.ts";

/** How many of each kind are shown; the counts are always whole. */
const MOST = 20;
/** A page of what is counted here and not by the server. */
const PAGE = 200;

export function addStatus(program: Command, context: Context): void {
  program
    .command("status")
    .description("what waits for somebody, and what is wrong; exits 1 on UNKNOWN or not sent, 2 on STUCK")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, { json }: { json?: true }) => {
        const report = await look(backend);
        if (json) printJson(context.terminal, report);
        else print(context.terminal, report, await backend.now());
        return exitCode(report);
      }),
    );
}

interface Report extends SystemStatus {
  /** All of them: also those of runs that are not STUCK themselves, left by a duplicate. */
  stuckObligations: number;
  /** Of the newest cancelled runs, those that a worker still holds. */
  cancelling: number;
  obligations: Obligation[];
  gates: Gate[];
  effects: Effect[];
  /** What keeps failing to be sent. */
  unsent: Effect[];
  stuck: RunSummary[];
  waiting: RunSummary[];
  cancelled: RunSummary[];
}

async function look(backend: Backend): Promise<Report> {
  const inState = (status: RunStatus) => backend.listRuns({ status: [status] }, { limit: MOST });
  const [system, obligations, gates, effects, unsent, stuck, waiting, cancelled] = await Promise.all([
    backend.status(),
    stuckObligations(backend),
    backend.listGates({ status: "OPEN" }, { limit: MOST }),
    backend.listEffects({ status: "UNKNOWN" }, { limit: MOST }),
    backend.listEffects({ status: "PENDING" }, { limit: MOST }),
    inState("STUCK"),
    inState("WAITING"),
    backend.listRuns({ status: ["CANCELLED"] }, { limit: PAGE }),
  ]);
  const cancelling = cancelled.items.filter(isHeld);
  return {
    ...system,
    stuckObligations: obligations.length,
    cancelling: cancelling.length,
    obligations: obligations.slice(0, MOST),
    gates: gates.items,
    effects: effects.items,
    unsent: unsent.items,
    stuck: stuck.items,
    waiting: waiting.items,
    cancelled: [...cancelling, ...cancelled.items.filter((run) => !isHeld(run))].slice(0, MOST),
  };
}

async function stuckObligations(backend: Backend): Promise<Obligation[]> {
  const found: Obligation[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await backend.listObligations({ status: "STUCK" }, { cursor, limit: PAGE });
    found.push(...page.items);
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
}

function isHeld({ settledAt }: RunSummary): boolean {
  return settledAt === null;
}

function exitCode({ stuckRuns, stuckObligations: stuck, unknownEffects, unsentEffects }: Report): ExitCode {
  if (stuckRuns > 0 || stuck > 0) return EXIT.stuck;
  return unknownEffects > 0 || unsentEffects > 0 ? EXIT.refused : EXIT.ok;
}

function print(terminal: Terminal, report: Report, now: Date): void {
  const { paint } = terminal;
  terminal.print(`${sayRuns(report)}; ${count(report.workers, "worker")} alive`);
  if (report.workers === 0) terminal.print(paint.operator("No worker is alive, so nothing gets on: tape worker starts one."));
  if (report.conflicts > 0) terminal.print(paint.operator(`${count(report.conflicts, "outcome")} came late and contradict what stands: tape inspect shows the run.`));
  if (report.cancelling > 0) terminal.print(`${count(report.cancelling, "cancelled run")} ${report.cancelling === 1 ? "is" : "are"} still held by a worker.`);
  const section = (title: string, all: number, rows: string[][]) => {
    if (rows.length === 0) return;
    terminal.print(`\n${paint.bold(title)}${all > rows.length ? paint.dim(` (${rows.length} of ${all})`) : ""}`);
    terminal.print(table(terminal, rows[0]?.map(() => ({ head: "" })) ?? [], rows));
  };
  const ago = (at: string) => paint.dim(relativeTime(at, now));
  const runRow = (run: RunSummary) => [run.id, foreign(run.agent, 30), stateOf(terminal, run), ago(run.createdAt), whyOf(run)];
  section("Stuck: somebody has to look", report.stuckRuns, report.stuck.map(runRow));
  section("Undoing gave up: done, retry or waived", report.stuckObligations, report.obligations.map((obligation) => [obligation.id, ago(obligation.createdAt), `${obligationTitle(obligation)}${obligation.lastError === null ? "" : `, ${foreign(obligation.lastError, 120)}`}`]));
  section("Unknown: it may have happened", report.unknownEffects, report.effects.map((effect) => [effect.id, ago(effect.createdAt), `${titleOf(effect)}, ${sayCheck(effect, now)}`]));
  section("Not sent: failed, or confirmed another way", report.unsentEffects, report.unsent.map((effect) => [effect.id, ago(effect.createdAt), `${titleOf(effect)}, ${sayAttempts(effect, now)}`]));
  section("Waiting for a decision", report.openGates, report.gates.map((gate) => [gate.id, ago(gate.openedAt), gateTitle(gate)]));
  const others = report.waiting.filter((run) => run.whyWaiting.some(({ code }) => code !== "gate"));
  section("Waiting for something else", others.length, others.map(runRow));
  section("Cancelled runs", report.runs.CANCELLED ?? 0, report.cancelled.map(runRow));
}

/** `12 runs: 1 stuck, 2 waiting, 9 completed`. */
function sayRuns({ runs }: SystemStatus): string {
  const all = Object.values(runs).reduce((sum, each) => sum + each, 0);
  const parts = RUN_STATUSES.filter((status) => (runs[status] ?? 0) > 0).map((status) => `${runs[status]} ${status.toLowerCase()}`);
  return parts.length === 0 ? "No runs yet" : `${count(all, "run")}: ${parts.join(", ")}`;
}
