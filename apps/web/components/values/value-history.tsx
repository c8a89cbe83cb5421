import { grouped, type Value } from "@tape/core";
import { Disclosure } from "../kit/disclosure.tsx";
import { Json } from "../kit/json.tsx";
import { Ago } from "../kit/time.tsx";
import { preview } from "./preview.ts";
import { Writer } from "./writer.tsx";

/** The versions before the one that is shown, the latest first, each with what it held. */
export function ValueHistory({ items, shown, hasMore }: { items: readonly Value[]; shown: number; hasMore: boolean }) {
  const older = items.filter(({ version }) => version < shown);
  if (older.length === 0) return null;
  return (
    <section className="flex flex-col gap-1">
      <h3 className="text-sm font-medium text-ink-3">Before</h3>
      <ul className="flex flex-col border-t">
        {older.map((value) => (
          <li key={value.version} className="border-b">
            <Disclosure
              title={
                <span className="flex min-w-0 items-baseline gap-3 text-left">
                  <span className="figures shrink-0">v{grouped(String(value.version))}</span>
                  <span className="min-w-0 truncate font-mono text-xs font-normal text-ink-2">{value.deleted ? "deleted" : preview(value.value, 80)}</span>
                  <span className="shrink-0 font-normal text-ink-3">
                    <Ago at={value.at} />
                  </span>
                </span>
              }
            >
              <div className="flex flex-col gap-2 pb-3">
                <p className="text-sm break-words text-ink-3">
                  {value.deleted ? "Deleted" : "Written"} by <Writer writer={value.writer} />
                </p>
                {!value.deleted && <Json value={value.value} label={`version ${value.version}`} />}
              </div>
            </Disclosure>
          </li>
        ))}
      </ul>
      {hasMore && <p className="pt-1 text-sm text-ink-3">Older versions are kept as long as the history lasts; the API reads them.</p>}
    </section>
  );
}
