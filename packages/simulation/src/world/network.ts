import type { Process } from "./process.ts";
import { chanceOf } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** What a process asks of somebody: the database, or the counterparty. */
export interface Call<T> {
  to: "store" | "bank";
  name: string;
  /** Done at once, where it arrives. What it throws is the answer. */
  apply(): T;
  /** What the caller gets for a connection that could not be made, or broke. `arrived`: it may have been applied. */
  broken(arrived: boolean): unknown;
  /** How long the caller waits for an answer (ms). */
  timeoutMs: number;
}

/** How one call goes wrong. */
export type CallFault =
  /** It never arrives, and the caller is told at once. */
  | { what: "refused" }
  /** It is applied, and the connection breaks before the answer. */
  | { what: "answer_lost" }
  /** It is applied, and nothing is ever heard of it: the caller gives up by its own timeout. */
  | { what: "silent" }
  /** The connection breaks, and it is applied all the same, so much later (ms). */
  | { what: "late"; byMs: number }
  /** It takes longer, there or back (ms). */
  | { what: "slow"; thereMs: number; backMs: number };

/** A call that is to go wrong: the next of these. */
export interface ArmedFault {
  fault: CallFault;
  to: Call<unknown>["to"];
  /** Of which process; null: of any. */
  slot: string | null;
  /** Which call; null: any. */
  name: string | null;
  /** How many of them. */
  left: number;
}

/** Where a call is: given to the network, arrived and done, or known to its caller. */
export type Moment = "asked" | "applied" | "answered";

export interface NetworkHooks {
  /** Before anything else happens at this moment. */
  moment(process: Process, call: Call<unknown>, moment: Moment): void;
}

/** A call that takes long does so this often. */
const SLOW_SHARE = 0.04;

/** How long a way takes (ms). */
const WAYS = { store: { usual: 3, slow: 250 }, bank: { usual: 120, slow: 2_500 } };

/** Carries calls from processes to the database and the counterparty, and answers back. */
export class Network {
  /** Calls that are to go wrong. */
  readonly armed: ArmedFault[] = [];
  /** How many calls of each went wrong. */
  readonly counts = { refused: 0, answer_lost: 0, silent: 0, late: 0, slow: 0, cut: 0, database_down: 0 };
  private readonly cutUntil = new Map<string, number>();
  private databaseDownUntil = -1;
  private databaseLives = 0;
  private readonly asked = new Map<string, number>();

  constructor(
    private readonly timeline: Timeline,
    private readonly hooks: NetworkHooks,
  ) {}

  /** The process reaches nobody for so long, and whatever it had under way is broken. */
  cut(slot: string, forMs: number): void {
    this.cutUntil.set(slot, this.timeline.now + forMs);
  }

  /** The database is away for so long; every connection breaks. */
  restartDatabase(forMs: number): void {
    this.databaseLives += 1;
    this.databaseDownUntil = this.timeline.now + forMs;
  }

  get isDatabaseDown(): boolean {
    return this.timeline.now < this.databaseDownUntil;
  }

  isCut(slot: string): boolean {
    return this.timeline.now < (this.cutUntil.get(slot) ?? -1);
  }

  /** Changes with every restart of the database: connections of before are gone. */
  get life(): number {
    return this.databaseLives;
  }

  /** Everything works from here on; what is on its way arrives. */
  heal(): void {
    this.armed.length = 0;
    this.cutUntil.clear();
    this.databaseDownUntil = -1;
  }

  /** Never settles once the process is dead. */
  call<T>(process: Process, call: Call<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (process.isDead) return;
      this.hooks.moment(process, call, "asked");
      if (process.isDead) return;
      const nth = this.count(`${process.slot} ${call.name}`);
      const [thereMs, backMs] = [this.wayMs(process, call, nth, "there"), this.wayMs(process, call, nth, "back")];
      const fault = this.faultOf(process, call);
      const fail = (arrived: boolean, inMs: number) => process.after(inMs, () => reject(call.broken(arrived) as Error));
      const apply = (inMs: number, then: (settle: () => void) => void) => {
        const life = this.databaseLives;
        this.timeline.plan(inMs, null, () => {
          if (call.to === "store" && (this.isDatabaseDown || life !== this.databaseLives)) {
            this.counts.database_down += 1;
            return fail(false, backMs);
          }
          const answer = answerOf(call);
          this.hooks.moment(process, call, "applied");
          then(() => (answer.ok ? resolve(answer.value) : reject(answer.error as Error)));
        });
      };
      if (this.isCut(process.slot) || (call.to === "store" && this.isDatabaseDown)) {
        this.counts[this.isCut(process.slot) ? "cut" : "database_down"] += 1;
        return fail(false, thereMs);
      }
      switch (fault?.what) {
        case "refused":
          return fail(false, thereMs);
        case "late":
          fail(true, thereMs);
          return apply(thereMs + fault.byMs, () => {});
        case "silent":
          return apply(thereMs, () => fail(true, call.timeoutMs));
        case "answer_lost":
          return apply(thereMs, () => fail(true, backMs));
        default: {
          const slow = fault ?? { thereMs: 0, backMs: 0 };
          apply(thereMs + slow.thereMs, (settle) => {
            const life = this.databaseLives;
            process.after(backMs + slow.backMs, () => {
              const isBroken = this.isCut(process.slot) || (call.to === "store" && life !== this.databaseLives);
              if (isBroken) return reject(call.broken(true) as Error);
              this.hooks.moment(process, call, "answered");
              settle();
            });
          });
        }
      }
    });
  }

  private count(what: string): number {
    const nth = (this.asked.get(what) ?? 0) + 1;
    this.asked.set(what, nth);
    return nth;
  }

  /** The same for the same call of the same process, whatever else happens: dropping one fault leaves the others' ways alone. */
  private wayMs(process: Process, { to, name }: Call<unknown>, nth: number, way: string): number {
    const chance = chanceOf(this.timeline.seed, process.slot, name, nth, way);
    const { usual, slow } = WAYS[to];
    return chance < SLOW_SHARE ? (chance / SLOW_SHARE) * slow : chance * usual;
  }

  private faultOf(process: Process, { to, name }: Call<unknown>): CallFault | undefined {
    const found = this.armed.find((each) => each.left > 0 && each.to === to && (each.slot ?? process.slot) === process.slot && (each.name ?? name) === name);
    if (!found) return undefined;
    found.left -= 1;
    this.counts[found.fault.what] += 1;
    return found.fault;
  }
}

function answerOf<T>({ apply }: Call<T>): { ok: true; value: T } | { ok: false; error: unknown } {
  try {
    return { ok: true, value: apply() };
  } catch (error) {
    return { ok: false, error };
  }
}
