import type { ReactNode } from "react";
import { Problem } from "../../components/shell/problem.tsx";
import { Providers } from "../../components/shell/providers.tsx";
import { Shell } from "../../components/shell/shell.tsx";
import { load } from "../api.ts";

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const start = await load(async (client) => {
    const [me, system, gates] = await Promise.all([client.me(), client.system(), client.gates.list({ status: "OPEN", limit: 200 })]);
    return { me, serverTime: system.serverTime, gates: gates.items, openCount: system.openGates };
  });
  if (start.problem) return <Problem problem={start.problem} whole />;
  return (
    <Providers start={start.data}>
      <Shell>{children}</Shell>
    </Providers>
  );
}
