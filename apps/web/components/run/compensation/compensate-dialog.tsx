"use client";

import { count, type CompensationItem, type Run } from "@tape/core";
import { useTape } from "@tape/client/react";
import { Dialog } from "../../kit/dialog.tsx";
import { ReasonForm } from "../../kit/reason-form.tsx";
import { sayOwed, sumsOf } from "./words.ts";

export interface CompensateDialogProps {
  run: Pick<Run, "id" | "agent">;
  /** What is to be undone. */
  owed: readonly CompensationItem[];
  /** Does something hold the walk for now? */
  isHeld: boolean;
  blocked: string | null;
  isOpen: boolean;
  onClose: () => void;
}

/** The last look before a run is taken back: how many, how much, and what happens on the way. */
export function CompensateDialog({ run, owed, isHeld, blocked, isOpen, onClose }: CompensateDialogProps) {
  const { client } = useTape();
  const sums = sumsOf(owed);
  const without = owed.filter(({ obligation }) => obligation.amount === null).length;
  return (
    <Dialog title={`Compensate ${run.agent}`} isOpen={isOpen} onClose={onClose}>
      <ReasonForm placeholder="Duplicate of the morning batch" action={`Compensate ${sayOwed(owed)}`} act={(reason) => client.runs.compensate(run.id, { reason })} onClose={onClose} blocked={blocked}>
        <div className="flex flex-col gap-1">
          {sums.map((sum) => (
            <p key={sum} className="figures text-2xl font-semibold tracking-[-0.018em] break-words">
              {sum}
            </p>
          ))}
          <p className="text-pretty">
            {count(owed.length, "effect")} {owed.length === 1 ? "is" : "are"} undone, the newest first, one at a time
            {without > 0 && sums.length > 0 && `; ${without === 1 ? "one of them names" : `${without} of them name`} no amount`}.
          </p>
        </div>
        <p className="text-ink-2 text-pretty">
          {isHeld && "It begins once every outcome is known and the last body has returned. "}
          A reversal that keeps failing stops the walk and asks an operator; what is undone by then stays undone. It cannot be stopped halfway.
        </p>
      </ReasonForm>
    </Dialog>
  );
}
