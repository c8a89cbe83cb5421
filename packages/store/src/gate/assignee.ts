import { ROLES, roleAtLeast, type Role } from "@tape/core";
import type { Actor } from "../actor.ts";

/** The names under which a gate may be assigned to this person (D32). A role includes the roles below it. */
export function assigneesOf(actor: Actor): string[] {
  const roles = ROLES.filter((role) => roleAtLeast(actor.role, role)).map((role) => `role:${role}`);
  return actor.email === null ? roles : [`user:${actor.email.toLowerCase()}`, ...roles];
}

/** May this person decide, by the gate's own list? An empty list is any approver. */
export function isAssigned(actor: Actor, assignees: readonly string[]): boolean {
  if (assignees.length === 0) return true;
  const own = new Set(assigneesOf(actor));
  return assignees.some((assignee) => own.has(assignee.toLowerCase()));
}

/** Is it the same person who started the run? */
export function isStarter(actor: Actor, startedBy: string): boolean {
  return startedBy === actor.id || (actor.email !== null && startedBy.toLowerCase() === `user:${actor.email.toLowerCase()}`);
}

export const DECIDING_ROLE: Role = "approver";
