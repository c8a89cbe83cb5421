"use client";

import type { Run } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Dialog, DialogActions } from "../kit/dialog.tsx";
import { TextInput } from "../kit/field.tsx";
import { Notice } from "../kit/notice.tsx";

export interface RedriveDialogProps {
  run: Pick<Run, "id" | "status" | "agent">;
  isOpen: boolean;
  onClose: () => void;
  onDone?: () => void;
}

/** Asks a worker to drive the run again, and says what that does. */
export function RedriveDialog({ run, isOpen, onClose, onDone }: RedriveDialogProps) {
  return (
    <Dialog title={`Drive ${run.agent} again`} isOpen={isOpen} onClose={onClose}>
      <RedriveForm run={run} onClose={onClose} onDone={onDone} />
    </Dialog>
  );
}

function RedriveForm({ run, onClose, onDone }: Omit<RedriveDialogProps, "isOpen">) {
  const { client } = useTape();
  const [reason, setReason] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.runs.redrive(run.id, { reason: reason.trim() }),
    onSuccess: () => {
      onClose();
      onDone?.();
    },
  });
  const blocked = reason.trim() === "" ? "Say why first; it is kept in the journal." : null;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === null) mutate();
      }}
    >
      <p className="text-ink-2 text-pretty">
        {run.status === "STUCK"
          ? "A worker replays the journal and goes on after its last entry. If the cause is still there, it gets stuck again."
          : "A worker replays the journal now instead of waiting. If what it waits for is still missing, it waits again."}{" "}
        Nothing that is recorded is asked or done twice.
      </p>
      <TextInput label="Reason" value={reason} onChange={setReason} required multiline rows={2} autoFocus placeholder="Deployed the fix" />
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
          Drive again
        </Button>
      </DialogActions>
    </form>
  );
}
