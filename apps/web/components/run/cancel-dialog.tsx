"use client";

import { count, type Run } from "@tape/core";
import { useTape } from "@tape/client/react";
import { Dialog } from "../kit/dialog.tsx";
import { ReasonForm } from "../kit/reason-form.tsx";
import { useBlocked } from "../shell/me.tsx";
import { usePlan } from "./compensation/use-plan.ts";
import { sayOwed } from "./compensation/words.ts";
import { whyNotCancel } from "./why.ts";

export interface CancelDialogProps {
  run: Run;
  /** Effects that are confirmed by now: they stay. */
  confirmed: number;
  /** What runs right now, as sentences. */
  running: readonly string[];
  isOpen: boolean;
  onClose: () => void;
}

/** Cancels the run, and says the truth about it first: what it stops, and what it leaves as it is. */
export function CancelDialog({ run, isOpen, onClose, ...shown }: CancelDialogProps) {
  return (
    <Dialog title={`Cancel ${run.agent}`} isOpen={isOpen} onClose={onClose}>
      <CancelForm run={run} onClose={onClose} {...shown} />
    </Dialog>
  );
}

function CancelForm({ run, confirmed, running, onClose }: Omit<CancelDialogProps, "isOpen">) {
  const { client } = useTape();
  const away = useBlocked("operator");
  const { plan } = usePlan(run);
  const undoable = plan === null || plan.items.length === 0 ? null : sayOwed(plan.items);
  return (
    <ReasonForm placeholder="Wrong file: this is yesterday's batch" action="Cancel the run" act={(reason) => client.runs.cancel(run.id, { reason })} onClose={onClose} blocked={whyNotCancel(run) ?? away}>
      <dl className="flex flex-col gap-3">
        <Truth name="It stops">
          No further model or tool call begins, on this drive or on any later one. Open gates and timers of the run close with it. There is no way back.
        </Truth>
        <Truth name="What runs now goes on until it returns">
          {running.length === 0 ? "Nothing runs at this moment. " : <span className="break-words text-live">{running.length === 1 ? running[0] : `${count(running.length, "tool")}, first of them: ${running[0]}`}. </span>}
          A tool that listens to its signal stops sooner. Its outcome is recorded either way.
        </Truth>
        <Truth name="Nothing is taken back">
          {confirmed === 0 ? "Nothing is confirmed so far." : `${count(confirmed, "confirmed effect")} ${confirmed === 1 ? "stays" : "stay"} done${undoable === null ? "." : `; of these can be undone: ${undoable}.`}`} Compensating is a decision of its own, afterwards.
        </Truth>
      </dl>
    </ReasonForm>
  );
}

function Truth({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      <dd className="text-ink-2 text-pretty">{children}</dd>
    </div>
  );
}
