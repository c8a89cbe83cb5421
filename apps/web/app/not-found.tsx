import Link from "next/link";
import { Mark } from "../components/shell/mark.tsx";

export default function NotFound() {
  return (
    <main className="grid h-dvh place-items-center p-6">
      <title>Not found · Tape</title>
      <div className="flex w-full max-w-sm flex-col gap-3">
        <Mark size={28} />
        <h1 className="text-xl font-semibold tracking-[-0.015em]">There is no such page</h1>
        <p className="text-ink-2">
          The address may be cut off, or the run was removed by retention. <Link href="/runs" className="underline underline-offset-2">See all runs</Link>
        </p>
      </div>
    </main>
  );
}
