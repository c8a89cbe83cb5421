import { DeskScreen } from "../../../components/desk/desk-screen.tsx";
import { Problem } from "../../../components/shell/problem.tsx";
import { load } from "../../api.ts";

export default async function DeskPage() {
  const loaded = await load(async (client) => {
    const [effects, unsent, obligations, runs] = await Promise.all([
      client.effects.list({ status: "UNKNOWN", limit: 200 }),
      client.effects.list({ status: "PENDING", limit: 200 }),
      client.obligations.list({ status: "STUCK", limit: 200 }),
      client.runs.list({ status: ["STUCK"], limit: 100 }),
    ]);
    return { effects, unsent, obligations, runs };
  });
  if (loaded.problem) return <Problem problem={loaded.problem} />;
  return <DeskScreen {...loaded.data} />;
}
