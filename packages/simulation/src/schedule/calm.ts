import type { RunRow } from "../model/index.ts";
import type { Town } from "../town/index.ts";
import type { World } from "../world/index.ts";
import type { Crew } from "./crew.ts";
import type { People } from "./people.ts";

/** How often people look after what waits for them (ms). */
const LOOK_MS = 1_500;
/** A run that somebody should have taken is taken within this (ms): a dead worker is found after 10 s, and judged by one that was heard for 5 s. */
const OWNER_MS = 40_000;
/** Everything is at an end within this (ms): counterparties are asked after by back-off up to 5 min. */
const END_MS = 1_800_000;

/** When nothing goes wrong any more: people do what is asked of them, and everything must come to an end. */
export class Calm {
  private readonly lonelySince = new Map<string, number>();
  private looks = 0;
  private beganAt = 0;

  constructor(
    private readonly world: World,
    private readonly town: Town,
    private readonly people: People,
    private readonly crew: Crew,
    private readonly violated: (what: string) => void,
  ) {}

  /** Is every run at its end, and were there any? */
  isOver(): boolean {
    const { runs } = this.world.database.model;
    return runs.size > 0 && [...runs.values()].every((run) => this.whyOpen(run) === null);
  }

  begin(): void {
    const { bank } = this.town;
    this.world.heal();
    this.crew.heal();
    for (const fault of Object.keys(bank.faults) as (keyof typeof bank.faults)[]) bank.faults[fault] = 0;
    this.beganAt = this.world.timeline.now;
    this.look();
  }

  private look(): void {
    const { timeline, database } = this.world;
    this.looks += 1;
    this.crew.heal();
    const runs = [...database.model.runs.values()];
    for (const run of runs) this.checkOwner(run);
    const open = runs.map((run) => this.whyOpen(run)).filter((why) => why !== null);
    if (open.length === 0 && this.looks > 1) return timeline.end();
    if (timeline.now - this.beganAt > END_MS) return this.violated(`${open.join("; ")}, ${END_MS / 60_000} minutes after the last fault`);
    this.help();
    timeline.plan(LOOK_MS, null, () => this.look());
  }

  /** Everything that waits for a person gets one. */
  private help(): void {
    const pick = this.looks;
    this.people.act(pick % 4 === 3 ? "reject" : "approve", pick);
    this.people.act("signal", pick);
    if (pick > 4) this.people.act("resolve_effect", pick);
    this.people.act("resolve_obligation", pick);
    const { model } = this.world.database;
    if ([...model.runs.values()].some(({ status, endedAs }) => status === "STUCK" && endedAs === null)) this.people.act("cancel_stuck", pick);
  }

  /** A run that should be driven has no owner, or one whose lease has run out, for no longer than it takes to notice. */
  private checkOwner(run: RunRow): void {
    const { timeline, database } = this.world;
    const { model } = database;
    const isUnowned = run.status === "RUNNABLE" && run.dueAt <= model.now;
    const isStale = run.owner !== null && run.leaseExpiresAt !== null && run.leaseExpiresAt <= model.now;
    if (!isUnowned && !isStale) return void this.lonelySince.delete(run.id);
    const since = this.lonelySince.get(run.id) ?? timeline.now;
    this.lonelySince.set(run.id, since);
    if (timeline.now - since > OWNER_MS) this.violated(`run ${run.id} (${run.agent}) is ${run.status} and ${isUnowned ? "has no owner" : `its lease of ${run.owner} has run out`} for ${Math.round((timeline.now - since) / 1_000)} s`);
  }

  /** Why it is not over yet; null when it is. */
  private whyOpen(run: RunRow): string | null {
    const { model } = this.world.database;
    const name = `run ${run.id} (${run.agent})`;
    if (!["COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"].includes(run.status)) return `${name} is ${run.status}${run.waits ? `, waits ${JSON.stringify(run.waits)}` : ""}`;
    if (run.settledAt === null || run.owner !== null) return `${name} is ${run.status} and not settled`;
    for (const { runId, key, status } of model.effects.values()) if (runId === run.id && (status === "PENDING" || status === "UNKNOWN")) return `effect ${key} is ${status}`;
    for (const { runId, effectKey, status } of model.obligations.values()) if (runId === run.id && (status === "PENDING" || status === "STUCK")) return `the obligation of ${effectKey} is ${status}`;
    return null;
  }
}
