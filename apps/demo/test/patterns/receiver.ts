import { verifySignature } from "@tape/sdk";
import { LEDGER_SECRET, ledger } from "./stand-ins.ts";

// #region
export async function receive(request: Request): Promise<Response> {
  const body = await request.text(); // as it came: the signature is of these bytes
  const header = request.headers.get("x-tape-signature");
  if (!verifySignature({ secret: LEDGER_SECRET, header, body })) return new Response(null, { status: 401 });
  const { events } = JSON.parse(body) as { events: { id: string; kind: string; verb: string; payload: unknown }[] };
  for (const event of events) await ledger.keep(event.id, event); // an event may come twice, and has the same id then
  return new Response(null, { status: 204 }); // any 2xx is received; 410 stops the sink; all else is tried again
}
// #endregion
