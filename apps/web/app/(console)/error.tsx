"use client";

import { Problem } from "../../components/shell/problem.tsx";

export default function ConsoleError({ error }: { error: Error & { digest?: string } }) {
  const message = `Something in the console failed${error.digest ? ` (${error.digest})` : ""}. The runs themselves are not affected.`;
  return <Problem problem={{ code: "internal", message }} />;
}
