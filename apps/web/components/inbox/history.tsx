"use client";

import type { GateStatus } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { History as HistoryIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { Button } from "../kit/button.tsx";
import { Empty, Notice } from "../kit/notice.tsx";
import { useInbox } from "../shell/inbox-feed.tsx";
import { Loading } from "../shell/loading.tsx";
import { GateRow } from "./gate-row.tsx";
import { hrefOf } from "./selection.ts";

const KINDS: { status: GateStatus; name: string }[] = [
  { status: "DECIDED", name: "Decided" },
  { status: "TIMED_OUT", name: "Timed out" },
  { status: "CANCELLED", name: "Withdrawn" },
];

export interface HistoryProps {
  selectedId: string | null;
  onSelect: (gateId: string) => void;
}

/** Gates that are closed, the latest first. */
export function History({ selectedId, onSelect }: HistoryProps) {
  const { client } = useTape();
  const { openCount } = useInbox();
  const [status, setStatus] = useState<GateStatus>("DECIDED");
  const closed = useInfiniteQuery({
    queryKey: ["gates", status],
    queryFn: ({ pageParam, signal }) => client.gates.list({ status, ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const { refetch } = closed;
  useEffect(() => void refetch(), [openCount, refetch]);
  const gates = closed.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <ToggleButtonGroup
        aria-label="How it ended"
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[status]}
        onSelectionChange={(keys) => setStatus(([...keys][0] as GateStatus | undefined) ?? "DECIDED")}
        className="flex gap-1 border-b px-3 py-1.5"
      >
        {KINDS.map((kind) => (
          <ToggleButton key={kind.status} id={kind.status} className="rounded-md px-2 py-0.5 text-sm text-ink-3 hover:text-ink data-selected:bg-selected data-selected:text-ink pointer-coarse:py-2">
            {kind.name}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {closed.isPending && <Loading />}
      {closed.isError && (
        <div className="p-4">
          <Notice role="alert">{closed.error.message}</Notice>
        </div>
      )}
      {closed.isSuccess && gates.length === 0 && <Empty title="None so far" icon={<HistoryIcon size={22} aria-hidden />} />}
      <ul aria-label="Closed gates">
        {gates.map((gate) => (
          <GateRow key={gate.id} gate={gate} href={hrefOf(gate.id, "history")} isHistory isSelected={gate.id === selectedId} onSelect={() => onSelect(gate.id)} />
        ))}
      </ul>
      {closed.hasNextPage && (
        <div className="flex justify-center p-2">
          <Button look="ghost" pending={closed.isFetchingNextPage} onPress={() => void closed.fetchNextPage()}>
            Older
          </Button>
        </div>
      )}
    </>
  );
}
