"use client";

import { roleAtLeast, type Me, type Role } from "@tape/core";
import { useConnection } from "@tape/client/react";
import { createContext, useContext, type ReactNode } from "react";

const MeContext = createContext<Me | null>(null);

export function MeProvider({ me, children }: { me: Me; children: ReactNode }) {
  return <MeContext value={me}>{children}</MeContext>;
}

export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error("Who is asking is known below <MeProvider>.");
  return me;
}

/** Why this person cannot act now: the role is too low, or the server is away. Null when nothing stands in the way. */
export function useBlocked(need: Role): string | null {
  const me = useMe();
  const { state } = useConnection();
  if (!roleAtLeast(me.role, need)) return `This needs the role ${need}; you are signed in as ${me.role}.`;
  if (state === "live") return null;
  if (state === "signed_out") return "You have been signed out.";
  return state === "connecting" ? "Connecting to Tape…" : "Waits for the connection to come back.";
}
