import type { EntryRow, RunRow } from "../model/index.ts";
import type { Call, Moment, Process, Said, World } from "../world/index.ts";
import type { Act } from "./choice.ts";

/** What happened, for people: a line each, the same each time a schedule is run. Counts what is rare on the way. */
export class Trace {
  readonly lines: string[] = [];
  readonly counts: Record<string, number> = {};

  constructor(
    private readonly world: World,
    private readonly isKept: boolean,
  ) {}

  say(line: string): void {
    if (this.isKept) this.lines.push(this.world.plain(`${String(Math.round(this.world.timeline.now)).padStart(7)} ${line}`));
  }

  chose(act: Act): void {
    if (this.isKept) this.say(`*** ${JSON.stringify(act)}`);
  }

  moment(process: Process, { to, name }: Call<unknown>, moment: Moment): void {
    if (this.isKept && moment !== "applied" && name !== "beatWorker") this.say(`    ${process.name} ${moment} ${to}.${name}`);
  }

  said({ by, verb, answer }: Said): void {
    if (!this.isKept || verb === "beatWorker") return;
    this.say(`  ${by?.name ?? "somebody"} ${verb}: ${answer.ok ? shorten(JSON.stringify(answer.value, noStacks)) : String(answer.error)}`);
  }

  grew({ id, agent, status }: RunRow, fresh: readonly EntryRow[]): void {
    for (const { seq, kind, verb, payload } of fresh) {
      this.count(`${kind}.${verb}`);
      const { taken, epoch } = payload as { taken?: string; epoch?: number };
      if (taken === "stale") this.count("takeovers");
      if (kind === "obligation" && verb === "registered" && (payload as { reason: string }).reason === "duplicate") this.count("copies");
      if (this.isKept) this.say(`${agent} ${id.slice(0, 16)} ${seq} ${kind}.${verb} ${epoch ?? ""} ${shorten(JSON.stringify(payload, noStacks))} → ${status}`);
    }
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

function noStacks(name: string, value: unknown): unknown {
  return name === "stack" || name === "pid" || name === "host" ? undefined : value;
}

function shorten(text: string | undefined): string {
  if (text === undefined) return "";
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
