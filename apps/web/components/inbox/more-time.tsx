"use client";

import { formatUntil, type Gate } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { TextInput } from "../kit/field.tsx";
import { ReasonForm } from "../kit/reason-form.tsx";
import { Countdown } from "../kit/time.tsx";
import { useNow, useSaid } from "../shell/clock/clock.tsx";
import { useBlocked, useMe } from "../shell/me.tsx";
import { EXTENSIONS, extensionOf, whyNotExtend, whyNotMore, type ExtensionId } from "./extension.ts";

/** Beside a gate's countdown: more time, for who may decide it and for operators. */
export function MoreTime({ gate }: { gate: Gate }) {
  const [isOpen, setOpen] = useState(false);
  const me = useMe();
  const away = useBlocked("viewer");
  return (
    <>
      <Button size="small" blocked={whyNotExtend(gate, me) ?? away} onPress={() => setOpen(true)}>
        More time
      </Button>
      <Dialog title="More time" isOpen={isOpen} onClose={() => setOpen(false)}>
        <MoreTimeForm gate={gate} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

const choice = "h-8 flex-1 px-2 text-center text-sm whitespace-nowrap text-ink-2 hover:bg-hover hover:text-ink data-selected:bg-selected data-selected:font-medium data-selected:text-ink not-first:border-l pointer-coarse:h-11";

function MoreTimeForm({ gate, onClose }: { gate: Gate; onClose: () => void }) {
  const { client } = useTape();
  const me = useMe();
  const clock = useNow();
  const [chosen, setChosen] = useState<ExtensionId>("1h");
  const [own, setOwn] = useState("");
  const { forMs, error } = extensionOf(chosen, own);
  const until = useSaid((now) => (forMs === null ? "" : formatUntil(now + forMs, now)));
  const less = useSaid((now) => (forMs === null ? "" : (whyNotMore(gate.deadlineAt, forMs, now) ?? "")));
  const blocked = whyNotExtend(gate, me) ?? error ?? (less === "" ? null : less);
  async function act(reason: string): Promise<void> {
    const wrong = forMs === null ? error : whyNotMore(gate.deadlineAt, forMs, clock.now());
    if (forMs === null || wrong !== null) throw new Error(wrong ?? "Choose a time first.");
    await client.gates.extend(gate.id, { forMs, reason });
  }
  return (
    <ReasonForm placeholder="Chris is on a plane until tomorrow" action={until === "" ? "Give more time" : `Open until ${until}`} act={act} onClose={onClose} blocked={blocked}>
      <p className="text-ink-2 text-pretty">
        It stays open this long from now on.{" "}
        {gate.deadlineAt !== null && (
          <>
            Now: <Countdown until={gate.deadlineAt} className="font-medium" />.
          </>
        )}{" "}
        Everybody who is asked sees the new deadline, with your name and reason.
      </p>
      <div className="flex flex-col gap-1.5">
        <span id="more-time" className="text-sm font-medium text-ink-2">
          Time
        </span>
        <ToggleButtonGroup
          aria-labelledby="more-time"
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[chosen]}
          onSelectionChange={(keys) => setChosen(([...keys][0] as ExtensionId | undefined) ?? "1h")}
          className="flex overflow-hidden rounded-md border border-line-strong"
        >
          {EXTENSIONS.map(({ id, name }) => (
            <ToggleButton key={id} id={id} className={choice}>
              {name}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </div>
      {chosen === "own" && <TextInput label="Minutes from now" value={own} onChange={setOwn} required autoFocus inputMode="decimal" error={own.trim() === "" ? null : error} />}
      {less !== "" && <p className="text-sm text-operator">{less}</p>}
    </ReasonForm>
  );
}
