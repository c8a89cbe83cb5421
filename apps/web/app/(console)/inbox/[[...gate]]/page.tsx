import { InboxScreen } from "../../../../components/inbox/inbox-screen.tsx";
import { load } from "../../../api.ts";

export default async function InboxPage({ params }: { params: Promise<{ gate?: string[] }> }) {
  const gateId = (await params).gate?.[0];
  const linked = gateId === undefined ? null : ((await load((client) => client.gates.get(decodeURIComponent(gateId)))).data ?? null);
  return <InboxScreen linked={linked} />;
}
