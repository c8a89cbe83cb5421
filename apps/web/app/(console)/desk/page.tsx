import { DeskScreen } from "../../../components/desk/desk-screen.tsx";
import { Problem } from "../../../components/shell/problem.tsx";
import { load } from "../../api.ts";

export default async function DeskPage() {
  const loaded = await load(async (client) => {
    const [effects, obligations, runs] = await Promise.all([
      client.effects.list({ status: "UNKNOWN", limit: 200 }),
      client.obligations.list({ status: "STUCK", limit: 200 }),
      client.runs.list({ status: ["STUCK"], limit: 100 }),
    ]);
    return { effects, obligations, runs };
  });
  if (loaded.problem) return <Problem problem={loaded.problem} />;
  return <DeskScreen {...loaded.data} />;
}
