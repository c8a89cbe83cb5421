import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  method: string;
  path: string;
  query: Record<string, string[]>;
  authorization: string | undefined;
  headers: IncomingHttpHeaders;
  body: unknown;
}

export interface ApiStub {
  url: string;
  /** What was asked so far. */
  asked: Asked[];
  close(): Promise<void>;
}

type Answers = Record<string, unknown | ((asked: Asked) => { status: number; body: unknown })>;

/** Something that answers like a Tape: `"GET /api/v1/runs"` → its body, or a status and a body. Anything else is 404. */
export async function startApi(answers: Answers): Promise<ApiStub> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void read(request).then((one) => {
      asked.push(one);
      const answer = answers[`${one.method} ${one.path}`];
      const { status, body } =
        answer === undefined
          ? { status: 404, body: { error: { code: "not_found", message: "There is no such thing." } } }
          : typeof answer === "function"
            ? (answer as (asked: Asked) => { status: number; body: unknown })(one)
            : { status: 200, body: answer };
      response.writeHead(status, { "content-type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<Asked> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://stub");
  const query = Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]));
  return { method: request.method ?? "", path: decodeURIComponent(pathname), query, authorization: request.headers.authorization, headers: request.headers, body: text === "" ? undefined : JSON.parse(text) };
}
