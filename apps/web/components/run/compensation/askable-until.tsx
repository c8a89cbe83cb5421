"use client";

import { useSaid } from "../../shell/clock/clock.tsx";
import { Ago, Exact } from "../../kit/time.tsx";
import { leftUntil } from "./words.ts";

/** Until when a run can be compensated: then retention may let go of what it would be undone with. Nothing when it stays. */
export function AskableUntil({ until }: { until: string | undefined }) {
  if (until === undefined) return null;
  return <Until at={until} />;
}

function Until({ at }: { at: string }) {
  const left = useSaid((now) => leftUntil(at, now));
  return (
    <p className={left === "enough" ? "text-ink-3 text-pretty" : "text-person text-pretty"}>
      {left === "none" ? (
        <>
          It could be asked for until <Exact at={at} />: the run may be deleted at any moment now.
        </>
      ) : (
        <>
          It can be asked for until <Exact at={at} className="whitespace-nowrap" />
          {left === "little" && (
            <>
              {" "}
              (<Ago at={at} />)
            </>
          )}
          ; after that the run may be deleted.
        </>
      )}
    </p>
  );
}
