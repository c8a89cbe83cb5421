"use client";

import type { ErrorBody } from "@tape/core";
import { DatabaseZap, LockKeyhole, SearchX, TriangleAlert } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Button } from "../kit/button.tsx";
import { Empty } from "../kit/notice.tsx";

/** A screen that comes back by itself is asked for again this often (ms). */
const RETRY_MS = 4000;

/** What stands where a screen could not be drawn: what happened, and what to do. */
export function Problem({ problem, whole = false }: { problem: ErrorBody["error"]; whole?: boolean }) {
  const router = useRouter();
  const away = problem.code === "unavailable" || problem.code === "database_not_running" || problem.code === "rate_limited";
  useEffect(() => {
    if (!away) return;
    const timer = setInterval(() => router.refresh(), RETRY_MS);
    return () => clearInterval(timer);
  }, [away, router]);
  const Drawn = away ? DatabaseZap : problem.code === "forbidden" ? LockKeyhole : problem.code === "not_found" ? SearchX : TriangleAlert;
  const title = away
    ? "Tape cannot reach its database"
    : problem.code === "forbidden"
      ? "Not for your role"
      : problem.code === "not_found"
        ? "Not found"
        : "This could not be shown";
  return (
    <div role="alert" className={whole ? "grid h-dvh place-items-center" : ""}>
      {whole && <title>{`${title} · Tape`}</title>}
      <Empty isPage title={title} icon={<Drawn size={22} aria-hidden />}>
        <p>{problem.message}</p>
        {away ? (
          <p className="mt-2 text-ink-3">Workers back off and carry on. This page tries again by itself.</p>
        ) : (
          <div className="mt-4 flex justify-center">
            <Button onPress={() => router.refresh()}>Try again</Button>
          </div>
        )}
      </Empty>
    </div>
  );
}
