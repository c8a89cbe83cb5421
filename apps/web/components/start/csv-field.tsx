"use client";

import { FileSpreadsheet, X } from "lucide-react";
import { useId, useState } from "react";
import { DropZone, FileTrigger, isFileDropItem } from "react-aria-components";
import { Button, IconButton } from "../kit/button.tsx";
import { cx } from "../kit/cx.ts";
import { readCsv, type CsvFile } from "./csv-file.ts";
import { sayBytes } from "./input.ts";

export interface CsvFieldProps {
  label: string;
  description?: string;
  required: boolean;
  error: string | null;
  onChange: (text: string) => void;
}

/** A file of comma-separated values: dropped or chosen, read here, sent as text. */
export function CsvField({ label, description, required, error, onChange }: CsvFieldProps) {
  const id = useId();
  const [file, setFile] = useState<CsvFile | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const wrong = refused ?? error;

  async function take(chosen: File | undefined): Promise<void> {
    if (chosen === undefined) return;
    const read = await readCsv(chosen);
    setRefused(typeof read === "string" ? read : null);
    setFile(typeof read === "string" ? null : read);
    onChange(typeof read === "string" ? "" : read.text);
  }

  function clear(): void {
    setFile(null);
    setRefused(null);
    onChange("");
  }

  return (
    <div role="group" aria-labelledby={`${id}-label`} aria-describedby={`${id}-about ${id}-wrong`} className="flex flex-col gap-1.5">
      <span id={`${id}-label`} className="text-sm font-medium text-ink-2">
        {label}
        {!required && <span className="font-normal text-ink-3"> (optional)</span>}
      </span>
      <DropZone
        aria-label={`Drop a file for ${label}`}
        onDrop={(event) => {
          const item = event.items.find(isFileDropItem);
          void item?.getFile().then(take);
        }}
        className={cx(
          "rounded-lg border border-dashed transition-colors data-drop-target:border-ink data-drop-target:bg-hover data-focus-visible:outline-2 data-focus-visible:outline-ink",
          wrong !== null ? "border-operator" : "border-line-strong",
        )}
      >
        {file === null ? (
          <div className="flex flex-wrap items-center gap-3 px-4 py-4">
            <FileSpreadsheet size={18} aria-hidden className="text-ink-3" />
            <span className="min-w-0 flex-1 text-ink-2">
              Drop a CSV file here
              <span className="text-ink-3">, up to 1 MiB</span>
            </span>
            <FileTrigger acceptedFileTypes={[".csv", ".txt", "text/csv", "text/plain"]} onSelect={(files) => void take(files?.[0])}>
              <Button>Choose a file</Button>
            </FileTrigger>
          </div>
        ) : (
          <div className="flex flex-col gap-2 px-4 py-3">
            <div className="flex items-center gap-3">
              <FileSpreadsheet size={18} aria-hidden className="shrink-0 text-ink-3" />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{file.name}</span>
                <span className="figures block text-sm text-ink-3">
                  {file.lines} lines, {sayBytes(file.bytes)}
                </span>
              </span>
              <IconButton label="Take the file away" onPress={clear}>
                <X size={15} aria-hidden />
              </IconButton>
            </div>
            <pre className="overflow-hidden rounded-md bg-sunken p-2.5 font-mono text-xs leading-[18px] text-ellipsis text-ink-2">{file.head.map((line) => line.slice(0, 160)).join("\n")}</pre>
          </div>
        )}
      </DropZone>
      <p id={`${id}-about`} className={cx("text-sm text-ink-3", !description && "hidden")}>
        {description}
      </p>
      <p id={`${id}-wrong`} role={wrong !== null ? "alert" : undefined} className={cx("text-sm text-operator", wrong === null && "hidden")}>
        {wrong}
      </p>
    </div>
  );
}
