"use client";

import { useTape } from "@tape/client/react";
import type { Page, Value } from "@tape/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "../kit/button.tsx";
import { Changed } from "../kit/changed.tsx";
import { Empty, Notice } from "../kit/notice.tsx";
import { Ago } from "../kit/time.tsx";
import { visible } from "../kit/visible.ts";
import { EVERY_MS } from "./namespace-list.tsx";
import { PlaceLink } from "./place-link.tsx";
import { preview } from "./preview.ts";

export interface KeyListProps {
  namespace: string;
  /** The keys that came with the page, when it was this namespace's. */
  first: Page<Value> | null;
  prefix: string;
  shown: string | null;
  onGo: (key: string) => void;
}

/** The live keys of a namespace, each with the beginning of its value. Mount it with `key={namespace}`. */
export function KeyList({ namespace, first, prefix, shown, onGo }: KeyListProps) {
  const { client } = useTape();
  const asked = useInfiniteQuery({
    queryKey: ["values", namespace],
    queryFn: ({ pageParam, signal }) => client.values.list(namespace, { limit: 100, ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: EVERY_MS,
    ...(first !== null && { initialData: { pages: [first], pageParams: [null] } }),
  });
  const values = asked.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {asked.isError && <Notice role="alert">{asked.error.message}</Notice>}
      {asked.isSuccess && values.length === 0 && <Empty title="No live key">What was here has been deleted; its history can still be read by its address.</Empty>}
      <ul aria-label="Keys">
        {values.map((value) => (
          <li key={value.key}>
            <PlaceLink name={value.key} address={{ namespace, key: value.key, prefix }} isHere={value.key === shown} onGo={() => onGo(value.key)}>
              <span className="flex items-baseline justify-between gap-3">
                <span className="line-clamp-2 min-w-0 font-medium break-all">{visible(value.key)}</span>
                <Ago at={value.at} className="shrink-0 text-sm text-ink-3" />
              </span>
              <span className="flex items-baseline justify-between gap-3 text-sm text-ink-3">
                <span className="min-w-0 truncate font-mono text-xs">{preview(value.value)}</span>
                <Changed value={value.version} className="figures -mx-1 shrink-0 rounded-sm px-1">
                  v{value.version}
                </Changed>
              </span>
            </PlaceLink>
          </li>
        ))}
      </ul>
      {asked.hasNextPage && (
        <div className="flex justify-center p-2">
          <Button look="ghost" pending={asked.isFetchingNextPage} onPress={() => void asked.fetchNextPage()}>
            More
          </Button>
        </div>
      )}
    </div>
  );
}
