import { ERROR_STATUS, TapeError, errorBody, type ErrorCode } from "@tape/core";

export interface Connection {
  /** Where the API stands, without `/api/v1`: `http://127.0.0.1:3000`. Empty in a browser: the page's own origin. */
  baseUrl: string;
  /** An API token. Browsers leave it out: their session cookie travels by itself. */
  token?: string;
  /** Stands in for `globalThis.fetch`: in-process calls, tests. */
  fetch?: (request: Request) => Promise<Response>;
}

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  query?: Record<string, QueryValue>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

type QueryValue = string | number | readonly string[] | undefined;

/** Sends one request and answers what came, its body unread. A refusal, and a server that is away, is a `TapeError`. */
export type Open = (path: string, ask?: Ask) => Promise<Response>;

/** Sends one request and answers its JSON. Everything that goes wrong is a `TapeError`, except an abort by the caller. */
export type Send = <T>(path: string, ask?: Ask) => Promise<T>;

export function createOpen(connection: Connection): Open {
  const send = connection.fetch ?? ((request) => globalThis.fetch(request));
  return async (path, ask = {}) => {
    const request = toRequest(connection, path, ask);
    let response: Response;
    try {
      response = await send(request);
    } catch (cause) {
      if (ask.signal?.aborted) throw cause;
      throw new TapeError("unavailable", "Tape cannot be reached. Is it running, and is this machine online?", undefined, { cause });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  };
}

export function createSend(open: Open): Send {
  return async <T>(path: string, ask: Ask = {}): Promise<T> => {
    const text = await (await open(path, ask)).text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
}

function toRequest({ baseUrl, token }: Connection, path: string, ask: Ask): Request {
  const headers = new Headers(ask.headers);
  if (!headers.has("accept")) headers.set("accept", "application/json");
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (ask.body !== undefined) headers.set("content-type", "application/json");
  const page = globalThis as { location?: { origin: string } };
  const origin = baseUrl === "" ? page.location?.origin : baseUrl;
  return new Request(new URL(`${path}${queryOf(ask.query)}`, origin), {
    method: ask.method ?? "GET",
    headers,
    credentials: "same-origin",
    ...(ask.body !== undefined && { body: JSON.stringify(ask.body) }),
    ...(ask.signal && { signal: ask.signal }),
  });
}

function queryOf(query: Record<string, QueryValue> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

async function errorOf(response: Response): Promise<TapeError> {
  const parsed = errorBody.safeParse(await response.json().catch(() => null));
  if (parsed.success) {
    const { code, message, details } = parsed.data.error;
    return new TapeError(code, message, details);
  }
  const code = (Object.keys(ERROR_STATUS) as ErrorCode[]).find((known) => ERROR_STATUS[known] === response.status);
  return new TapeError(code ?? (response.status >= 502 ? "unavailable" : "internal"), `The server answered ${response.status}.`);
}
