"use client";

import { useConnection } from "@tape/client/react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState, type ReactNode } from "react";
import { Button } from "../kit/button.tsx";
import { Dialog, DialogActions } from "../kit/dialog.tsx";
import { Kbd } from "../kit/kbd.tsx";
import { Button as AriaButton } from "react-aria-components";
import { ExactTip } from "./clock/exact-tip.tsx";
import { LiveIndicator } from "./live-indicator.tsx";
import { Mark } from "./mark.tsx";
import { Nav } from "./nav.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { ShortcutsHelp } from "./shortcuts/help.tsx";
import { useShortcuts } from "./shortcuts/provider.tsx";

/** The frame of every screen: where one can go, whether it is live, who one is. */
export function Shell({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [helping, setHelping] = useState(false);
  const { state } = useConnection();
  useShortcuts([
    { keys: "g r", label: "Go to runs", group: "Anywhere", run: () => router.push("/runs") },
    { keys: "g i", label: "Go to the inbox", group: "Anywhere", run: () => router.push("/inbox") },
    { keys: "g d", label: "Go to the desk", group: "Anywhere", run: () => router.push("/desk") },
    { keys: "g v", label: "Go to the values", group: "Anywhere", run: () => router.push("/values") },
    { keys: "g s", label: "Start a run", group: "Anywhere", run: () => router.push("/start") },
    { keys: "?", label: "Show this list", group: "Anywhere", run: () => setHelping(true) },
  ]);
  return (
    <div className="grid h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)]">
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-ink focus:px-3 focus:py-1.5 focus:text-canvas">
        Skip to the content
      </a>
      <header className="border-b bg-canvas">
        <div className="flex h-12 items-center gap-3 px-4">
          <Link href="/runs" className="flex items-center gap-2 rounded-md pr-2 font-semibold tracking-[-0.01em]">
            <Mark /> Tape
          </Link>
          <Nav className="h-full max-sm:hidden" />
          <div className="ml-auto flex items-center gap-3">
            <LiveIndicator />
            <AriaButton aria-label="Keyboard shortcuts" onPress={() => setHelping(true)} className="flex rounded-sm hover:opacity-70 max-sm:hidden">
              <Kbd>?</Kbd>
            </AriaButton>
            <PersonMenu onHelp={() => setHelping(true)} />
          </div>
        </div>
        <Nav className="h-10 border-t px-2 sm:hidden" />
      </header>
      <main id="main" tabIndex={-1} className="min-h-0 outline-none">
        {children}
      </main>
      <ExactTip />
      <ShortcutsHelp isOpen={helping} onClose={() => setHelping(false)} />
      <Dialog title="You have been signed out" isOpen={state === "signed_out"} onClose={() => window.location.assign("/signed-out")} alert>
        <p className="text-ink-2">Your session has ended. What is on the screen is no longer kept up to date.</p>
        <DialogActions>
          <Button look="primary" onPress={() => window.location.assign("/signed-out")}>
            How to sign in again
          </Button>
        </DialogActions>
      </Dialog>
    </div>
  );
}
