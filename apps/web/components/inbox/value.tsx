import { formatAmount, formatDay, formatInstant, formatMoney, grouped, isMoney, type GateDisplay } from "@tape/core";
import { cx } from "../kit/cx.ts";
import { Json } from "../kit/json.tsx";
import { visible } from "../kit/visible.ts";
import { columnsOf, type Column } from "./columns.ts";

type As = GateDisplay["fields"][number]["as"];

/** A part of a payload as its gate asked for it. What does not fit its kind is shown as it came, never guessed. */
export function Value({ value, as }: { value: unknown; as: As }) {
  if (value === undefined || value === null || value === "") return <span className="text-ink-3">not given</span>;
  if (as === "money" && isMoney(value)) return <span className="figures font-medium">{formatMoney(value)}</span>;
  if (as === "date" && typeof value === "string" && !Number.isNaN(Date.parse(value))) {
    return <span className="figures">{value.length <= 10 ? formatDay(value) : formatInstant(value)}</span>;
  }
  if (as === "table") {
    const table = columnsOf(value);
    if (table !== null) return <Table {...table} />;
  }
  if (typeof value === "object") return isMoney(value) ? <span className="figures">{formatMoney(value)}</span> : <Json value={value} />;
  return <bdi className="block break-words whitespace-pre-wrap">{typeof value === "number" ? grouped(String(value)) : visible(String(value))}</bdi>;
}

/** Words give way to figures: they wrap, and the sum stays in sight when even that is not room enough. */
function Table({ columns, rows }: { columns: Column[]; rows: Record<string, unknown>[] }) {
  const sum = columns.find((column) => column.currency !== null) ?? columns.find((column) => column.isFigure);
  return (
    <>
      <div className="max-h-[28rem] overflow-auto rounded-md border max-sm:hidden" tabIndex={0} role="region" aria-label={`${rows.length} rows`}>
        <table className="w-full border-collapse">
          <thead>
            <tr className="sticky top-0 bg-sunken text-left text-sm text-ink-3">
              {columns.map((column) => (
                <th key={column.key} scope="col" className={cx("px-3 py-1.5 font-normal whitespace-nowrap", column.isFigure && "text-right", column === sum && "sticky right-0 bg-sunken")}>
                  {column.head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at} className="border-t">
                {columns.map((column) => (
                  <td key={column.key} className={cx("px-3 py-1.5 align-top", column.isFigure ? "figures text-right whitespace-nowrap" : !column.isShort && "min-w-48 break-words", column === sum && "sticky right-0 bg-canvas")}>
                    {cellOf(row[column.key], column)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="overflow-hidden rounded-md border sm:hidden">
        {rows.map((row, at) => (
          <StackedRow key={at} row={row} columns={columns} />
        ))}
      </ul>
    </>
  );
}

/** On a phone a row is a name and a figure, and the rest of it below. */
function StackedRow({ row, columns }: { row: Record<string, unknown>; columns: Column[] }) {
  const figure = columns.find((column) => column.isFigure);
  const name = columns.find((column) => /name|title|payee|to$/i.test(column.key) && !column.isFigure) ?? columns.find((column) => !column.isFigure);
  const rest = columns.filter((column) => column !== figure && column !== name);
  return (
    <li className="border-t px-3 py-2 first:border-t-0">
      <div className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate font-medium">{name && cellOf(row[name.key], name)}</span>
        {figure && <span className="figures shrink-0">{cellOf(row[figure.key], { ...figure, currency: null })}</span>}
      </div>
      <div className="text-sm break-words text-ink-3">{rest.map((column) => cellOf(row[column.key], column)).filter(Boolean).join(" · ")}</div>
    </li>
  );
}

function cellOf(cell: unknown, column: Column): string {
  if (cell === undefined || cell === null) return "";
  if (isMoney(cell)) return column.currency === null ? formatMoney(cell) : formatAmount(cell.amount, cell.currency);
  if (typeof cell === "number") return grouped(String(cell));
  return visible(typeof cell === "object" ? JSON.stringify(cell) : String(cell));
}
