import { isProgress, type DriverRecord, type RunCommit, type RunEnd } from "../record.ts";
import { plainRow } from "./plain.ts";

/** One record as the commit statement reads it. `op` names the fragment that handles `row`. */
export interface RecordRow {
  run_id: string;
  ord: number;
  /** Belongs to the end: written only if the end is. */
  fin: boolean;
  kind: string;
  verb: string;
  ref: string | null;
  body: string;
  due_field: string | null;
  due_ms: number | null;
  op: Operation | null;
  row: Record<string, unknown> | null;
}

export type Operation =
  | "intend"
  | "attempt"
  | "settle"
  | "settle_owing"
  | "lose"
  | "open_gate"
  | "close_gate"
  | "arm_timer"
  | "close_timer";

/** One run as the commit statement reads it. */
export interface GroupRow {
  run_id: string;
  owner: string;
  epoch: number;
  first: number;
  n: number;
  fins: number;
  foreign: number | null;
  opened: number;
  closed: number;
  progressed: boolean;
  micro_usd: number;
  tokens: number;
  /** How much more is set aside; below 0: given back. */
  held_micro_usd: number;
  held_tokens: number;
  /** The caps from here on; null: as they are. */
  cap_micro_usd: number | null;
  cap_tokens: number | null;
  ttl_ms: number;
  to: string | null;
  inbox: number | null;
  waits: string | null;
  stuck: string | null;
  due_ms: number;
}

/** The rows of one run's commit. */
export function rowsOf(commit: RunCommit): { group: GroupRow; records: RecordRow[] } {
  const closing = commit.end ? [...commit.end.closing, { happening: endingOf(commit.end) }] : [];
  const records = commit.records.flatMap(withWhatIsOwed).map((record, place) => rowOf(commit.runId, record, place + 1, false));
  const fins = closing.map((record, place) => rowOf(commit.runId, record, records.length + place + 1, true));
  const settles = records.filter((row) => row.op === "settle" || row.op === "settle_owing" || row.op === "lose");
  const { end } = commit;
  return {
    group: {
      run_id: commit.runId,
      owner: commit.owner,
      epoch: commit.epoch,
      first: commit.first,
      n: records.length,
      fins: fins.length,
      foreign: settles.length > 0 ? commit.foreign : null,
      opened: records.filter((row) => row.op === "intend").length,
      closed: settles.filter((row) => row.op !== "lose").length,
      progressed: commit.records.some(({ happening }) => isProgress(happening)),
      ...spent(commit.records),
      ...setAside(commit.records),
      ...capped(commit.records),
      ttl_ms: commit.ttlMs,
      to: end?.to ?? null,
      inbox: end?.inbox ?? null,
      waits: end?.to === "WAITING" ? JSON.stringify(end.waits) : null,
      stuck: end?.to === "STUCK" ? JSON.stringify(end.reason) : null,
      due_ms: end?.to === "RUNNABLE" ? end.inMs : 0,
    },
    records: [...records, ...fins],
  };
}

/** An obligation is an entry of its own, in the commit of the confirmation it comes from. */
function withWhatIsOwed(record: DriverRecord): DriverRecord[] {
  const { happening, obligation } = record;
  if (!obligation || happening.kind !== "effect" || happening.verb !== "confirmed") return [record];
  const { id: obligationId, compensator, summary } = obligation;
  const registered = { obligationId, effectId: happening.payload.effectId, compensator, reason: "confirmed", ...(summary !== undefined && { summary }) } as const;
  return [record, { happening: { kind: "obligation", verb: "registered", payload: registered } }];
}

/** What answers cost: as their budget was settled, else as they say themselves. */
function spent(records: DriverRecord[]): Pick<GroupRow, "micro_usd" | "tokens"> {
  const settled = new Set<string>();
  for (const { happening } of records) if (happening.kind === "budget" && happening.verb === "settled") settled.add(happening.payload.key);
  let microUsd = 0;
  let tokens = 0;
  for (const { happening } of records) {
    if (happening.kind === "budget" && happening.verb === "settled") {
      microUsd += happening.payload.microUsd;
      tokens += happening.payload.tokens;
    }
    if (happening.kind !== "decision" || happening.verb !== "answered" || !happening.payload.usage || settled.has(happening.payload.key)) continue;
    microUsd += happening.payload.usage.costMicroUsd ?? 0;
    tokens += happening.payload.usage.inputTokens + happening.payload.usage.outputTokens;
  }
  return { micro_usd: microUsd, tokens };
}

function setAside(records: DriverRecord[]): Pick<GroupRow, "held_micro_usd" | "held_tokens"> {
  let microUsd = 0;
  let tokens = 0;
  for (const { happening, reservation } of records) {
    if (happening.kind !== "budget") continue;
    if (happening.verb === "reserved") {
      microUsd += happening.payload.microUsd;
      tokens += happening.payload.tokens;
    }
    if (happening.verb === "settled" && reservation) {
      microUsd -= reservation.microUsd;
      tokens -= reservation.tokens;
    }
  }
  return { held_micro_usd: microUsd, held_tokens: tokens };
}

