"use client";

import { SwitchButton, SwitchField } from "react-aria-components";
import { Dialog } from "../../kit/dialog.tsx";
import { Kbd } from "../../kit/kbd.tsx";
import type { Shortcut } from "./press.ts";
import { useShortcutsSetting } from "./provider.tsx";

const SHOWN: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };

/** What the keys of this screen do, and the switch that turns them off. */
export function ShortcutsHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { all, enabled, setEnabled } = useShortcutsSetting();
  const groups = isOpen ? grouped(all()) : [];
  return (
    <Dialog title="Keyboard" isOpen={isOpen} onClose={onClose}>
      {groups.map(([group, shortcuts]) => (
        <section key={group} className="flex flex-col gap-1">
          <h3 className="text-sm font-medium text-ink-3">{group}</h3>
          <dl>
            {shortcuts.map((one) => (
              <div key={one.keys} className="flex items-center justify-between gap-4 py-1">
                <dt className={enabled ? "" : "text-ink-3 line-through"}>{one.label}</dt>
                <dd className="flex gap-1">
                  {one.keys.split(" ").map((key) => (
                    <Kbd key={key}>{SHOWN[key] ?? (key.length === 1 ? key.toUpperCase() : key)}</Kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <SwitchField isSelected={enabled} onChange={setEnabled} className="border-t pt-3">
        <SwitchButton className="group flex items-center justify-between gap-4">
          <span>Single-key shortcuts</span>
          <span className="flex h-5 w-9 items-center rounded-full bg-line-strong p-0.5 transition-colors group-data-selected:bg-ink group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-ink">
            <span className="size-4 rounded-full bg-canvas transition-transform group-data-selected:translate-x-4" />
          </span>
        </SwitchButton>
      </SwitchField>
    </Dialog>
  );
}

function grouped(shortcuts: readonly Shortcut[]): [string, Shortcut[]][] {
  const groups = new Map<string, Shortcut[]>();
  for (const one of shortcuts) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return [...groups];
}
