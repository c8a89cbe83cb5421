"use client";

import type { Gate } from "@tape/core";
import { RefreshCw, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../kit/button.tsx";
import { Control } from "../kit/control.tsx";
import { Kbd } from "../kit/kbd.tsx";
import { Notice } from "../kit/notice.tsx";
import { useBlocked, useMe } from "../shell/me.tsx";
import { useShortcuts } from "../shell/shortcuts/provider.tsx";
import { Card } from "./card.tsx";
import { DecideDialog, type Outcome } from "./decide-dialog.tsx";
import { formValues, type RawValues } from "./form-values.ts";
import { MoreTime } from "./more-time.tsx";
import { useBackground } from "./use-background.ts";
import { useDecision } from "./use-decision.ts";
import { keyMayDecide, whyNotMine } from "./words.ts";

export interface DecideProps {
  gate: Gate;
  isClosing: boolean;
  /** The next gate that waits, once this one is closed. */
  next: { title: string; go: () => void } | null;
}

/** The closing dialog gives the focus back first (ms). */
const FOCUS_MS = 60;

/** One full card and the two buttons below it. Mount it with `key={gate.id}`: keys and fields belong to this card alone. */
export function Decide({ gate, isClosing, next }: DecideProps) {
  const me = useMe();
  const away = useBlocked("approver");
  const background = useBackground(gate);
  const decision = useDecision(gate);
  const [raw, setRaw] = useState<RawValues>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [asking, setAsking] = useState<Outcome | null>(null);
  const shownAt = useRef(0);
  const fields = useRef<HTMLDivElement>(null);
  const onward = useRef<HTMLButtonElement>(null);
  const isOpen = gate.status === "OPEN" && !isClosing;
  const blocked = whyNotMine(gate, me) ?? away ?? (isClosing ? "It is being closed." : decision.isSending ? "Your decision is on its way." : null);

  useEffect(() => {
    shownAt.current = performance.now();
  }, []);
  useEffect(() => {
    if (!isOpen) setAsking(null);
  }, [isOpen]);
  // The button that was pressed is gone; whoever decided goes on from the next one, unless the focus is elsewhere by now.
  const wasSending = useRef(false);
  useEffect(() => {
    if (decision.isSending) wasSending.current = true;
    if (isOpen || !wasSending.current) return;
    const timer = setTimeout(() => {
      if (document.activeElement === document.body || document.activeElement === null) onward.current?.focus();
    }, FOCUS_MS);
    return () => clearTimeout(timer);
  }, [isOpen, decision.isSending]);

  function ask(outcome: Outcome): void {
    if (blocked !== null) return;
    if (outcome === "approved") {
      const { errors: wrong } = formValues(gate.form ?? [], raw);
      setErrors(wrong);
      const [first] = Object.keys(wrong);
      if (first !== undefined) {
        fields.current?.querySelector<HTMLElement>(`[name="${CSS.escape(first)}"]`)?.focus();
        return;
      }
    }
    setAsking(outcome);
  }

  const byKey = (outcome: Outcome) => () => keyMayDecide(shownAt.current, performance.now()) && ask(outcome);
  useShortcuts(
    isOpen
      ? [
          { keys: "a", label: "Approve (asks once more)", group: "Inbox", run: byKey("approved") },
          { keys: "r", label: "Reject (asks once more)", group: "Inbox", run: byKey("rejected") },
        ]
      : [],
  );

  function send(comment: string): void {
    if (asking === null) return;
    const { values } = formValues(gate.form ?? [], raw);
    decision.send({
      outcome: asking,
      ...(comment !== "" && { comment }),
      ...(asking === "approved" && gate.form !== null && { values }),
    });
    setAsking(null);
  }

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto" data-card-scroll>
        <Card
          gate={gate}
          background={background}
          moreTime={isOpen && <MoreTime gate={gate} />}
          notice={
            decision.refusal !== null && (
              <Notice tone="operator" role="alert" icon={decision.refusal.code === "changed" ? <RefreshCw size={14} aria-hidden /> : <TriangleAlert size={14} aria-hidden />}>
                {decision.refusal.sentence}
              </Notice>
            )
          }
          form={
            gate.form !== null &&
            gate.form.length > 0 &&
            isOpen && (
              <div ref={fields} className="flex flex-col gap-3.5">
                <h3 className="text-sm font-medium text-ink-3">To approve, fill in</h3>
                <div className="grid gap-3.5 sm:grid-cols-2">
                  {gate.form.map((field) => (
                    <div key={field.name} className={field.type === "textarea" ? "sm:col-span-2" : "self-start"}>
                      <Control
                        type={field.type}
                        name={field.name}
                        label={field.label}
                        required={field.required}
                        options={field.options}
                        value={raw[field.name] ?? (field.type === "boolean" ? false : "")}
                        onChange={(value) => {
                          setRaw({ ...raw, [field.name]: value });
                          if (errors[field.name] !== undefined) setErrors(Object.fromEntries(Object.entries(errors).filter(([name]) => name !== field.name)));
                        }}
                        error={errors[field.name] ?? null}
                      />
                    </div>
                  ))}
                </div>
              </div>
            )
          }
        />
      </div>
      <footer className="shrink-0 border-t bg-canvas">
        <div className="mx-auto flex max-w-3xl flex-wrap items-center gap-2 px-4 py-2.5 sm:px-8 sm:py-3">
        {isOpen ? (
          <>
            <Button look="primary" size="large" blocked={blocked} pending={decision.isSending} describedBy={blocked === null ? undefined : "why-not"} onPress={() => ask("approved")} className="max-sm:flex-1">
              Approve <KeyHint onDark={blocked === null}>A</KeyHint>
            </Button>
            <Button size="large" blocked={blocked} describedBy={blocked === null ? undefined : "why-not"} onPress={() => ask("rejected")} className="max-sm:flex-1">
              Reject <KeyHint>R</KeyHint>
            </Button>
            <p id="why-not" role="status" className="min-w-0 text-sm text-ink-2 max-sm:w-full">
              {blocked}
            </p>
          </>
        ) : (
          <>
            <p className="min-w-0 flex-1 text-ink-2">{isClosing ? "It has just been closed." : "It is closed."}</p>
            {next !== null && (
              <Button ref={onward} size="large" look="primary" onPress={next.go}>
                Next <span className="max-w-48 truncate font-normal opacity-70 max-sm:hidden">{next.title}</span> <KeyHint onDark>J</KeyHint>
              </Button>
            )}
          </>
        )}
        </div>
      </footer>
      <DecideDialog gate={gate} outcome={asking} blocked={blocked} onSend={send} onClose={() => setAsking(null)} />
    </div>
  );
}

function KeyHint({ children, onDark = false }: { children: string; onDark?: boolean }) {
  return (
    <span aria-hidden className="pointer-coarse:hidden">
      <Kbd onDark={onDark}>{children}</Kbd>
    </span>
  );
}
