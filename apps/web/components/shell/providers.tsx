"use client";

import type { Gate, Me } from "@tape/core";
import { TapeProvider } from "@tape/client/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState, type ReactNode } from "react";
import { RouterProvider } from "react-aria-components";
import { Announcer } from "./announcer.tsx";
import { ClockProvider } from "./clock/clock.tsx";
import { InboxProvider } from "./inbox-feed.tsx";
import { MeProvider } from "./me.tsx";
import { ShortcutsProvider } from "./shortcuts/provider.tsx";

export interface ConsoleStart {
  me: Me;
  serverTime: string;
  gates: readonly Gate[];
  openCount: number;
}

/** What every screen of the console stands on. */
export function Providers({ start, children }: { start: ConsoleStart; children: ReactNode }) {
  const router = useRouter();
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 2000 } } }));
  return (
    <RouterProvider navigate={router.push}>
      <QueryClientProvider client={queries}>
        <TapeProvider>
          <MeProvider me={start.me}>
            <ClockProvider serverTime={start.serverTime}>
              <Announcer>
                <InboxProvider gates={start.gates} openCount={start.openCount}>
                  <ShortcutsProvider>{children}</ShortcutsProvider>
                </InboxProvider>
              </Announcer>
            </ClockProvider>
          </MeProvider>
        </TapeProvider>
      </QueryClientProvider>
    </RouterProvider>
  );
}
