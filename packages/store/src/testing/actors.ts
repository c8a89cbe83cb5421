import type { Role } from "@tape/core";
import type { Actor } from "../actor.ts";

const person = (name: string, role: Role): Actor => ({ id: `user:${name}@example.com`, email: `${name}@example.com`, role, source: "test" });

/** People of every role. */
export const actors = {
  viewer: person("vic", "viewer"),
  approver: person("ann", "approver"),
  secondApprover: person("ben", "approver"),
  thirdApprover: person("cem", "approver"),
  operator: person("olga", "operator"),
  admin: person("ada", "admin"),
};
