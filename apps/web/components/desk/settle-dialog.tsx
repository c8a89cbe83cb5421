"use client";

import type { Effect } from "@tape/core";
import type { EffectResolution } from "@tape/client";
import { useTape } from "@tape/client/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Dialog, DialogActions } from "../kit/dialog.tsx";
import { Disclosure } from "../kit/disclosure.tsx";
import { TextInput } from "../kit/field.tsx";
import { Json } from "../kit/json.tsx";
import { Notice } from "../kit/notice.tsx";
import { RadioCards } from "../kit/radio-cards.tsx";
import { readJson } from "../kit/read-json.ts";
import { effectTitle, resolutionsOf } from "./words.ts";

/** A person's word on an effect of which nobody knows whether it happened, or that cannot be sent. */
export function SettleDialog({ effect, onClose }: { effect: Effect | null; onClose: () => void }) {
  return (
    <Dialog title={effect?.status === "PENDING" ? "It cannot be sent" : "Did it happen?"} isOpen={effect !== null} onClose={onClose} wide>
      {effect !== null && <SettleForm key={effect.id} effect={effect} onClose={onClose} />}
    </Dialog>
  );
}

function SettleForm({ effect, onClose }: { effect: Effect; onClose: () => void }) {
  const { client } = useTape();
  const queries = useQueryClient();
  const [outcome, setOutcome] = useState<EffectResolution["outcome"] | null>(null);
  const [reason, setReason] = useState("");
  const [result, setResult] = useState("");
  const parsed = readJson(outcome === "confirmed" ? result : "");
  const { mutate, isPending, error } = useMutation({
    mutationFn: (chosen: EffectResolution["outcome"]) =>
      client.effects.resolve(effect.id, { outcome: chosen, reason: reason.trim(), ...(parsed.value !== undefined && { result: parsed.value }) }),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "effects" || queryKey[0] === "system" }),
  });
  const blocked = outcome === null ? "Choose what you know first." : reason.trim() === "" ? effect.status === "PENDING" ? "Say why; it is kept in the audit log." : "Say how you know; it is kept in the audit log." : parsed.error;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === null && outcome !== null) mutate(outcome);
      }}
    >
      <div className="flex flex-col gap-1">
        <p className="font-medium break-words">{effectTitle(effect)}</p>
        {effect.error !== null && <p className="text-ink-2 break-words">{effect.error.message.slice(0, 400)}</p>}
      </div>
      <Disclosure title={effect.status === "PENDING" ? "What is to be sent" : "What was sent"}>
        <Json value={effect.request} label="the request" />
      </Disclosure>
      <RadioCards label={effect.status === "PENDING" ? "What becomes of it" : "What you know"} value={outcome} onChange={setOutcome} options={resolutionsOf(effect)} />
      {outcome === "confirmed" && (
        <TextInput label="Result for the agent, as JSON" value={result} onChange={setResult} required={false} multiline rows={3} mono placeholder='{ "reference": "BK-100019" }' error={parsed.error} />
      )}
      <TextInput
        label={effect.status === "PENDING" ? "Why" : "How you know"}
        value={reason}
        onChange={setReason}
        required
        multiline
        rows={2}
        placeholder={effect.status === "PENDING" ? "The ledger is closed for the year; booked by hand" : "The bank's portal shows it under reference BK-100019"}
      />
      {error !== null && (
        <Notice tone="operator" role="alert">
          {error.message}
        </Notice>
      )}
      <DialogActions>
        <Button look="ghost" onPress={onClose}>
          Back
        </Button>
        <Button look="primary" type="submit" blocked={blocked} pending={isPending}>
          {outcome === "retry" ? "Send it again" : "Settle it"}
        </Button>
      </DialogActions>
    </form>
  );
}
