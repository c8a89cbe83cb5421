/** JSON as a test reads it: any path, checked by what is expected there. */
export interface Json {
  [name: string]: Json;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

export interface Ask {
  url: string;
  /** Who asks: a token, or the `Cookie` header of a session; nobody when neither is given. */
  token?: string;
  cookie?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** One request to the API, as a program sends it; text as a body goes as it is. What is answered must be JSON. */
export async function ask(method: string, path: string, { url, token, cookie, body, headers = {} }: Ask): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(cookie !== undefined && { cookie, origin: url }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === "" ? {} : JSON.parse(text)) as Json };
}
