"use client";

import type { Run } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Dialog, DialogActions } from "../kit/dialog.tsx";
import { TextInput } from "../kit/field.tsx";
import { Notice } from "../kit/notice.tsx";
import { readJson } from "../kit/read-json.ts";

export interface SignalDialogProps {
  run: Run;
  /** The name the run waits for now, if it waits for a signal. */
  awaited: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Sends a named message to the run. */
export function SignalDialog({ run, awaited, isOpen, onClose }: SignalDialogProps) {
  return (
    <Dialog title="Send a signal" isOpen={isOpen} onClose={onClose}>
      <SignalForm run={run} awaited={awaited} onClose={onClose} />
    </Dialog>
  );
}

function SignalForm({ run, awaited, onClose }: Omit<SignalDialogProps, "isOpen">) {
  const { client } = useTape();
  const [name, setName] = useState(awaited);
  const [text, setText] = useState("");
  const [once] = useState(() => crypto.randomUUID());
  const payload = readJson(text);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.runs.signal(run.id, { name: name.trim(), ...(payload.value !== undefined && { payload: payload.value }) }, { idempotencyKey: once }),
    onSuccess: onClose,
  });
  const blocked = name.trim() === "" ? "Name the signal first." : payload.error;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === null) mutate();
      }}
    >
      <p className="text-ink-2">{awaited === "" ? "It is kept until the agent asks for a signal of this name." : `The run waits for “${awaited}” and goes on when it comes.`}</p>
      <TextInput label="Name" value={name} onChange={setName} required autoFocus={awaited === ""} mono />
      <TextInput label="Payload, as JSON" value={text} onChange={setText} required={false} multiline rows={4} mono autoFocus={awaited !== ""} placeholder='{ "rates": "published" }' error={payload.error} />
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
          Send
        </Button>
      </DialogActions>
    </form>
  );
}
