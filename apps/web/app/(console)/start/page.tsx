import { StartScreen } from "../../../components/start/start-screen.tsx";
import { Problem } from "../../../components/shell/problem.tsx";
import { load } from "../../api.ts";

export default async function StartPage({ searchParams }: { searchParams: Promise<{ agent?: string | string[] }> }) {
  const { agent } = await searchParams;
  const loaded = await load((client) => client.agents());
  if (loaded.problem) return <Problem problem={loaded.problem} />;
  return <StartScreen first={loaded.data} chosen={typeof agent === "string" ? agent : null} />;
}
