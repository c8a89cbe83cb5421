"use client";

import { RUN_STATUSES, RUN_WORDS, type RunStatus } from "@tape/core";
import { Check, Plus, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button as AriaButton, Dialog, DialogTrigger, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button } from "../kit/button.tsx";
import { cx } from "../kit/cx.ts";
import { TextInput } from "../kit/field.tsx";
import { State } from "../kit/state.tsx";
import { SINCE, type RunsAddress, type SinceName } from "./address.ts";

const item = "flex h-8 items-center gap-2 rounded-md px-2 outline-none data-focused:bg-hover pointer-coarse:h-11";

export interface FiltersProps {
  address: RunsAddress;
  agents: readonly string[];
  onChange: (change: Partial<RunsAddress>) => void;
}

/** One pill a filter: dashed while it is open, solid with its value once it is set. */
export function Filters({ address, agents, onChange }: FiltersProps) {
  return (
    <>
      <Pill name="Status" value={address.status.map((status) => RUN_WORDS[status].word).join(", ")} onClear={() => onChange({ status: [] })}>
        {(trigger) => (
          <MenuTrigger>
            {trigger}
            <Popover offset={4} className="rises rounded-lg bg-raised shadow-pop">
              <Menu
                aria-label="Status"
                selectionMode="multiple"
                selectedKeys={address.status}
                onSelectionChange={(keys) => keys !== "all" && onChange({ status: RUN_STATUSES.filter((status) => keys.has(status)) })}
                className="max-h-96 min-w-48 overflow-auto p-1 outline-none"
              >
                {RUN_STATUSES.map((status: RunStatus) => (
                  <MenuItem key={status} id={status} textValue={RUN_WORDS[status].word} className={item}>
                    {({ isSelected }) => (
                      <>
                        <Check size={13} aria-hidden className={isSelected ? "" : "invisible"} />
                        <State words={RUN_WORDS[status]} />
                      </>
                    )}
                  </MenuItem>
                ))}
              </Menu>
            </Popover>
          </MenuTrigger>
        )}
      </Pill>
      <Choice name="Agent" value={address.agent} options={agents.map((agent) => ({ id: agent, name: agent }))} onChange={(agent) => onChange({ agent })} empty="No worker has registered an agent." />
      <LabelFilter value={address.label} onChange={(label) => onChange({ label })} />
      <Choice
        name="Since"
        value={address.since}
        shown={address.since === null ? null : SINCE[address.since].name}
        options={(Object.keys(SINCE) as SinceName[]).map((id) => ({ id, name: SINCE[id].name }))}
        onChange={(since) => onChange({ since: since as SinceName | null })}
      />
    </>
  );
}

interface ChoiceProps {
  name: string;
  value: string | null;
  shown?: string | null;
  options: { id: string; name: string }[];
  onChange: (value: string | null) => void;
  empty?: string;
}

function Choice({ name, value, shown = value, options, onChange, empty }: ChoiceProps) {
  return (
    <Pill name={name} value={shown} onClear={() => onChange(null)}>
      {(trigger) => (
        <MenuTrigger>
          {trigger}
          <Popover offset={4} className="rises rounded-lg bg-raised shadow-pop">
            <Menu
              aria-label={name}
              items={options}
              selectionMode="single"
              selectedKeys={value === null ? [] : [value]}
              onSelectionChange={(keys) => keys !== "all" && onChange([...keys].map(String)[0] ?? null)}
              renderEmptyState={() => <p className="px-2 py-1.5 text-ink-3">{empty}</p>}
              className="max-h-96 max-w-80 min-w-48 overflow-auto p-1 outline-none"
            >
              {(option) => (
                <MenuItem id={option.id} textValue={option.name} className={item}>
                  {({ isSelected }) => (
                    <>
                      <Check size={13} aria-hidden className={cx("shrink-0", !isSelected && "invisible")} />
                      <span className="truncate">{option.name}</span>
                    </>
                  )}
                </MenuItem>
              )}
            </Menu>
          </Popover>
        </MenuTrigger>
      )}
    </Pill>
  );
}

function LabelFilter({ value, onChange }: { value: string | null; onChange: (value: string | null) => void }) {
  const [name, setName] = useState("");
  const [labelled, setLabelled] = useState("");
  return (
    <Pill name="Label" value={value?.replace(":", ": ") ?? null} onClear={() => onChange(null)}>
      {(trigger) => (
        <DialogTrigger>
          {trigger}
          <Popover offset={4} className="rises w-72 rounded-lg bg-raised shadow-pop">
            <Dialog aria-label="Filter by a label" className="p-3 outline-none">
              {({ close }) => (
                <form
                  className="flex flex-col gap-3"
                  onSubmit={(event) => {
                    event.preventDefault();
                    if (name.trim() === "") return;
                    onChange(`${name.trim()}:${labelled.trim()}`);
                    close();
                  }}
                >
                  <TextInput label="Label" value={name} onChange={setName} autoFocus placeholder="customer" />
                  <TextInput label="Is exactly" value={labelled} onChange={setLabelled} placeholder="acme" />
                  <Button type="submit" look="primary">
                    Show these runs
                  </Button>
                </form>
              )}
            </Dialog>
          </Popover>
        </DialogTrigger>
      )}
    </Pill>
  );
}

function Pill({ name, value, onClear, children }: { name: string; value: string | null; onClear: () => void; children: (trigger: ReactNode) => ReactNode }) {
  const set = value !== null && value !== "";
  return (
    <span className={cx("flex h-7 max-w-full items-center rounded-full border text-sm pointer-coarse:h-9", set ? "border-line-strong bg-canvas" : "border-dashed border-line-strong")}>
      {set && (
        <AriaButton aria-label={`Clear the filter ${name}`} onPress={onClear} className="flex h-full items-center rounded-l-full pr-1 pl-2 text-ink-3 hover:text-ink">
          <X size={12} aria-hidden />
        </AriaButton>
      )}
      {children(
        <AriaButton className={cx("flex h-full min-w-0 items-center gap-1 rounded-full pr-3 hover:text-ink", set ? "pl-1" : "pl-2.5 text-ink-2")}>
          {!set && <Plus size={12} aria-hidden />}
          <span className={set ? "text-ink-3" : ""}>{name}</span>
          {set && <span className="max-w-52 truncate font-medium">{value}</span>}
        </AriaButton>,
      )}
    </span>
  );
}
