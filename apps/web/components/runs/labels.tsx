import { cx } from "../kit/cx.ts";

/** Labels as `name value`, the first few of them. */
export function Labels({ labels, max = 99, wrap = false }: { labels: Readonly<Record<string, string>>; max?: number; wrap?: boolean }) {
  const all = Object.entries(labels);
  if (all.length === 0) return null;
  const hidden = all.slice(max);
  return (
    <span className={cx("flex min-w-0 items-center gap-1.5", wrap && "flex-wrap")}>
      {all.slice(0, max).map(([name, value]) => (
        <span key={name} title={`${name}: ${value}`} className="inline-flex max-w-48 min-w-0 gap-1 overflow-hidden rounded-sm bg-quiet-soft px-1.5 text-xs leading-[18px]">
          <span className="max-w-24 shrink-0 truncate text-ink-3">{name}</span>
          <span className="truncate text-ink-2">{value}</span>
        </span>
      ))}
      {hidden.length > 0 && (
        <span className="text-xs text-ink-3" title={hidden.map(([name, value]) => `${name}: ${value}`).join("\n")}>
          +{hidden.length}
        </span>
      )}
    </span>
  );
}
