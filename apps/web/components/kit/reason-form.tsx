"use client";

import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Button } from "./button.tsx";
import { DialogActions } from "./dialog.tsx";
import { TextInput } from "./field.tsx";
import { Kbd } from "./kbd.tsx";
import { Notice } from "./notice.tsx";

export interface ReasonFormProps {
  /** What it does and what it does not, and what else is asked. */
  children: ReactNode;
  label?: string;
  placeholder: string;
  /** The words of the button. */
  action: ReactNode;
  /** Sends it. What it throws is shown, and the form stays. */
  act: (reason: string) => Promise<unknown>;
  onClose: () => void;
  onDone?: () => void;
  /** Why it cannot be sent yet, beside a missing reason. */
  blocked?: string | null;
  /** Something above it is to be chosen first: the focus begins there. */
  chooseFirst?: boolean;
}

/** A decision of a person that is kept with its reason. Enter sends, Shift and Enter begin a new line. */
export function ReasonForm({ children, label = "Reason", placeholder, action, act, onClose, onDone, blocked: before = null, chooseFirst = false }: ReasonFormProps) {
  const [reason, setReason] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => act(reason.trim()),
    onSuccess: () => {
      onClose();
      onDone?.();
    },
  });
  const blocked = before ?? (reason.trim() === "" ? "Say why first; it is kept in the journal and in the audit log." : null);
  const send = () => blocked === null && !isPending && mutate();
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
      {children}
      <TextInput label={label} value={reason} onChange={setReason} required multiline rows={2} autoFocus={!chooseFirst} placeholder={placeholder} />
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
          {action}{" "}
          <span className="pointer-coarse:hidden">
            <Kbd onDark={blocked === null}>↵</Kbd>
          </span>
        </Button>
      </DialogActions>
    </form>
  );
}
