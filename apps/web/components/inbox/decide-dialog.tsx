"use client";

import type { Gate } from "@tape/core";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Dialog, DialogActions } from "../kit/dialog.tsx";
import { TextInput } from "../kit/field.tsx";
import { Kbd } from "../kit/kbd.tsx";
import { gateSum, gateTitle } from "./words.ts";

export type Outcome = "approved" | "rejected";

export interface DecideDialogProps {
  gate: Gate;
  /** Null while it is closed. */
  outcome: Outcome | null;
  blocked: string | null;
  onSend: (comment: string) => void;
  onClose: () => void;
}

/** The last look before a decision: the sum, what will happen, room for a comment. Enter sends. */
export function DecideDialog({ gate, outcome, blocked, onSend, onClose }: DecideDialogProps) {
  return (
    <Dialog title={outcome === "rejected" ? "Reject" : "Approve"} isOpen={outcome !== null} onClose={onClose}>
      {outcome !== null && <Question gate={gate} outcome={outcome} blocked={blocked} onSend={onSend} onClose={onClose} />}
    </Dialog>
  );
}

function Question({ gate, outcome, blocked, onSend, onClose }: DecideDialogProps & { outcome: Outcome }) {
  const [comment, setComment] = useState("");
  const sum = gateSum(gate);
  const approves = outcome === "approved";
  const then = approves ? gate.display?.onApprove : gate.display?.onReject;
  const send = () => blocked === null && onSend(comment.trim());
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || !(event.target instanceof HTMLTextAreaElement)) return;
        event.preventDefault();
        send();
      }}
    >
      <div className="flex flex-col gap-1">
        {sum !== null && <p className="figures text-2xl font-semibold tracking-[-0.018em] break-words">{sum}</p>}
        <p className="text-pretty break-words">{gateTitle(gate)}</p>
        {then !== undefined && <p className="text-ink-2 text-pretty break-words">{then}</p>}
      </div>
      <TextInput
        label="Comment"
        value={comment}
        onChange={setComment}
        multiline
        rows={2}
        required={false}
        autoFocus={!approves}
        placeholder={approves ? "" : "What has to change"}
        description="Kept with the decision and given to the agent."
      />
      <DialogActions>
        <Button onPress={onClose} look="ghost">
          Back
        </Button>
        <Button type="submit" look="primary" size="large" blocked={blocked} autoFocus={approves} onPress={undefined}>
          {approves ? "Approve" : "Reject"} {sum !== null && approves ? <span className="figures">{sum}</span> : null} <span className="pointer-coarse:hidden"><Kbd onDark>↵</Kbd></span>
        </Button>
      </DialogActions>
    </form>
  );
}
