"use client";

import { useTape } from "@tape/client/react";
import { sayActor, TapeError, type Value } from "@tape/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Dialog, DialogActions } from "../kit/dialog.tsx";
import { TextInput } from "../kit/field.tsx";
import { Json } from "../kit/json.tsx";
import { Kbd } from "../kit/kbd.tsx";
import { Notice } from "../kit/notice.tsx";
import { readJson } from "../kit/read-json.ts";
import { Ago } from "../kit/time.tsx";
import { visible } from "../kit/visible.ts";
import { useBlocked } from "../shell/me.tsx";
import { draftOf, overtakenBy, reconcile, whyNotWrite } from "./draft.ts";

export interface EditDialogProps {
  namespace: string;
  valueKey: string;
  /** The newest version that is known, as it is followed. */
  latest: Value;
  isOpen: boolean;
  onClose: () => void;
}

/** Writes the next version of a value: only over the version that one has seen. */
export function EditDialog({ isOpen, onClose, latest, ...place }: EditDialogProps) {
  return (
    <Dialog title={latest.deleted ? "Write it again" : `Write version ${latest.version + 1}`} isOpen={isOpen} onClose={onClose} wide>
      <Editor latest={latest} onClose={onClose} {...place} />
    </Dialog>
  );
}

function Editor({ namespace, valueKey, latest, onClose }: Omit<EditDialogProps, "isOpen">) {
  const { client } = useTape();
  const queries = useQueryClient();
  const away = useBlocked("operator");
  const [draft, setDraft] = useState(() => draftOf(latest));
  // A refusal may come before the push that tells what was written.
  const [asked, setAsked] = useState<Value | null>(null);
  const theirs = overtakenBy(draft, [latest, asked]);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.values.set(namespace, valueKey, readJson(draft.text).value, { ifVersion: draft.base }),
    onSuccess: () => {
      onClose();
      void queries.invalidateQueries({ queryKey: ["values", namespace] });
    },
    onError: async (refusal) => {
      if (!TapeError.is(refusal, "version_conflict")) return;
      const { items } = await client.values.history(namespace, valueKey, { limit: 1 }).catch(() => ({ items: [] as Value[] }));
      setAsked(items[0] ?? null);
    },
  });
  const isConflict = TapeError.is(error, "version_conflict");
  const blocked = away ?? whyNotWrite(draft, theirs);
  const send = () => blocked === null && !isPending && mutate();
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        send();
      }}
    >
      <p className="text-sm break-all text-ink-3">
        {visible(namespace)} / {visible(valueKey)}
      </p>
      {theirs !== null && <Theirs theirs={theirs} wasRefused={isConflict} onChoose={(keep) => setDraft(reconcile(draft, theirs, keep))} />}
      <TextInput label="Value, as JSON" value={draft.text} onChange={(text) => setDraft({ ...draft, text })} required multiline rows={10} mono autoFocus error={readJson(draft.text).error} />
      {error !== null && !isConflict && (
        <Notice tone="operator" role="alert">
          {error.message}
        </Notice>
      )}
      <DialogActions>
        <Button look="ghost" onPress={onClose}>
          Back
        </Button>
        <Button look="primary" type="submit" blocked={blocked} pending={isPending}>
          Write version {Math.max(draft.base, theirs?.version ?? 0) + 1}{" "}
          <span className="pointer-coarse:hidden">
            <Kbd onDark={blocked === null}>Ctrl ↵</Kbd>
          </span>
        </Button>
      </DialogActions>
    </form>
  );
}

/** Somebody was first: what is there now, and the two ways on. */
function Theirs({ theirs, wasRefused, onChoose }: { theirs: Value; wasRefused: boolean; onChoose: (keep: "mine" | "theirs") => void }) {
  return (
    <Notice tone="person" role="alert">
      <div className="flex flex-col gap-2">
        <p className="text-pretty break-words">
          <span className="font-medium">
            {sayActor(theirs.writer)} {theirs.deleted ? "deleted it" : `wrote version ${theirs.version}`}
          </span>{" "}
          <Ago at={theirs.at} />, while you were writing.{wasRefused && " Yours was not saved."} Look again:
        </p>
        {!theirs.deleted && <Json value={theirs.value} label={`version ${theirs.version}`} className="max-h-48 overflow-auto" />}
        <div className="flex flex-wrap gap-2">
          <Button size="small" onPress={() => onChoose("theirs")}>
            {theirs.deleted ? "Begin anew" : "Take theirs"}
          </Button>
          <Button size="small" onPress={() => onChoose("mine")}>
            Keep mine, over version {theirs.version}
          </Button>
        </div>
      </div>
    </Notice>
  );
}
