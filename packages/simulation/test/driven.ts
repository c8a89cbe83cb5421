import { newId, type Happening } from "@tape/core";
import type { Actor, Claim, DriverRecord, EffectToSend, RunEnd } from "@tape/store";
import { claimOutbox, claimRuns, commitRuns, createModel, keyOf, markInFlight, startRun, type EffectRow, type Model, type RunRow } from "../src/model/index.ts";

export const operator: Actor = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" };
export const undo = [{ app: "test", compensator: "unwire" }];
export const bank = [{ app: "test", connector: "bank" }];

export interface Asked extends Partial<Pick<EffectRow, "semantics" | "dispatch" | "businessKey" | "compensator">> {
  tool?: string;
  request?: unknown;
}

/** A run of the model, driven by `wrk_1` until it is left. */
export interface Driven {
  model: Model;
  run: RunRow;
  lease: Claim;
  says(verb: string, effect: EffectRow, payload?: object, beside?: Partial<DriverRecord>): DriverRecord;
  intend(asked?: Asked): EffectRow;
  confirm(effect: EffectRow, result?: unknown): void;
  lose(effect: EffectRow): void;
  end(end: RunEnd): void;
  verbs(from?: number): string[];
}

export function driven(model: Model = createModel(Date.parse("2026-11-24T08:00:00Z"))): Driven {
  const { id } = startRun(model, { app: "test", agent: "pay", input: {}, startedBy: "user:sam@example.com" }).run;
  const [lease] = claimRuns(model, { owner: "wrk_1", agents: [{ app: "test", agent: "pay", version: null }], limit: 1, ttlMs: 60_000, suspects: true });
  const run = model.runs.get(id)!;
  let first = 0;
  const commit = (records: DriverRecord[], end?: RunEnd) => {
    const [outcome] = commitRuns(model, [{ runId: id, owner: "wrk_1", epoch: lease!.epoch, first, foreign: run.foreignOutcomes, ttlMs: 60_000, records, ...(end && { end }) }]);
    if (!outcome!.ok) throw new Error(outcome!.reason);
    first = outcome!.recorded;
  };
  const requested = ({ requestSeq }: EffectRow) => (model.journals.get(id)![requestSeq - 1]!.payload as { request: unknown }).request;
  let calls = 0;
  const says: Driven["says"] = (verb, { id: effectId, key }, payload = {}, beside = {}) => ({ happening: { kind: "effect", verb, payload: { effectId, key, ...payload } } as Happening, ...beside });
  return {
    model,
    run,
    lease: lease!,
    says,
    intend: ({ tool = "wire", request = { to: "acme" }, semantics = "IDEMPOTENT", dispatch = "INLINE", businessKey, compensator = "unwire" } = {}) => {
      const key = `${id}//d0/${tool}/${++calls}`;
      const effectId = newId("eff");
      const payload = { effectId, key, tool, request, fingerprint: "f", semantics, dispatch, ...(businessKey != null && { businessKey }) };
      commit([{ happening: { kind: "effect", verb: "intended", payload }, ...(compensator !== null && { compensator }), ...(dispatch === "OUTBOX" && { connector: "bank" }) }]);
      return model.effects.get(keyOf(id, key))!;
    },
    confirm: (effect, result = { ref: effect.key }) => {
      const obligation = effect.compensator === null ? {} : { obligation: { id: newId("obl"), compensator: effect.compensator, payload: JSON.stringify({ input: requested(effect), result }) } };
      commit([says("confirmed", effect, { by: "driver", result }, obligation)]);
    },
    lose: (effect) => commit([says("unknown", effect, { reason: "the acknowledgement was lost" }, { checkable: true })]),
    end: (end) => commit([], end),
    verbs: (from = 0) => model.journals.get(id)!.slice(from).map(({ kind, verb }) => `${kind}.${verb}`),
  };
}

/** The only effect of the outbox that is due, claimed and marked in flight. */
export function sending(model: Model, owner = "wrk_1"): EffectToSend {
  const [claimed] = claimOutbox(model, { owner, connectors: [{ ...bank[0]!, places: 1 }] });
  markInFlight(model, { effectId: claimed!.effectId, claim: claimed!.claim });
  return claimed!;
}

/** What is refused changes nothing: the code of the refusal. */
export function refused(model: Model, act: () => unknown): string {
  const before = textOf(model);
  try {
    act();
  } catch (error) {
    if (textOf(model) !== before) throw new Error("a refusal changed something", { cause: error });
    return (error as { code: string }).code;
  }
  throw new Error("it was not refused");
}

function textOf(model: Model): string {
  return JSON.stringify(model, (_, value: unknown) => (value instanceof Map ? [...value] : typeof value === "bigint" ? `${value}` : value));
}
