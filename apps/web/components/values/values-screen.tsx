"use client";

import type { NamespaceInfo } from "@tape/client";
import type { Page, Value } from "@tape/core";
import { ChevronLeft } from "lucide-react";
import { useCallback, useRef } from "react";
import { cx } from "../kit/cx.ts";
import { Empty } from "../kit/notice.tsx";
import { visible } from "../kit/visible.ts";
import { PageTitle } from "../shell/inbox-feed.tsx";
import { useShortcuts } from "../shell/shortcuts/provider.tsx";
import { hrefOf, type ValuesAddress } from "./address.ts";
import { KeyList } from "./key-list.tsx";
import { NamespaceList } from "./namespace-list.tsx";
import { useValuesAddress } from "./use-address.ts";
import { ValueCard } from "./value-card.tsx";

export interface ValuesScreenProps {
  /** What came with the page, and the address it was asked for by. */
  first: { address: ValuesAddress; namespaces: Page<NamespaceInfo>; keys: Page<Value> | null; value: Value | null };
}

/** Namespaces, the keys of one, and the card of one. On a phone the address decides which of the three is on the screen. */
export function ValuesScreen({ first }: ValuesScreenProps) {
  const [address, go] = useValuesAddress();
  const { key, namespace, prefix } = address;
  const list = useRef<HTMLElement>(null);
  const keys = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const onPrefix = useCallback((next: string) => go({ prefix: next }, "replace"), [go]);

  /** Moves within the keys once a namespace is open, else within the namespaces. */
  function move(by: number): void {
    const now = new URLSearchParams(window.location.search);
    const isKeys = now.get("namespace") !== null;
    const links = [...((isKeys ? keys : list).current?.querySelectorAll<HTMLElement>("[data-place]") ?? [])];
    const at = links.findIndex((link) => link.dataset["place"] === now.get(isKeys ? "key" : "namespace"));
    const next = links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))];
    const place = next?.dataset["place"];
    if (place === undefined) return;
    go(isKeys ? { key: place } : { namespace: place, key: null }, "replace");
    next?.scrollIntoView({ block: "nearest" });
  }

  useShortcuts([
    { keys: "/", label: "Find a namespace", group: "Values", run: () => search.current?.focus() },
    { keys: "j", label: "Next one", group: "Values", repeats: true, run: () => move(1) },
    { keys: "k", label: "Previous one", group: "Values", repeats: true, run: () => move(-1) },
    { keys: "u", label: "Up to the namespaces", group: "Values", run: () => go(key === null ? { namespace: null } : { key: null }) },
  ]);

  const isFirst = namespace === first.address.namespace;
  return (
    <div className="grid h-full min-h-0 grid-cols-1 sm:grid-cols-[15rem_minmax(0,1fr)] lg:grid-cols-[17rem_19rem_minmax(0,1fr)]">
      <PageTitle>{key === null ? (namespace === null ? "Values" : visible(namespace)) : visible(key)}</PageTitle>
      <h1 className="sr-only">Values</h1>
      <section ref={list} aria-label="Namespaces" className={cx("flex min-h-0 flex-col sm:border-r", namespace !== null && "max-sm:hidden")}>
        <NamespaceList first={first.namespaces} firstPrefix={first.address.prefix} prefix={prefix} shown={namespace} search={search} onPrefix={onPrefix} onGo={(next) => go({ namespace: next, key: null })} />
      </section>
      <section ref={keys} aria-label="Keys" className={cx("flex min-h-0 min-w-0 flex-col lg:border-r", namespace === null && "max-sm:hidden", key !== null && "max-lg:hidden")}>
        {namespace === null ? (
          <Empty title="Choose a namespace">Its keys and their values stand here.</Empty>
        ) : (
          <>
            <Back className="sm:hidden" address={{ ...address, namespace: null, key: null }} onGo={() => go({ namespace: null, key: null })}>
              Namespaces
            </Back>
            <KeyList key={namespace} namespace={namespace} first={isFirst ? first.keys : null} prefix={prefix} shown={key} onGo={(next) => go({ key: next })} />
          </>
        )}
      </section>
      <section aria-label="The value" className={cx("flex min-h-0 min-w-0 flex-col", key === null && "max-lg:hidden")}>
        {namespace !== null && key !== null ? (
          <>
            <Back className="lg:hidden" address={{ ...address, key: null }} onGo={() => go({ key: null })}>
              {visible(namespace)}
            </Back>
            <div className="min-h-0 flex-1 overflow-y-auto">
              <ValueCard key={JSON.stringify([namespace, key])} namespace={namespace} valueKey={key} loaded={isFirst && key === first.address.key ? first.value : null} />
            </div>
          </>
        ) : (
          namespace !== null && <Empty title="Choose a key">Its card shows the value, who wrote it and what it was before.</Empty>
        )}
      </section>
    </div>
  );
}

function Back({ address, children, className, onGo }: { address: ValuesAddress; children: string; className: string; onGo: () => void }) {
  return (
    <a
      href={hrefOf(address)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        onGo();
      }}
      className={cx("flex h-10 shrink-0 items-center gap-1 border-b px-3 text-ink-2", className)}
    >
      <ChevronLeft size={16} aria-hidden className="shrink-0" /> <span className="truncate">{children}</span>
    </a>
  );
}
