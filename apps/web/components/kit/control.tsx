"use client";

import { Check, ChevronDown } from "lucide-react";
import { useId, type ReactNode } from "react";
import { CheckboxButton, CheckboxField } from "react-aria-components";
import { cx } from "./cx.ts";
import { inputLook, TextInput } from "./field.tsx";

export interface ControlProps {
  type: "text" | "textarea" | "number" | "boolean" | "select" | "date" | "json";
  name: string;
  label: string;
  description?: string;
  /** What is written in it: text for all but `boolean`. */
  value: string | boolean;
  onChange: (value: string | boolean) => void;
  required?: boolean;
  options?: readonly string[];
  error?: string | null;
  placeholder?: string;
}

/** One field of a form that was described as data: a gate's form, an agent's input. */
export function Control(props: ControlProps) {
  const { type, label, value, onChange, error, required, options, description, name, placeholder } = props;
  if (type === "boolean") {
    return (
      <CheckboxField isSelected={value === true} onChange={onChange} name={name}>
        <CheckboxButton className="group flex items-center gap-2 py-1">
          <span className="grid size-4 shrink-0 place-items-center rounded-sm border border-line-strong bg-canvas group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-ink group-data-selected:border-ink group-data-selected:bg-ink group-data-selected:text-canvas">
            <Check size={12} strokeWidth={3} aria-hidden className="opacity-0 group-data-selected:opacity-100" />
          </span>
          {label}
        </CheckboxButton>
        {description && <p className="pl-6 text-sm text-ink-3">{description}</p>}
        {error && <p className="pl-6 text-sm text-operator">{error}</p>}
      </CheckboxField>
    );
  }
  const text = typeof value === "string" ? value : "";
  if (type === "select" || type === "date") {
    return (
      <NativeField label={label} required={required} description={description} error={error}>
        {(ids) =>
          type === "date" ? (
            <input {...ids} type="date" name={name} value={text} onChange={(event) => onChange(event.target.value)} className={cx(inputLook, "figures h-8 pointer-coarse:h-11")} />
          ) : (
            <span className="relative">
              <select {...ids} name={name} value={text} onChange={(event) => onChange(event.target.value)} className={cx(inputLook, "h-8 appearance-none pr-8 pointer-coarse:h-11")}>
                <option value="">{required ? "Choose one" : "None"}</option>
                {options?.map((option) => (
                  <option key={option} value={option}>
                    {option}
                  </option>
                ))}
              </select>
              <ChevronDown size={14} aria-hidden className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-ink-3" />
            </span>
          )
        }
      </NativeField>
    );
  }
  return (
    <TextInput
      name={name}
      label={label}
      value={text}
      onChange={onChange}
      required={required ?? false}
      error={error}
      description={description}
      placeholder={placeholder}
      multiline={type === "textarea" || type === "json"}
      rows={type === "json" ? 5 : 3}
      mono={type === "json"}
      inputMode={type === "number" ? "decimal" : "text"}
    />
  );
}

interface FieldIds {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
  "aria-required": boolean | undefined;
}

function NativeField({ label, required, description, error, children }: { label: string; required?: boolean; description?: string; error?: string | null; children: (ids: FieldIds) => ReactNode }) {
  const id = useId();
  const said = [description && `${id}-about`, error && `${id}-wrong`].filter(Boolean).join(" ");
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium text-ink-2">
        {label}
        {!required && <span className="font-normal text-ink-3"> (optional)</span>}
      </label>
      {children({ id, "aria-describedby": said === "" ? undefined : said, "aria-invalid": error ? true : undefined, "aria-required": required })}
      {description && (
        <p id={`${id}-about`} className="text-sm text-ink-3">
          {description}
        </p>
      )}
      {error && (
        <p id={`${id}-wrong`} className="text-sm text-operator">
          {error}
        </p>
      )}
    </div>
  );
}
