"use client";

import { useTape } from "@tape/client/react";
import type { Value } from "@tape/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Dialog, DialogActions } from "../kit/dialog.tsx";
import { Notice } from "../kit/notice.tsx";
import { visible } from "../kit/visible.ts";

/** Deletes a value: only the version that one has seen. */
export function DeleteDialog({ value, isOpen, onClose }: { value: Value; isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title="Delete this value" isOpen={isOpen} onClose={onClose}>
      <Question value={value} onClose={onClose} />
    </Dialog>
  );
}

function Question({ value, onClose }: { value: Value; onClose: () => void }) {
  const { client } = useTape();
  const queries = useQueryClient();
  const [seen] = useState(value.version);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.values.delete(value.namespace, value.key, { ifVersion: seen }),
    onSuccess: () => {
      onClose();
      void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "values" || queryKey[0] === "namespaces" });
    },
  });
  const blocked = value.version === seen ? null : `Version ${value.version} was written meanwhile. Close this and look again.`;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-pretty">
        <span className="font-medium break-all">{visible(value.key)}</span> is gone for whoever reads it, and its watchers are told at once. A tombstone with version {value.version + 1} stays, and the history keeps what it held for a time.
      </p>
      {(blocked !== null || error !== null) && (
        <Notice tone="operator" role="alert">
          {blocked ?? error?.message}
        </Notice>
      )}
      <DialogActions>
        <Button look="ghost" onPress={onClose}>
          Back
        </Button>
        <Button look="primary" blocked={blocked} pending={isPending} onPress={() => mutate()} autoFocus>
          Delete version {seen}
        </Button>
      </DialogActions>
    </div>
  );
}
