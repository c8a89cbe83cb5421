import { SearchX } from "lucide-react";
import Link from "next/link";
import { Empty } from "../kit/notice.tsx";

/** The address names something that is not here. */
export function Missing() {
  return (
    <Empty isPage title="Not found" icon={<SearchX size={22} aria-hidden />}>
      <title>Not found · Tape</title>
      <p>
        The id may be cut off, or the run was removed by retention.{" "}
        <Link href="/runs" className="text-ink underline underline-offset-2">
          See all runs
        </Link>
      </p>
    </Empty>
  );
}
