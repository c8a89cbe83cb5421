"use client";

import type { NamespaceInfo } from "@tape/client";
import { useTape } from "@tape/client/react";
import { grouped, type Page } from "@tape/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Database } from "lucide-react";
import { useEffect, useState, type Ref } from "react";
import { Input, SearchField } from "react-aria-components";
import { Button } from "../kit/button.tsx";
import { inputLook } from "../kit/field.tsx";
import { Empty, Notice } from "../kit/notice.tsx";
import { Ago } from "../kit/time.tsx";
import { visible } from "../kit/visible.ts";
import { PlaceLink } from "./place-link.tsx";

/** A list is asked for again this often (ms); the value that is looked at is pushed. */
export const EVERY_MS = 5000;
/** Typing asks after this pause (ms). */
const PAUSE_MS = 200;

export interface NamespaceListProps {
  first: Page<NamespaceInfo>;
  /** The prefix that `first` was asked for with. */
  firstPrefix: string;
  prefix: string;
  shown: string | null;
  search: Ref<HTMLInputElement>;
  onPrefix: (prefix: string) => void;
  onGo: (namespace: string) => void;
}

/** The namespaces that have values, by name. The box finds them by how they begin. */
export function NamespaceList({ first, firstPrefix, prefix, shown, search, onPrefix, onGo }: NamespaceListProps) {
  const { client } = useTape();
  const asked = useInfiniteQuery({
    queryKey: ["namespaces", prefix],
    queryFn: ({ pageParam, signal }) => client.values.namespaces({ limit: 100, ...(prefix !== "" && { prefix }), ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (before) => before,
    refetchInterval: EVERY_MS,
    ...(prefix === firstPrefix && { initialData: { pages: [first], pageParams: [null] } }),
  });
  const namespaces = asked.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <div className="shrink-0 border-b px-3 py-2">
        <PrefixBox value={prefix} search={search} onChange={onPrefix} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {asked.isError && <Notice role="alert">{asked.error.message}</Notice>}
        {asked.isSuccess && namespaces.length === 0 && (
          <Empty title={prefix === "" ? "No values yet" : "No namespace begins so"} icon={<Database size={22} aria-hidden />}>
            {prefix === "" ? (
              <p>
                Code writes one with <code className="font-mono text-sm">tape.setValue(namespace, key, value)</code>. It appears by itself.
              </p>
            ) : null}
          </Empty>
        )}
        <ul aria-label="Namespaces">
          {namespaces.map(({ at, keys, namespace }) => (
            <li key={namespace}>
              <PlaceLink name={namespace} address={{ namespace, key: null, prefix }} isHere={namespace === shown} onGo={() => onGo(namespace)}>
                <span className="line-clamp-2 font-medium break-all">{visible(namespace)}</span>
                <span className="flex justify-between gap-3 text-sm text-ink-3">
                  <span className="figures">
                    {grouped(String(keys))} {keys === 1 ? "key" : "keys"}
                  </span>
                  <Ago at={at} className="shrink-0" />
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
    </>
  );
}

function PrefixBox({ value, search, onChange }: { value: string; search: Ref<HTMLInputElement>; onChange: (prefix: string) => void }) {
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  if (told !== value) {
    setTold(value);
    if (value !== text.trim()) setText(value);
  }
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <SearchField aria-label="Namespaces that begin with" value={text} onChange={setText} onClear={() => onChange("")}>
      <Input ref={search} placeholder="Begins with, e.g. runs/" className={`${inputLook} h-7 pointer-coarse:h-10 [&::-webkit-search-cancel-button]:hidden`} />
    </SearchField>
  );
}
