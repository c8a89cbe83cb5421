"use client";

import type { Gate } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, Inbox as InboxIcon } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { cx } from "../kit/cx.ts";
import { Empty } from "../kit/notice.tsx";
import { PageTitle, useInbox } from "../shell/inbox-feed.tsx";
import { Missing } from "../shell/missing.tsx";
import { useShortcuts } from "../shell/shortcuts/provider.tsx";
import { Decide } from "./decide.tsx";
import { GateRow } from "./gate-row.tsx";
import { History } from "./history.tsx";
import { gateIdOf, hrefOf, useSelection } from "./selection.ts";
import { gateTitle } from "./words.ts";

/** A dense list beside one full card. On a phone the address decides which of the two is on the screen. */
export function InboxScreen({ linked }: { linked: Gate | null }) {
  const { gates, closing, openCount, tidy } = useInbox();
  const { gateId, tab, select } = useSelection();
  const [firstId, setFirstId] = useState(gates[0]?.id ?? null);
  const shownId = gateId ?? (tab === "open" ? firstId : null);
  const shown = useShownGate(shownId, linked);
  const list = useRef<HTMLDivElement>(null);
  const card = useRef<HTMLElement>(null);
  const cameAs = useRef(shownId);

  // Nothing was looked at, so the first that comes may be shown. Later ones never move the selection.
  useEffect(() => {
    if (firstId === null && gates[0] !== undefined) setFirstId(gates[0].id);
  }, [firstId, gates]);
  // Closed gates leave the list when the screen is opened anew.
  useEffect(() => tidy(cameAs.current ?? undefined), []); // eslint-disable-line react-hooks/exhaustive-deps

  function move(by: number): void {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("[data-gate]") ?? [])];
    const from = gateIdOf(window.location.pathname) ?? shownId;
    const at = links.findIndex((link) => link.dataset["gate"] === from);
    const next = links[Math.min(links.length - 1, Math.max(0, at + by))];
    if (next?.dataset["gate"] === undefined) return;
    select(next.dataset["gate"], "replace");
    next.scrollIntoView({ block: "nearest" });
  }

  useShortcuts([
    { keys: "j", label: "Next card", group: "Inbox", repeats: true, run: () => move(1) },
    { keys: "k", label: "Previous card", group: "Inbox", repeats: true, run: () => move(-1) },
    { keys: "Enter", label: "Into the card", group: "Inbox", run: () => card.current?.focus() },
  ]);

  const nextOpen = gates.find((gate) => gate.status === "OPEN" && !closing.has(gate.id) && gate.id !== shownId);
  return (
    <div className="grid h-full min-h-0 grid-cols-1 sm:grid-cols-[19rem_minmax(0,1fr)] lg:grid-cols-[24rem_minmax(0,1fr)]">
      <PageTitle>{shown === null || gateId === null ? "Inbox" : gateTitle(shown)}</PageTitle>
      <h1 className="sr-only">Inbox</h1>
      <section aria-label="Gates" className={cx("flex min-h-0 flex-col sm:border-r", gateId !== null && "max-sm:hidden")}>
        <div className="flex h-10 shrink-0 items-stretch gap-4 border-b px-4 pointer-coarse:h-12">
          <Tab href={hrefOf(null, "open")} isHere={tab === "open"}>
            Open <span className="figures text-ink-3">{openCount}</span>
          </Tab>
          <Tab href={hrefOf(null, "history")} isHere={tab === "history"}>
            History
          </Tab>
        </div>
        <div ref={list} className="min-h-0 flex-1 overflow-y-auto">
          {tab === "history" ? (
            <History selectedId={shownId} onSelect={select} />
          ) : gates.length === 0 ? (
            <Empty title="Nothing waits" icon={<InboxIcon size={22} aria-hidden />}>
              <p>When an agent asks for a decision, it appears here by itself and in the title of this tab.</p>
            </Empty>
          ) : (
            <ul aria-label="Open gates">
              {gates.map((gate) => (
                <GateRow key={gate.id} gate={gate} href={hrefOf(gate.id, "open")} isSelected={gate.id === shownId} isClosing={closing.has(gate.id)} onSelect={() => select(gate.id)} />
              ))}
            </ul>
          )}
        </div>
      </section>
      <section ref={card} tabIndex={-1} aria-label="The card" className={cx("flex min-h-0 min-w-0 flex-col outline-none", gateId === null && "max-sm:hidden")}>
        <Link href={hrefOf(null, tab)} className="flex h-10 shrink-0 items-center gap-1 border-b px-3 text-ink-2 sm:hidden">
          <ChevronLeft size={16} aria-hidden /> {tab === "history" ? "History" : "Inbox"}
        </Link>
        <div className="min-h-0 flex-1">
          {shown !== null ? (
            <Decide
              key={shown.id}
              gate={shown}
              isClosing={closing.has(shown.id)}
              next={tab === "history" || nextOpen === undefined ? null : { title: gateTitle(nextOpen), go: () => select(nextOpen.id) }}
            />
          ) : shownId !== null ? (
            <NotHere gateId={shownId} />
          ) : (
            <Empty title={tab === "history" ? "Choose one on the left" : "No card"}>{tab === "history" ? "Its card shows what was asked, who decided and why." : null}</Empty>
          )}
        </div>
      </section>
    </div>
  );
}

function Tab({ href, isHere, children }: { href: string; isHere: boolean; children: React.ReactNode }) {
  return (
    <Link
      href={href}
      aria-current={isHere ? "true" : undefined}
      className={cx("relative flex items-center gap-1.5", isHere ? "font-medium after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:rounded-full after:bg-ink" : "text-ink-2 hover:text-ink")}
    >
      {children}
    </Link>
  );
}

/** The gate of the address: from the feed while it is there, else asked for by itself. */
function useShownGate(gateId: string | null, linked: Gate | null): Gate | null {
  const { client } = useTape();
  const { gates } = useInbox();
  const inFeed = gates.find((gate) => gate.id === gateId) ?? null;
  const { data } = useQuery({
    queryKey: ["gate", gateId],
    enabled: gateId !== null && inFeed === null,
    queryFn: ({ signal }) => client.gates.get(gateId ?? "", signal),
    ...(linked !== null && linked.id === gateId && { initialData: linked }),
  });
  return inFeed ?? (gateId === null ? null : (data ?? null));
}

function NotHere({ gateId }: { gateId: string }) {
  const { client } = useTape();
  const { isError } = useQuery({ queryKey: ["gate", gateId], queryFn: ({ signal }) => client.gates.get(gateId, signal) });
  return isError ? <Missing /> : null;
}
