"use client";

import type { RunSummary } from "@tape/core";
import type { RunsAsk } from "@tape/client";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { cx } from "../kit/cx.ts";
import { PageTitle } from "../shell/inbox-feed.tsx";
import { isFiltered, writeAddress, type RunsAddress } from "./address.ts";
import { Filters } from "./filters.tsx";
import { RunList } from "./run-list.tsx";
import { RunSearch } from "./search.tsx";

export interface RunsScreenProps {
  address: RunsAddress;
  ask: RunsAsk;
  rows: readonly RunSummary[];
  nextCursor: string | null;
  agents: readonly string[];
  /** Another one each time the server was asked: the list begins anew. */
  askedAt: number;
}

export function RunsScreen({ address, ask, rows, nextCursor, agents, askedAt }: RunsScreenProps) {
  const router = useRouter();
  const [pending, going] = useTransition();
  const go = (change: Partial<RunsAddress>) => going(() => router.push(writeAddress(address, change), { scroll: false }));
  const search = (q: string) => going(() => router.replace(writeAddress(address, { q: q === "" ? null : q }), { scroll: false }));
  return (
    <div className="flex h-full flex-col">
      <PageTitle>Runs</PageTitle>
      <h1 className="sr-only">Runs</h1>
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b px-4 py-2.5">
        <RunSearch value={address.q ?? ""} onSearch={search} />
        <Filters address={address} agents={agents} onChange={go} />
      </div>
      <div className={cx("flex min-h-0 flex-1 flex-col transition-opacity duration-150", pending && "opacity-60 delay-200")}>
        <RunList
          key={`${askedAt} ${JSON.stringify(ask)}`}
          ask={ask}
          page={{ rows, isFirst: address.cursor === null, hasMore: nextCursor !== null }}
          isFiltered={isFiltered(address)}
          newest={writeAddress(address)}
          older={nextCursor === null ? null : writeAddress(address, { cursor: nextCursor })}
        />
      </div>
    </div>
  );
}
