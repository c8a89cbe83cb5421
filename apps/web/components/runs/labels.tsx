/** Labels as `name value`, the first few of them. */
export function Labels({ labels, max = 99 }: { labels: Readonly<Record<string, string>>; max?: number }) {
  const all = Object.entries(labels);
  if (all.length === 0) return null;
  const hidden = all.slice(max);
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      {all.slice(0, max).map(([name, value]) => (
        <span key={name} title={`${name}: ${value}`} className="inline-flex max-w-44 min-w-0 gap-1 rounded-sm bg-quiet-soft px-1.5 text-xs leading-[18px]">
          <span className="shrink-0 text-ink-3">{name}</span>
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
