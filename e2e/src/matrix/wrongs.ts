import type { Entry } from "@tape/core";
import { listObligations } from "@tape/store";
import { actsOf, type Act } from "../acts.ts";
import type { System } from "../system.ts";
import { journalOf } from "./end.ts";

/** What was recorded when the worker was dead and the next one not yet started: none of it may be done again. */
export interface Recorded {
  /** Of effects whose outcome is recorded, and of what took effects back. */
  keys: Set<string>;
  /** `asked plan`, `tick soon`: acts that have no key of their own. */
  acts: Set<string>;
  /** The process that died. */
  pid: number;
}

export async function recordedOf(system: System, runId: string, pid: number): Promise<Recorded> {
  const journals = await journalsOf(system, runId);
  const all = [...journals.values()].flat();
  const names = new Map(all.flatMap((entry) => (entry.kind === "decision" && entry.verb === "asked" ? [[entry.payload.key, entry.payload.name] as const] : [])));
  const keyOf = effectKeys(all);
  const keys = new Set<string>();
  const acts = new Set<string>();
  for (const entry of all) {
    if (entry.kind === "effect" && (entry.verb === "confirmed" || entry.verb === "failed" || entry.verb === "unknown")) keys.add(entry.payload.key);
    if (entry.kind === "obligation" && entry.verb === "compensated") keys.add(`${keyOf.get(entry.payload.effectId)}/undo/1`);
    if (entry.kind === "decision" && entry.verb === "answered") acts.add(`asked ${names.get(entry.payload.key)}`);
    if (entry.kind === "run" && entry.verb === "sampled") acts.add(`asked ${entry.payload.name}`);
    if (entry.kind === "timer" && entry.verb === "fired") acts.add(`tick ${entry.payload.timerId}`);
  }
  return { keys, acts, pid };
}

/** Everything about an ended run that breaks a rule of DESIGN §2, in words. @param recorded of a run whose worker died */
export async function wrongsOf(system: System, runId: string, recorded: Recorded | undefined): Promise<string[]> {
  const journals = await journalsOf(system, runId);
  const acts = await actsOf(system);
  const wrongs = [...(await wrongRows(system)), ...wrongActs(acts, recorded)];
  for (const [id, entries] of journals) {
    entries.forEach(({ seq }, at) => seq !== at + 1 && wrongs.push(`${id}: entry ${at + 1} has seq ${seq}`));
    wrongs.push(...repeated(entries).map((what) => `${id}: ${what} is recorded twice`));
  }
  return [...wrongs, ...(await wrongOrder(system, runId, acts))];
}

/** The run, then its children. */
async function journalsOf(system: System, runId: string): Promise<Map<string, Entry[]>> {
  const own = await journalOf(system, runId);
  const children = own.flatMap((entry) => (entry.kind === "run" && entry.verb === "child" ? [entry.payload.runId] : []));
  const of = await Promise.all(children.map(async (id) => [id, await journalOf(system, id)] as const));
  return new Map([[runId, own], ...of]);
}

const effectKeys = (entries: readonly Entry[]) => new Map(entries.flatMap((entry) => (entry.kind === "effect" && entry.verb === "intended" ? [[entry.payload.effectId, entry.payload.key] as const] : [])));

/** What may be recorded once: an intent, an outcome, an answer, an obligation and its end. */
function repeated(entries: readonly Entry[]): string[] {
  const seen = new Set<string>();
  const twice: string[] = [];
  const once = (what: string) => (seen.has(what) ? twice.push(what) : seen.add(what));
  for (const { kind, verb, payload } of entries) {
    if (kind === "effect" && verb === "intended") once(`the intent ${payload.key}`);
    if (kind === "effect" && (verb === "confirmed" || verb === "failed")) once(`the outcome of ${payload.key}`);
    if (kind === "decision" && verb === "answered") once(`the answer ${payload.key}`);
    if (kind === "obligation" && (verb === "registered" || verb === "compensated")) once(`${verb} ${payload.obligationId}`);
    if (kind === "run" && (verb === "sampled" || verb === "child")) once(`${verb} ${payload.key}`);
    if (kind === "run" && (verb === "completed" || verb === "compensated")) once(verb);
  }
  return twice;
}

/** Counters of runs beside what they count (D33), and journals beside the `seq` of their runs. */
async function wrongRows({ store }: System): Promise<string[]> {
  const { rows } = await store.pool.query<{ id: string; what: string }>(`
    SELECT r.id, format('seq %s of %s entries, open_effects %s of %s, armed %s of %s', r.seq, n.entries, r.open_effects, n.open, r.armed, n.armed) AS what
    FROM tape.runs r CROSS JOIN LATERAL (
      SELECT (SELECT count(*) FROM tape.entries e WHERE e.run_id = r.id) AS entries,
             (SELECT count(*) FROM tape.effects e WHERE e.run_id = r.id AND e.status IN ('PENDING', 'UNKNOWN')) AS open,
             (SELECT count(*) FROM tape.obligations o WHERE o.run_id = r.id AND o.status = 'PENDING') AS armed) n
    WHERE (r.seq, r.open_effects, r.armed) IS DISTINCT FROM (n.entries, n.open, n.armed)`);
  return rows.map(({ id, what }) => `${id}: ${what}`);
}

const nameOf = ({ what, name }: Act): string => `${what} ${name}`;

function wrongActs(acts: readonly Act[], recorded: Recorded | undefined): string[] {
  const wrongs: string[] = [];
  const byName = new Map<string, Act[]>();
  for (const act of acts) byName.set(nameOf(act), [...(byName.get(nameOf(act)) ?? []), act]);
  for (const [act, all] of byName) {
    const keys = new Set(all.map(({ rest }) => rest));
    if (keys.size > 1) wrongs.push(`${act} was done under ${[...keys].join(" and ")}`);
    // One failed try belongs to it; and one death can have it done once more.
    const most = (all[0]?.what === "retried" ? 2 : 1) + (recorded ? 1 : 0);
    if (all.length > most) wrongs.push(`${act} was done ${all.length} times`);
    if (all[0]?.what === "post" && act.endsWith("-once") && all.length > 1) wrongs.push(`${act} was sent twice`);
  }
  const later = recorded ? acts.filter(({ pid }) => pid !== recorded.pid) : [];
  for (const act of later) if (recorded?.keys.has(act.rest) || recorded?.acts.has(nameOf(act))) wrongs.push(`${nameOf(act)} was recorded and done again`);
  return wrongs;
}

/** Compensated newest first, one at a time (DESIGN §2.8). */
async function wrongOrder({ store }: System, runId: string, acts: readonly Act[]): Promise<string[]> {
  const { rows } = await store.pool.query<{ key: string }>("SELECT effect_key AS key FROM tape.obligations WHERE run_id = $1 ORDER BY position DESC", [runId]);
  const owed = rows.map(({ key }) => `${key}/undo/1`);
  const undone = acts.map(({ rest }) => rest).filter((key) => key.includes("/undo/"));
  // A repeat of the one that was under way is no disorder.
  const order = undone.filter((key, at) => key !== undone[at - 1]);
  const { items } = await listObligations(store, { runId, limit: 200 });
  const open = items.filter(({ status }) => status !== "COMPENSATED").map(({ kind, status }) => `the obligation ${kind} is ${status}`);
  return order.join() === owed.join() ? open : [...open, `undone were ${order.join(", ")}, owed ${owed.join(", ")}`];
}
