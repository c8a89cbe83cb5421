import { foreign, listed } from "./text.ts";

/** Who did it, as people say it: `user:ann@acme.com` → `ann@acme.com`, `cli:bob@host` → `bob@host by command line`. */
export function sayActor(actor: string | null | undefined): string {
  if (!actor) return "someone";
  const colon = actor.indexOf(":");
  const kind = colon < 0 ? "" : actor.slice(0, colon);
  const rest = foreign(actor.slice(colon + 1), 60);
  switch (kind) {
    case "user":
      return rest;
    case "sdk":
      return `app ${rest}`;
    case "cli":
      return `${rest} by command line`;
    case "token":
      return `token ${rest}`;
    case "worker":
      return sayWorker(actor.slice(colon + 1));
    case "run":
      return `run ${rest}`;
    case "reactor":
      return `the ${rest} reactor`;
    default:
      return foreign(actor, 60);
  }
}

/** Who may decide: `role:cfo` → `role cfo`, `user:ann@acme.com` → `ann@acme.com`, none → `any approver`. Any one of them may. */
export function sayAssignees(assignees: readonly string[]): string {
  if (assignees.length === 0) return "any approver";
  return listed(assignees.map((who) => (who.startsWith("role:") ? `role ${foreign(who.slice(5), 40)}` : sayActor(who))), 3, "or");
}

/** A worker by the end of its id: 26 characters tell a person nothing that four do not. */
export function sayWorker(owner: string): string {
  return `worker ${/^wrk_[0-9A-Z]{26}$/.test(owner) ? owner.slice(-4) : foreign(owner, 40)}`;
}
