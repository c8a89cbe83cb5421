"use client";

import type { Run } from "@tape/core";
import { useTape } from "@tape/client/react";
import { Ellipsis, Link2 } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Menu } from "../kit/menu.tsx";
import { Exact } from "../kit/time.tsx";
import { useAnnounce } from "../shell/announcer.tsx";
import { useBlocked } from "../shell/me.tsx";

type Link = Awaited<ReturnType<ReturnType<typeof useTape>["client"]["runs"]["progressLink"]>>;

/** What one seldom does with a run. */
export function MoreMenu({ run }: { run: Run }) {
  const { client } = useTape();
  const away = useBlocked("operator");
  const announce = useAnnounce();
  const [link, setLink] = useState<Link | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copyLink(): Promise<void> {
    try {
      const made = await client.runs.progressLink(run.id);
      // A browser that lets nobody write to the clipboard without a click gets to see the link.
      await navigator.clipboard.writeText(made.url).then(
        () => setCopied(true),
        () => setLink(made),
      );
      announce("The progress link is in the clipboard.", "link");
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : "The link could not be made.");
    }
  }

  return (
    <>
      <Menu
        label="More"
        trigger={
          <Button size="small" look="ghost" label="More about this run" icon={copied ? undefined : <Ellipsis size={15} aria-hidden />}>
            {copied ? "Link copied" : null}
          </Button>
        }
        actions={[{ id: "progress-link", name: "Copy progress link", icon: <Link2 size={14} aria-hidden />, blocked: away, act: () => void copyLink() }]}
      />
      <Dialog title="Progress link" isOpen={link !== null} onClose={() => setLink(null)}>
        {link !== null && (
          <div className="flex flex-col gap-3">
            <p className="text-ink-2 text-pretty">
              Whoever has it sees the bar of this run and nothing else, until <Exact at={link.expiresAt} />.
            </p>
            <div className="flex items-start gap-2 rounded-md border bg-sunken p-3">
              <code className="min-w-0 flex-1 font-mono text-xs break-all">{link.url}</code>
              <CopyButton text={link.url} label="Copy the link" />
            </div>
          </div>
        )}
      </Dialog>
      <Dialog title="No link" isOpen={error !== null} onClose={() => setError(null)} alert>
        <p className="break-words">{error}</p>
      </Dialog>
    </>
  );
}
