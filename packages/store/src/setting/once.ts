import { read } from "../read.ts";
import type { Store } from "../store.ts";

/**
 * The value that was made for this key by whoever asked first, here or in another process; kept for ever.
 *
 * @param make Called only when there is none yet. What it makes is thrown away when somebody else was first.
 */
export async function settingOnce(store: Store, key: string, make: () => string | Promise<string>): Promise<string> {
  const known = await find(store, key);
  if (known !== null) return known;
  await read(store, "INSERT INTO tape.settings (key, value, created_at) VALUES ($1, $2, tape.now()) ON CONFLICT DO NOTHING", [key, await make()]);
  return (await find(store, key))!;
}

async function find(store: Store, key: string): Promise<string | null> {
  const [row] = await read<{ value: string }>(store, "SELECT value FROM tape.settings WHERE key = $1", [key]);
  return row?.value ?? null;
}
