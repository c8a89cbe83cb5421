"use client";

import { clip, sayTimer, type Timer } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useMutation } from "@tanstack/react-query";
import { Button } from "../../kit/button.tsx";
import { Dialog, DialogActions } from "../../kit/dialog.tsx";
import { Notice } from "../../kit/notice.tsx";
import { Ago } from "../../kit/time.tsx";
import { visible } from "../../kit/visible.ts";

/** Takes a timer away, once one has read what that means. */
export function CancelTimerDialog({ timer, onClose }: { timer: Timer | null; onClose: () => void }) {
  return (
    <Dialog title={timer === null ? "" : `Cancel ${nameOf(timer)}`} isOpen={timer !== null} onClose={onClose}>
      {timer !== null && <Question timer={timer} onClose={onClose} />}
    </Dialog>
  );
}

/** `timer nightly`, within a sentence. */
export function nameOf({ kind }: Pick<Timer, "kind">): string {
  const name = visible(sayTimer(kind));
  return clip(name.charAt(0).toLowerCase() + name.slice(1), 100);
}

function Question({ timer, onClose }: { timer: Timer; onClose: () => void }) {
  const { client } = useTape();
  const { mutate, isPending, error } = useMutation({ mutationFn: () => client.runs.cancelTimer(timer.runId, timer.id), onSuccess: onClose });
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2 text-pretty">
        It is due <Ago at={timer.fireAt} />. Its handler does not run. The run itself goes on as it is, and its agent may set the timer again.
      </p>
      {error !== null && (
        <Notice tone="operator" role="alert">
          {error.message}
        </Notice>
      )}
      <DialogActions>
        <Button look="ghost" onPress={onClose}>
          Back
        </Button>
        <Button look="primary" pending={isPending} onPress={() => mutate()} autoFocus>
          Cancel the timer
        </Button>
      </DialogActions>
    </div>
  );
}
