import { sayActor } from "@tape/core";
import Link from "next/link";
import { Id } from "../kit/copy.tsx";

const RUN = /^(?:run:)?(run_[0-9A-Za-z]+)$/;

/** Who wrote a version: a person, an app, or a run, to which it leads. */
export function Writer({ writer }: { writer: string }) {
  const runId = RUN.exec(writer)?.[1];
  if (runId === undefined) return <>{sayActor(writer)}</>;
  return (
    <Link href={`/runs/${runId}`} className="underline decoration-line-strong underline-offset-2 hover:decoration-ink">
      <Id id={runId} />
    </Link>
  );
}
