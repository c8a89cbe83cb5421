"use client";

import type { AgentInfo, StartRunRequest } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";
import { Button } from "../kit/button.tsx";
import { Control } from "../kit/control.tsx";
import { Disclosure } from "../kit/disclosure.tsx";
import { TextInput } from "../kit/field.tsx";
import { Notice } from "../kit/notice.tsx";
import { readJson } from "../kit/read-json.ts";
import { useBlocked } from "../shell/me.tsx";
import { CsvField } from "./csv-field.tsx";
import { errorsOf, inputOf, labelsOf, whyTooLarge, type FieldErrors, type Written } from "./input.ts";
import { fieldsOf, type InputField } from "./schema.ts";

/** The form of one agent, drawn from the schema that its workers registered. Mount it with `key={agent}`. */
export function StartForm({ agent }: { agent: AgentInfo }) {
  const { client } = useTape();
  const router = useRouter();
  const fields = useMemo(() => fieldsOf(agent.inputSchema), [agent.inputSchema]);
  const form = useRef<HTMLFormElement>(null);
  const [once] = useState(() => crypto.randomUUID());
  const [written, setWritten] = useState<Written>({});
  const [whole, setWhole] = useState("");
  const [invocationId, setInvocationId] = useState("");
  const [labels, setLabels] = useState("");
  const [errors, setErrors] = useState<FieldErrors>({});
  const away = useBlocked("operator");
  const { mutate, isPending, isSuccess } = useMutation({
    mutationFn: (request: StartRunRequest) => client.runs.start(request, { idempotencyKey: `${once}:${JSON.stringify(request).length}` }),
    onSuccess: (run) => router.push(`/runs/${run.id}`),
    onError: (error) => show(errorsOf(error, fields ?? [])),
  });

  function show(found: FieldErrors): void {
    setErrors(found);
    const [first] = Object.keys(found).filter((name) => name !== "");
    if (first !== undefined) form.current?.querySelector<HTMLElement>(`[name="${CSS.escape(first)}"]`)?.focus();
  }

  function submit(): void {
    const read = fields === null ? readWhole(whole) : inputOf(fields, written);
    const tagged = labelsOf(labels);
    const found: FieldErrors = { ...read.errors, ...(tagged.error !== null && { labels: tagged.error }) };
    if (Object.keys(found).length > 0) return show(found);
    const request: StartRunRequest = {
      agent: agent.agent,
      input: read.input,
      ...(invocationId.trim() !== "" && { invocationId: invocationId.trim() }),
      ...(Object.keys(tagged.labels).length > 0 && { labels: tagged.labels }),
    };
    const tooLarge = whyTooLarge(request);
    if (tooLarge !== null) return show({ "": tooLarge });
    setErrors({});
    mutate(request);
  }

  function write(name: string, value: string | boolean): void {
    setWritten({ ...written, [name]: value });
    if (errors[name] !== undefined) setErrors(Object.fromEntries(Object.entries(errors).filter(([known]) => known !== name)));
  }

  return (
    <form
      ref={form}
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {errors[""] !== undefined && (
        <Notice tone="operator" role="alert">
          {errors[""]}
        </Notice>
      )}
      {fields === null ? (
        <TextInput label="Input, as JSON" name="input" value={whole} onChange={setWhole} required={false} multiline rows={8} mono error={errors["input"] ?? null} description={agent.inputSchema === null ? "This agent does not say what it takes." : undefined} />
      ) : (
        fields.map((field) => <Field key={field.name} field={field} value={written[field.name] ?? field.initial} error={errors[field.name] ?? null} onChange={(value) => write(field.name, value)} />)
      )}
      {fields?.length === 0 && <p className="text-ink-2">It takes no input.</p>}
      <Disclosure title="Identity and labels">
        <div className="flex flex-col gap-4 pb-1">
          <TextInput label="Invocation" value={invocationId} onChange={setInvocationId} required={false} mono description="Your own name for this. Started twice under one name, it is one run." />
          <TextInput label="Labels" value={labels} onChange={setLabels} required={false} multiline rows={2} placeholder="customer: acme" description="One on each line, as name: value. Runs can be found by them." error={errors["labels"] ?? null} name="labels" />
        </div>
      </Disclosure>
      <div>
        <Button look="primary" size="large" type="submit" blocked={away} pending={isPending || isSuccess}>
          Start the run
        </Button>
      </div>
    </form>
  );
}

function readWhole(text: string): { input: unknown; errors: FieldErrors } {
  const { value, error } = readJson(text);
  return { input: value, errors: error === null ? {} : { input: error } };
}

function Field({ field, value, error, onChange }: { field: InputField; value: string | boolean; error: string | null; onChange: (value: string | boolean) => void }) {
  if (field.type === "csv") return <CsvField label={field.label} description={field.description} required={field.required} error={error} onChange={onChange} />;
  return (
    <Control
      type={field.type === "integer" ? "number" : field.type}
      name={field.name}
      label={field.type === "json" ? `${field.label}, as JSON` : field.label}
      description={field.description}
      required={field.required}
      options={field.options}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}
