"use client";

import { formatMoney, type Obligation } from "@tape/core";
import type { ObligationResolution } from "@tape/client";
import { useTape } from "@tape/client/react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "../../kit/dialog.tsx";
import { Disclosure } from "../../kit/disclosure.tsx";
import { Json } from "../../kit/json.tsx";
import { RadioCards, type RadioCard } from "../../kit/radio-cards.tsx";
import { ReasonForm } from "../../kit/reason-form.tsx";
import { visible } from "../../kit/visible.ts";
import { useBlocked } from "../../shell/me.tsx";

type Outcome = ObligationResolution["outcome"];

const ACTIONS: Record<Outcome, string> = { retry: "Try again", done: "Mark as undone", waived: "Waive it" };
const HINTS: Record<Outcome, string> = {
  retry: "The bank has opened its books again",
  done: "The vendor sent it back; statement of 24 November, line 12",
  waived: "The vendor keeps it against the next invoice",
};

/** A person's word on a reversal that gave up, or that one does not want tried any longer. */
export function SettleObligation({ obligation, onClose }: { obligation: Obligation | null; onClose: () => void }) {
  return (
    <Dialog title={obligation?.status === "PENDING" ? "Stop trying to undo this?" : "Undoing gave up"} isOpen={obligation !== null} onClose={onClose} wide>
      {obligation !== null && <Form key={obligation.id} obligation={obligation} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ obligation, onClose }: { obligation: Obligation; onClose: () => void }) {
  const { client } = useTape();
  const queries = useQueryClient();
  const away = useBlocked("operator");
  const options = optionsOf(obligation);
  const [chosen, setChosen] = useState<Outcome | null>(options.length === 1 ? (options[0]?.value ?? null) : null);
  const moved = obligation.status !== "STUCK" && obligation.status !== "PENDING";
  const blocked = moved ? "It has been settled meanwhile." : (away ?? (chosen === null ? "Choose what is to become of it first." : null));
  async function act(reason: string): Promise<void> {
    if (chosen === null) return;
    await client.obligations.resolve(obligation.id, { outcome: chosen, reason });
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "obligations" || queryKey[0] === "compensation" || queryKey[0] === "system" });
  }
  return (
    <ReasonForm placeholder={chosen === null ? "" : HINTS[chosen]} action={chosen === null ? "Settle it" : ACTIONS[chosen]} act={act} onClose={onClose} blocked={blocked} chooseFirst={options.length > 1}>
      <div className="flex flex-col gap-1">
        {obligation.amount !== null && <p className="figures text-2xl font-semibold tracking-[-0.018em] break-words">{formatMoney(obligation.amount)}</p>}
        <p className="font-medium break-words">{titleOf(obligation)}</p>
        {obligation.lastError !== null && <p className="line-clamp-4 break-words text-operator">{visible(obligation.lastError.slice(0, 600))}</p>}
      </div>
      <Disclosure title="What the compensator is given">
        <Json value={obligation.payload} label="the payload" />
      </Disclosure>
      <RadioCards label="What is to become of it" value={chosen} onChange={setChosen} options={options} />
    </ReasonForm>
  );
}

/** What undoing does, in the compensator's words, else its name. */
export function titleOf(obligation: Pick<Obligation, "summary" | "kind">): string {
  return visible(obligation.summary ?? obligation.kind);
}

function optionsOf({ status }: Obligation): RadioCard<Outcome>[] {
  const waive: RadioCard<Outcome> = { value: "waived", name: "Waive it", about: "It stays done. The walk goes on with the next one, and the run can end as compensated." };
  if (status === "PENDING") return [waive];
  return [
    { value: "retry", name: "Try again", about: "A worker runs its compensator again with the same key, up to five times. If all fail, it is stuck again." },
    { value: "done", name: "It is undone", about: "You know that it was taken back some other way. Nothing is sent; the walk goes on with the next one." },
    waive,
  ];
}
