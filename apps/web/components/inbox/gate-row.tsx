import { gateWords, type Gate } from "@tape/core";
import { cx } from "../kit/cx.ts";
import { State } from "../kit/state.tsx";
import { Ago, Countdown } from "../kit/time.tsx";
import { Risk } from "./risk.tsx";
import { gateTitle } from "./words.ts";

export interface GateRowProps {
  gate: Gate;
  href: string;
  isSelected: boolean;
  /** It closed and its outcome is on its way. */
  isClosing?: boolean;
  /** Closed gates among open ones step back; in the history all are closed. */
  isHistory?: boolean;
  onSelect: () => void;
}

/** A gate in the list: what it asks, who asks, since when, until when. */
export function GateRow({ gate, href, isSelected, isClosing = false, isHistory = false, onSelect }: GateRowProps) {
  const open = gate.status === "OPEN" && !isClosing;
  return (
    <li className={cx("relative border-b", isSelected ? "sm:bg-selected" : "hover:bg-hover")}>
      <a
        href={href}
        aria-current={isSelected ? "true" : undefined}
        data-gate={gate.id}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          onSelect();
        }}
        className={cx("flex flex-col gap-0.5 px-4 py-2.5 focus-visible:-outline-offset-2", !open && !isHistory && "opacity-60")}
      >
        <span className="flex items-baseline justify-between gap-3">
          <span className="min-w-0 truncate font-medium">{gateTitle(gate)}</span>
          <Ago at={gate.decidedAt ?? gate.openedAt} className="shrink-0 text-sm text-ink-3" />
        </span>
        <span className="flex items-center gap-2.5 text-sm text-ink-3">
          <span className="min-w-0 truncate">{gate.agent}</span>
          <span className="ml-auto flex shrink-0 items-center gap-2.5">
            {open && gate.risk !== null && <Risk risk={gate.risk} />}
            {open && gate.deadlineAt !== null && <Countdown until={gate.deadlineAt} />}
            {!open && <State words={gateWords(gate.status, gate.outcome)} className="text-sm" />}
          </span>
        </span>
      </a>
    </li>
  );
}
