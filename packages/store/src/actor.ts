import { roleAtLeast, TapeError, type Role } from "@tape/core";

/** Who asks for it. */
export interface Actor {
  /** What the audit log says: `user:ann@example.com`, `token:name`, `cli:root@host`, `run:run_…`. */
  id: string;
  email: string | null;
  role: Role;
  /** From where: an address, a program. */
  source?: string;
}

/** @throws {TapeError} `forbidden`, naming the role that is missing. */
export function requireRole(actor: Actor, needed: Role, toDo: string): void {
  if (roleAtLeast(actor.role, needed)) return;
  throw new TapeError("forbidden", `Your role is ${actor.role}; to ${toDo} you need ${needed}. Ask an admin for it.`, { role: actor.role, needed });
}
