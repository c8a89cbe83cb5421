import { ROLES, roleAtLeast } from "@tape/core";
import type { Actor } from "@tape/store";

/** May this person decide, by the gate's own list? An empty list is any approver; a role includes the roles below it. */
export function isAssigned(actor: Actor, assignees: readonly string[]): boolean {
  return assignees.length === 0 || assignees.some((assignee) => isNamed(actor, assignee.toLowerCase()));
}

function isNamed({ email, role }: Actor, assignee: string): boolean {
  if (email !== null && assignee === `user:${email.toLowerCase()}`) return true;
  return ROLES.some((named) => assignee === `role:${named}` && roleAtLeast(role, named));
}

/** Is it the same person who started the run? */
export function isStarter({ id, email }: Actor, startedBy: string): boolean {
  return startedBy === id || (email !== null && startedBy.toLowerCase() === `user:${email.toLowerCase()}`);
}
