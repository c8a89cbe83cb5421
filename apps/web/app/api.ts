import { createClient, type TapeClient } from "@tape/client";
import { TapeError, type ErrorBody } from "@tape/core";
import { headers } from "next/headers";
import { redirect } from "next/navigation";

declare global {
  /** The HTTP API of this very process. The server sets it before it prepares Next. */
  var tapeApi: { fetch(request: Request): Promise<Response> } | undefined;
}

export type Loaded<T> = { data: T; problem?: undefined } | { data?: undefined; problem: ErrorBody["error"] };

/**
 * Reads the API as the person who asked for the page. Without a session it leads to the signed-out page; any other refusal
 * is an answer that the page shows.
 */
export async function load<T>(ask: (client: TapeClient) => Promise<T>): Promise<Loaded<T>> {
  const client = await clientOfRequest();
  try {
    return { data: await ask(client) };
  } catch (error) {
    if (!TapeError.is(error)) throw error;
    if (error.code === "unauthenticated") redirect("/signed-out");
    return { problem: error.toBody().error };
  }
}

async function clientOfRequest(): Promise<TapeClient> {
  const asked = await headers();
  const cookie = asked.get("cookie");
  return createClient({
    baseUrl: `http://${asked.get("host") ?? "localhost"}`,
    fetch: async (request) => {
      if (globalThis.tapeApi === undefined) throw new Error("The API is not running in this process.");
      if (cookie !== null) request.headers.set("cookie", cookie);
      return globalThis.tapeApi.fetch(request);
    },
  });
}