/** The last word on what is capped. */
function capped(records: DriverRecord[]): Pick<GroupRow, "cap_micro_usd" | "cap_tokens"> {
  const caps: Pick<GroupRow, "cap_micro_usd" | "cap_tokens"> = { cap_micro_usd: null, cap_tokens: null };
  for (const { happening } of records) {
    if (happening.kind !== "budget" || happening.verb === "settled") continue;
    caps.cap_micro_usd = happening.payload.cap?.microUsd ?? caps.cap_micro_usd;
    caps.cap_tokens = happening.payload.cap?.tokens ?? caps.cap_tokens;
  }
  return caps;
}

function endingOf(end: RunEnd): DriverRecord["happening"] {
  switch (end.to) {
    case "WAITING":
      return { kind: "run", verb: "parked", payload: { waits: end.waits } };
    case "COMPLETED":
      return { kind: "run", verb: "completed", payload: { output: end.output } };
    case "FAILED":
      return { kind: "run", verb: "failed", payload: { error: end.error } };
    case "STUCK":
      return { kind: "run", verb: "stuck", payload: { reason: end.reason } };
    case "RUNNABLE":
      return { kind: "run", verb: "released", payload: { reason: end.reason, dueAt: null } };
  }
}

function rowOf(runId: string, record: DriverRecord, ord: number, fin: boolean): RecordRow {
  const { happening, due } = record;
  const change = changeOf(record);
  return {
    run_id: runId,
    ord,
    fin,
    kind: happening.kind,
    verb: happening.verb,
    // What the commit writes by the database's clock is left out here.
    body: JSON.stringify(due ? { ...happening.payload, [due.field]: undefined } : happening.payload),
    due_field: due?.field ?? null,
    due_ms: due?.inMs ?? null,
    ...change,
    row: change.row && plainRow(change.row),
  };
}

function changeOf(record: DriverRecord): Pick<RecordRow, "ref" | "op" | "row"> {
  const { happening } = record;
  switch (happening.kind) {
    case "effect":
      return effectChange(record, happening);
    case "gate": {
      const { payload } = happening;
      if (happening.verb === "opened") {
        const { gateId, key, name, occurrence, fingerprint, risk, assignees, quorum } = happening.payload;
        const row = { id: gateId, key, name, occurrence, fingerprint, risk, assignees, quorum, allow_self: record.allowSelf ?? true };
        return { ref: gateId, op: "open_gate", row };
      }
      if (happening.verb === "cancelled") return { ref: payload.gateId, op: "close_gate", row: { id: payload.gateId } };
      return { ref: payload.gateId, op: null, row: null };
    }
    case "timer": {
      const { timerId } = happening.payload;
      if (happening.verb === "armed") {
        const { kind, key, payload } = happening.payload;
        const row = { id: timerId, kind, key: key ?? null, timer_ref: record.ref ?? null, payload: payload === undefined ? null : JSON.stringify(payload) };
        return { ref: timerId, op: "arm_timer", row };
      }
      if (happening.verb === "cancelled") return { ref: timerId, op: "close_timer", row: { id: timerId } };
      return { ref: timerId, op: null, row: null };
    }
    case "obligation":
      return { ref: happening.payload.obligationId, op: null, row: null };
    case "signal":
      return { ref: "signalId" in happening.payload ? happening.payload.signalId : null, op: null, row: null };
    default:
      return { ref: null, op: null, row: null };
  }
}

function effectChange(record: DriverRecord, happening: Extract<DriverRecord["happening"], { kind: "effect" }>): Pick<RecordRow, "ref" | "op" | "row"> {
  const { effectId: ref, key } = happening.payload;
  switch (happening.verb) {
    case "intended": {
      const { tool, semantics, dispatch, fingerprint, businessKey, gateId, summary } = happening.payload;
      const row = {
        id: ref, key, tool, semantics, dispatch, fingerprint, business_key: businessKey ?? null,
        gate_id: gateId ?? null, summary: summary ?? null, connector: record.connector ?? null, compensator: record.compensator ?? null,
      };
      return { ref, op: "intend", row };
    }
    case "attempt_failed":
      return { ref, op: "attempt", row: { key, attempts: happening.payload.attempt + 1 } };
    case "resumed":
      return { ref, op: "attempt", row: { key, attempts: happening.payload.attempt } };
    case "confirmed": {
      const row = { key, status: "CONFIRMED", external_ref: happening.payload.externalRef ?? null, summary: happening.payload.summary ?? null };
      return record.obligation
        ? { ref, op: "settle_owing", row: { ...row, effect_id: ref, ...obligationRow(record.obligation) } }
        : { ref, op: "settle", row };
    }
    case "failed":
      return { ref, op: "settle", row: { key, status: "FAILED", external_ref: null, summary: null } };
    case "unknown":
      return { ref, op: "lose", row: { key, checkable: record.checkable ?? false } };
    default:
      return { ref, op: null, row: null };
  }
}

function obligationRow(owed: NonNullable<DriverRecord["obligation"]>) {
  return { obligation_id: owed.id, compensator: owed.compensator, owed_connector: owed.connector ?? null, payload: owed.payload, owed_summary: owed.summary ?? null };
}
