import { paramsOf, readAddress, type SearchParams } from "../../../components/values/address.ts";
import { ValuesScreen } from "../../../components/values/values-screen.tsx";
import { Problem } from "../../../components/shell/problem.tsx";
import { load } from "../../api.ts";

export default async function ValuesPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const address = readAddress(paramsOf(await searchParams));
  const { key, namespace, prefix } = address;
  const loaded = await load(async (client) => {
    const [namespaces, keys, history] = await Promise.all([
      client.values.namespaces({ limit: 100, ...(prefix !== "" && { prefix }) }),
      namespace === null ? null : client.values.list(namespace, { limit: 100 }),
      // The newest version, a tombstone included.
      namespace === null || key === null ? null : client.values.history(namespace, key, { limit: 1 }),
    ]);
    return { namespaces, keys, value: history?.items[0] ?? null };
  });
  if (loaded.problem) return <Problem problem={loaded.problem} />;
  return <ValuesScreen first={{ address, ...loaded.data }} />;
}
