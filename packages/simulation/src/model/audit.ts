import type { Actor } from "@tape/store";
import { plainJson, type AuditRow, type Model } from "./model.ts";

/** One line of the audit log, with the change it tells of. */
export function appendAudit(model: Model, { runId = null, details = {}, ...line }: Pick<AuditRow, "actor" | "action" | "target"> & { runId?: string | null; details?: unknown }): void {
  model.audit.push({ at: model.now, ...line, runId, details: plainJson(details) });
}

/** Is it a person's own hand? What a machine does on its own is journaled, not audited. */
export function isPerson(actor: Actor | undefined): actor is Actor {
  return actor !== undefined && (actor.id.startsWith("user:") || actor.id.startsWith("cli:"));
}
