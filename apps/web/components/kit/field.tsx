"use client";

import type { ReactNode } from "react";
import { FieldError, Input, Label, Text, TextArea, TextField } from "react-aria-components";
import { cx } from "./cx.ts";

export const inputLook =
  "w-full rounded-md border border-line-strong bg-canvas px-2.5 text-ink transition-colors hover:border-ink-3 focus:border-ink focus:outline-none focus-visible:outline-none data-invalid:border-operator";

export interface TextInputProps {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  description?: ReactNode;
  /** What is wrong with it, said beside it and read aloud. */
  error?: string | null;
  multiline?: boolean;
  rows?: number;
  required?: boolean;
  autoFocus?: boolean;
  placeholder?: string;
  mono?: boolean;
  name?: string;
  inputMode?: "text" | "decimal" | "numeric";
}

export function TextInput(props: TextInputProps) {
  const look = cx(inputLook, props.mono && "font-mono text-sm");
  return (
    <TextField
      value={props.value}
      onChange={props.onChange}
      isInvalid={Boolean(props.error)}
      isRequired={props.required}
      validationBehavior="aria"
      autoFocus={props.autoFocus}
      name={props.name}
      className="flex flex-col gap-1.5"
    >
      <FieldLabel required={props.required}>{props.label}</FieldLabel>
      {props.multiline ? (
        <TextArea rows={props.rows ?? 3} placeholder={props.placeholder} spellCheck={!props.mono} className={cx(look, "resize-y py-1.5")} />
      ) : (
        <Input placeholder={props.placeholder} inputMode={props.inputMode} className={cx(look, "h-8 pointer-coarse:h-11")} />
      )}
      {props.description && (
        <Text slot="description" className="text-sm text-ink-3">
          {props.description}
        </Text>
      )}
      <FieldError className="text-sm text-operator">{props.error}</FieldError>
    </TextField>
  );
}

export function FieldLabel({ children, required }: { children: ReactNode; required?: boolean }) {
  return (
    <Label className="text-sm font-medium text-ink-2">
      {children}
      {required === false && <span className="font-normal text-ink-3"> (optional)</span>}
    </Label>
  );
}
