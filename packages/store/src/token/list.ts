import type { ApiToken } from "@tape/core";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { TOKEN_COLUMNS, toToken, type TokenRow } from "./row.ts";

/** Every token there was, the latest first; never a secret. */
export async function listTokens(store: Store): Promise<ApiToken[]> {
  return (await read<TokenRow>(store, `SELECT ${TOKEN_COLUMNS} FROM tape.api_tokens t ORDER BY t.created_at DESC, t.id DESC`)).map(toToken);
}
