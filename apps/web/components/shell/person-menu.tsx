"use client";

import { useTape } from "@tape/client/react";
import { Keyboard, LogOut } from "lucide-react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useMe } from "./me.tsx";
import { ThemeChoice } from "./theme-menu.tsx";

/** Who I am, how the screen looks, and the way out. */
export function PersonMenu({ onHelp }: { onHelp: () => void }) {
  const me = useMe();
  const { client } = useTape();
  async function signOut(): Promise<void> {
    await client.signOut().catch(() => undefined);
    window.location.assign("/signed-out");
  }
  return (
    <DialogTrigger>
      <AriaButton
        aria-label={`${me.name}, ${me.role}: account and theme`}
        className="flex size-7 items-center justify-center rounded-full bg-quiet-soft text-xs font-semibold text-ink-2 uppercase hover:bg-selected hover:text-ink pointer-coarse:size-9"
      >
        {initials(me.name)}
      </AriaButton>
      <Popover placement="bottom end" offset={6} className="rises w-64 rounded-lg bg-raised shadow-pop">
        <Dialog aria-label="Account and theme" className="outline-none">
          {({ close }) => (
            <>
              <div className="flex flex-col px-3 pt-3 pb-2.5">
                <span className="truncate font-medium">{me.name}</span>
                <span className="truncate text-sm text-ink-3">
                  {me.email !== null && me.email !== me.name ? `${me.email} · ` : ""}
                  {me.role}
                </span>
              </div>
              <div className="border-t px-3 py-2.5">
                <ThemeChoice />
              </div>
              <div className="flex flex-col border-t p-1">
                <MenuButton
                  icon={<Keyboard size={14} aria-hidden />}
                  onPress={() => {
                    close();
                    onHelp();
                  }}
                >
                  Keyboard shortcuts
                </MenuButton>
                <MenuButton icon={<LogOut size={14} aria-hidden />} onPress={() => void signOut()}>
                  Sign out
                </MenuButton>
              </div>
            </>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function MenuButton({ icon, children, onPress }: { icon: React.ReactNode; children: string; onPress: () => void }) {
  return (
    <AriaButton onPress={onPress} className="flex h-8 items-center gap-2 rounded-md px-2 text-left text-ink-2 hover:bg-hover hover:text-ink pointer-coarse:h-11">
      {icon}
      {children}
    </AriaButton>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  return `${words[0]?.[0] ?? "?"}${words.length > 1 ? (words[1]?.[0] ?? "") : ""}`;
}
