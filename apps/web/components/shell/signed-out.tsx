"use client";

import { CopyButton } from "../kit/copy.tsx";
import { Mark } from "./mark.tsx";

const COMMAND = "npm run -s tape -- sign-in";

/** The only page without a session: how to get one. */
export function SignedOut() {
  return (
    <main className="grid h-dvh place-items-center overflow-auto p-6">
      <title>Signed out · Tape</title>
      <div className="flex w-full max-w-sm flex-col gap-5">
        <Mark size={28} />
        <div className="flex flex-col gap-1.5">
          <h1 className="text-xl font-semibold tracking-[-0.015em]">You are signed out</h1>
          <p className="text-ink-2 text-pretty">
            Open the link that <code className="font-mono text-sm">npm start</code> printed. It works once, for an hour. For a new one, run
            this where Tape runs:
          </p>
        </div>
        <div className="flex items-center justify-between gap-2 rounded-md border bg-sunken py-1.5 pr-1.5 pl-3">
          <code className="overflow-x-auto font-mono text-sm whitespace-nowrap">{COMMAND}</code>
          <CopyButton text={COMMAND} label="Copy the command" />
        </div>
      </div>
    </main>
  );
}
