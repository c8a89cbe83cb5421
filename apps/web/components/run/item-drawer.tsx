"use client";

import { formatDuration, formatMicroUsd, grouped, sentenceFor, type Entry, type RecordedError, type TimelineItem } from "@tape/core";
import Link from "next/link";
import { useMemo } from "react";
import { Disclosure } from "../kit/disclosure.tsx";
import { Json } from "../kit/json.tsx";
import { State } from "../kit/state.tsx";
import { Exact, Since } from "../kit/time.tsx";
import { visible } from "../kit/visible.ts";
import { Drawer } from "./drawer.tsx";
import { CodeFact, Fact, Facts, Section } from "./facts.tsx";
import { entriesOf, storyOf } from "./item-story.ts";

export interface ItemDrawerProps {
  item: TimelineItem;
  entries: readonly Entry[];
  onClose: () => void;
}

/** Everything about one row: what was asked, what came back, every attempt, the raw journal. */
export function ItemDrawer({ item, entries, onClose }: ItemDrawerProps) {
  const own = useMemo(() => entriesOf(item, entries), [item, entries]);
  const story = useMemo(() => storyOf(own), [own]);
  return (
    <Drawer label={story.tool ?? NAMES[item.kind]} onClose={onClose} showing={item.id}>
      <div className="flex flex-col gap-6">
        <header className="flex flex-col items-start gap-2.5">
          <State soft words={{ tone: item.tone, word: item.status, icon: item.icon, ...(item.struck && { struck: true }) }} />
          <p className="text-lg font-medium text-pretty break-words">{item.sentence}</p>
        </header>

        {story.rationale !== undefined && (
          <Section title="Why">
            <p className="text-pretty break-words whitespace-pre-wrap">{visible(story.rationale)}</p>
          </Section>
        )}

        <Facts>
          <Fact name="Began">
            <Exact at={item.startedAt} className="figures" />
          </Fact>
          {item.endedAt === null ? (
            <Fact name="Lasts">
              <Since at={item.startedAt} />
            </Fact>
          ) : (
            item.durationMs !== null && (
              <>
                <Fact name="Ended">
                  <Exact at={item.endedAt} />
                </Fact>
                <Fact name="Took">
                  <span className="figures">{formatDuration(item.durationMs)}</span>
                </Fact>
              </>
            )
          )}
          {item.attempts > 1 && <Fact name="Tries">{item.attempts}, all under one key</Fact>}
          {story.model !== undefined && <Fact name="Model">{visible(story.model)}</Fact>}
          {story.usage !== undefined && (
            <Fact name="Usage">
              <span className="figures">
                {grouped(String(story.usage.inputTokens))} in, {grouped(String(story.usage.outputTokens))} out
                {story.usage.costMicroUsd !== undefined && `, ${formatMicroUsd(story.usage.costMicroUsd)}`}
              </span>
            </Fact>
          )}
          {story.semantics !== undefined && (
            <Fact name="Kind">
              {story.semantics.toLowerCase().replace("_", "-")}, {story.dispatch === "OUTBOX" ? "sent by the outbox" : "inline"}
            </Fact>
          )}
          <CodeFact name="Business key" value={story.businessKey} />
          <CodeFact name="Reference" value={story.externalRef} />
          <CodeFact name="Key" value={item.key} />
          <CodeFact name="Effect" value={item.refs.effectId} />
          <CodeFact name="Obligation" value={item.refs.obligationId} />
          <CodeFact name="Timer" value={item.refs.timerId} />
          <CodeFact name="Worker" value={item.refs.owner} />
          {item.refs.gateId !== undefined && (
            <Fact name="Card">
              <Link href={`/inbox/${item.refs.gateId}${item.waiting ? "" : "?tab=history"}`} className="underline decoration-line-strong underline-offset-2 hover:decoration-ink">
                Open the card
              </Link>
            </Fact>
          )}
          {item.chain.map(({ at, itemId, name }) => (
            <Fact key={itemId} name="Escalated">
              <span className="break-words">{visible(name)}</span> expired <Exact at={at} />
            </Fact>
          ))}
          {item.refs.runId !== undefined && (
            <Fact name="Other run">
              <Link href={`/runs/${item.refs.runId}`} className="font-mono text-xs underline decoration-line-strong underline-offset-2 hover:decoration-ink">
                {item.refs.runId}
              </Link>
            </Fact>
          )}
        </Facts>

        {story.error !== undefined && <ErrorSection error={story.error} />}
        {story.request !== undefined && story.request !== null && (
          <Section title={item.kind === "run" ? "Input" : item.kind === "gate" ? "What was shown" : "Request"}>
            <Json value={story.request} label="the request" />
          </Section>
        )}
        {story.notStorable !== undefined && <p className="text-operator">The result could not be stored: {visible(story.notStorable)}</p>}
        {story.response !== undefined && story.response !== null && (
          <Section title={item.kind === "run" ? "Output" : item.kind === "gate" ? "Decision" : "Response"}>
            <Json value={story.response} label="the response" />
          </Section>
        )}

        <Section title={own.length === 1 ? "Journal" : `Journal, ${grouped(String(own.length))} entries`}>
          <ol className="flex flex-col gap-1.5">
            {own.slice(0, SHOWN).map((entry) => (
              <li key={entry.seq} className="grid grid-cols-[4rem_minmax(0,1fr)] gap-x-3">
                <time dateTime={entry.at} className="text-sm leading-5 text-ink-3">
                  {entry.at.slice(11, 19)}
                </time>
                <span className="min-w-0 break-words">
                  {sentenceFor(entry)}{" "}
                  <span className="font-mono text-xs text-ink-3">
                    {entry.verb} #{entry.seq}
                  </span>
                </span>
              </li>
            ))}
            {own.length > SHOWN && <li className="text-ink-3">and {grouped(String(own.length - SHOWN))} more, below</li>}
          </ol>
          <Disclosure title="Raw">
            <Json value={own.length === 1 ? own[0] : own} label="the raw entries" />
          </Disclosure>
        </Section>
      </div>
    </Drawer>
  );
}

/** Entries told one by one; a collapsed row may have thousands. */
const SHOWN = 40;

const NAMES: Record<TimelineItem["kind"], string> = {
  run: "Run",
  drive: "Drive",
  decision: "Decision",
  effect: "Effect",
  obligation: "Undo",
  gate: "Gate",
  signal: "Signal",
  timer: "Timer",
  value: "Value",
  sample: "Taken from outside",
  child: "Other run",
  budget: "Budget",
};

export function ErrorSection({ error }: { error: RecordedError }) {
  return (
    <Section title="Error">
      <p className="break-words text-operator">
        <span className="font-medium">{visible(error.name)}</span>
        {error.code !== undefined && <span className="font-mono text-xs"> {visible(error.code)}</span>}: {visible(error.message.slice(0, 2000))}
      </p>
      {error.stack !== undefined && (
        <Disclosure title="Stack">
          <pre tabIndex={0} aria-label="Stack" className="max-h-72 overflow-auto rounded-md border bg-sunken p-3 font-mono text-xs leading-[18px] whitespace-pre-wrap">
            {visible(error.stack.slice(0, 20_000))}
          </pre>
        </Disclosure>
      )}
      {error.details !== undefined && <Json value={error.details} label="the details" />}
    </Section>
  );
}
