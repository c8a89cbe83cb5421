import { formatMicroUsd, formatUntil, gateWords, grouped, sayActor, sayAssignees, type Gate } from "@tape/core";
import { Ban, Check, Fingerprint, TimerOff } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Changed } from "../kit/changed.tsx";
import { Id } from "../kit/copy.tsx";
import { cx } from "../kit/cx.ts";
import { Disclosure } from "../kit/disclosure.tsx";
import { Json } from "../kit/json.tsx";
import { State } from "../kit/state.tsx";
import { Ago, Countdown } from "../kit/time.tsx";
import { visible } from "../kit/visible.ts";
import { fieldsOf } from "./fields.ts";
import { Risk } from "./risk.tsx";
import type { Background } from "./use-background.ts";
import { Value } from "./value.tsx";
import { gateTitle } from "./words.ts";

export interface CardProps {
  gate: Gate;
  background: Background | null;
  /** Notices above, the gate's form below the facts. */
  notice?: ReactNode;
  form?: ReactNode;
  /** Beside the countdown. */
  moreTime?: ReactNode;
}

/** Everything an approver needs to decide, in the order in which it is asked for. */
export function Card({ gate, background, notice, form, moreTime }: CardProps) {
  const fields = fieldsOf(gate);
  const question = gate.display?.question;
  return (
    <article aria-labelledby="card-title" className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-5 sm:px-8 sm:py-7">
      {notice}
      <header className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <State words={gateWords(gate.status, gate.outcome)} soft />
          {gate.risk !== null && (
            <span className="text-sm text-ink-2">
              <Risk risk={gate.risk} />
            </span>
          )}
          {gate.status === "OPEN" && gate.deadlineAt !== null && (
            <span className="flex items-center gap-3 sm:ml-auto">
              <Changed value={gate.deadlineAt}>
                <Countdown until={gate.deadlineAt} className="text-sm font-medium" />
              </Changed>
              {moreTime}
            </span>
          )}
        </div>
        <h2 id="card-title" className="text-2xl font-semibold tracking-[-0.018em] text-balance break-words">
          {gateTitle(gate)}
        </h2>
        {background?.escalatedFrom != null && (
          <p className="flex items-start gap-2 text-ink-2">
            <TimerOff size={14} aria-hidden className="mt-[3px] shrink-0" />
            <span className="min-w-0 break-words">
              Escalated: {visible(background.escalatedFrom.name)} expired at {formatUntil(background.escalatedFrom.decidedAt ?? gate.openedAt, gate.openedAt)}.
            </span>
          </p>
        )}
        {question !== undefined && <p className="max-w-prose text-lg text-ink-2 text-pretty break-words">{visible(question)}</p>}
      </header>

      {fields.length > 0 && (
        <dl className="flex flex-col border-t">
          {fields.map(({ label, as, value }, at) => {
            const wide = as === "table" || as === "json" || (typeof value === "string" && value.length > 160);
            return (
              <div key={at} className={cx("grid gap-x-6 gap-y-1.5 border-b py-2.5", !wide && "grid-cols-[8.5rem_minmax(0,1fr)] sm:grid-cols-[11rem_minmax(0,1fr)]")}>
                <dt className="text-ink-3">{visible(label)}</dt>
                <dd className="min-w-0">
                  <Value value={value} as={as} />
                </dd>
              </div>
            );
          })}
        </dl>
      )}

      {form}

      <Consequences gate={gate} />

      {background?.rationale != null && (
        <section className="flex flex-col gap-1">
          <h3 className="text-sm font-medium text-ink-3">Why the agent wants this</h3>
          <p className="max-w-prose text-pretty break-words">{visible(background.rationale)}</p>
        </section>
      )}

      <section className="flex flex-col gap-2">
        <h3 className="sr-only">Who asks</h3>
        <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-6 gap-y-1.5 sm:grid-cols-[11rem_minmax(0,1fr)]">
          <Fact name="Asked by">
            <span className="break-words">{gate.agent}</span>{" "}
            <Link href={`/runs/${gate.runId}`} className="text-ink-2 underline decoration-line-strong underline-offset-2 hover:decoration-ink">
              <Id id={gate.runId} />
            </Link>
          </Fact>
          <Fact name="Asked">
            <Ago at={gate.openedAt} />
          </Fact>
          <Fact name="Decided by">{gate.quorum > 1 ? `${gate.quorum} of ${sayAssignees(gate.assignees)}` : sayAssignees(gate.assignees)}</Fact>
          {background !== null && (
            <Fact name="Cost so far">
              <span className="figures">
                {formatMicroUsd(background.spentMicroUsd)}
                <span className="text-ink-3"> · {grouped(String(background.spentTokens))} tokens</span>
              </span>
            </Fact>
          )}
        </dl>
      </section>

      {(gate.decisions.length > 0 || gate.status !== "OPEN") && <Votes gate={gate} />}

      <Disclosure title="Exact arguments">
        <Json value={gate.payload} label="the exact arguments" />
      </Disclosure>

      <p className="flex items-start gap-2 text-sm text-ink-3">
        <Fingerprint size={14} aria-hidden className="mt-px shrink-0" />
        <span>
          A decision holds for exactly what is shown here (<span className="font-mono">{gate.fingerprint.slice(0, 12)}</span>). If it changes, it is asked again.
        </span>
      </p>
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function Consequences({ gate }: { gate: Gate }) {
  const { onApprove, onReject, onExpiry } = gate.display ?? {};
  const expiry =
    gate.deadlineAt === null
      ? "There is no deadline. It waits."
      : `${onExpiry ?? "The agent is told that nobody decided."} (${formatUntil(gate.deadlineAt, gate.openedAt)})`;
  const rows = [
    { name: "On approve", icon: Check, text: onApprove ?? "The run goes on from here." },
    { name: "On reject", icon: Ban, text: onReject ?? "The agent is told no, with your comment." },
    { name: "On expiry", icon: TimerOff, text: expiry },
  ];
  return (
    <section>
      <h3 className="sr-only">What happens</h3>
      <dl className="flex flex-col gap-2.5 rounded-lg bg-sunken px-4 py-3.5">
        {rows.map(({ name, icon: Drawn, text }) => (
          <div key={name} className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-3 max-sm:grid-cols-1">
            <dt className="flex items-center gap-2 self-start text-ink-3">
              <Drawn size={14} aria-hidden /> {name}
            </dt>
            <dd className="min-w-0 text-pretty break-words max-sm:pl-[22px]">{visible(text)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Votes({ gate }: { gate: Gate }) {
  const closing = gate.status !== "OPEN" && !gate.decisions.some((vote) => vote.by === gate.decidedBy && vote.outcome === gate.outcome);
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-medium text-ink-3">{gate.quorum > 1 ? `${gate.decisions.filter((vote) => vote.outcome === "approved").length} of ${gate.quorum} approvals` : "Decision"}</h3>
      <ul className="flex flex-col gap-2">
        {gate.decisions.map((vote, at) => (
          <li key={at} className="flex flex-col">
            <span className="flex flex-wrap items-center gap-x-2">
              <State words={gateWords("DECIDED", vote.outcome)} />
              <span>by {sayActor(vote.by)}</span>
              <Ago at={vote.at} className="text-ink-3" />
            </span>
            {vote.comment !== null && <p className="pl-5 text-ink-2 break-words whitespace-pre-wrap">{visible(vote.comment)}</p>}
          </li>
        ))}
        {closing && (
          <li className="flex flex-col">
            <span className="flex flex-wrap items-center gap-x-2">
              <State words={gateWords(gate.status, gate.outcome)} />
              {gate.decidedBy !== null && <span>by {sayActor(gate.decidedBy)}</span>}
              {gate.decidedAt !== null && <Ago at={gate.decidedAt} className="text-ink-3" />}
            </span>
            {gate.comment !== null && <p className="pl-5 text-ink-2 break-words whitespace-pre-wrap">{visible(gate.comment)}</p>}
          </li>
        )}
      </ul>
    </section>
  );
}
