"use client";

import { useTape, useValue } from "@tape/client/react";
import { grouped, type StateWords, type Value } from "@tape/core";
import { useQuery } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Changed } from "../kit/changed.tsx";
import { Json } from "../kit/json.tsx";
import { Empty } from "../kit/notice.tsx";
import { State } from "../kit/state.tsx";
import { Ago } from "../kit/time.tsx";
import { visible } from "../kit/visible.ts";
import { useBlocked } from "../shell/me.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { Writer } from "./writer.tsx";
import { ValueHistory } from "./value-history.tsx";

const LIVE: StateWords = { tone: "quiet", word: "live", icon: "bookmark" };
const DELETED: StateWords = { tone: "quiet", word: "deleted", icon: "bookmark", struck: true };

export interface ValueCardProps {
  namespace: string;
  valueKey: string;
  /** What came with the page. */
  loaded: Value | null;
}

/** One value as it is now, and as it was. It is followed: a new version tints the figures once. Mount it with a `key` of both names. */
export function ValueCard({ namespace, valueKey, loaded }: ValueCardProps) {
  const { client } = useTape();
  const followed = useValue(namespace, valueKey, loaded);
  const away = useBlocked("operator");
  const [doing, setDoing] = useState<"edit" | "delete" | null>(null);
  const history = useQuery({
    queryKey: ["value-history", namespace, valueKey, followed.version],
    queryFn: ({ signal }) => client.values.history(namespace, valueKey, { limit: 50 }, signal),
    placeholderData: (before) => before,
  });
  const latest = followed.row ?? history.data?.items[0] ?? null;
  if (latest === null) return history.isSuccess ? <Empty title="No such value">Nothing was ever written under this name, or its history is forgotten.</Empty> : null;
  const isLive = followed.isLive && !latest.deleted;
  return (
    <article aria-labelledby="value-name" className="mx-auto flex max-w-3xl flex-col gap-5 px-4 py-5 sm:px-8">
      <header className="flex flex-col gap-2">
        <p className="text-sm break-all text-ink-3">{visible(namespace)}</p>
        <h2 id="value-name" className="text-xl font-semibold tracking-[-0.014em] break-all">
          {visible(valueKey)}
        </h2>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-ink-2">
          <State words={isLive ? LIVE : DELETED} soft />
          <Changed value={latest.version}>
            <span className="figures">version {grouped(String(latest.version))}</span>
          </Changed>
          <span className="min-w-0 break-words">
            {isLive ? "written" : "deleted"} by <Writer writer={latest.writer} />, <Ago at={latest.at} />
          </span>
          <span className="flex gap-2 sm:ml-auto">
            <Button size="small" icon={<Pencil size={13} aria-hidden />} blocked={away} onPress={() => setDoing("edit")}>
              {isLive ? "Edit" : "Write again"}
            </Button>
            <Button size="small" icon={<Trash2 size={13} aria-hidden />} blocked={isLive ? away : "It is deleted."} onPress={() => setDoing("delete")}>
              Delete
            </Button>
          </span>
        </div>
      </header>
      {isLive ? <Json value={latest.value} label="the value" /> : <p className="text-ink-2">It is not live. Whoever reads it gets nothing; the next write is version {grouped(String(latest.version + 1))}.</p>}
      <ValueHistory items={history.data?.items ?? []} shown={latest.version} hasMore={history.data?.nextCursor != null} />
      <EditDialog namespace={namespace} valueKey={valueKey} latest={latest} isOpen={doing === "edit"} onClose={() => setDoing(null)} />
      <DeleteDialog value={latest} isOpen={doing === "delete" && isLive} onClose={() => setDoing(null)} />
    </article>
  );
}
