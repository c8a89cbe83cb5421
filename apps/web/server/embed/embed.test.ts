import { appendToRun, inTransaction, setValue } from "@tape/store";
import { makeRun } from "@tape/store/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { startServer } from "../start.ts";
import { readStream } from "../testing/stream.ts";
import { createWorld, type World } from "../testing/world.ts";
import type { Face } from "./face.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const progress = (runId: string, done: number, total: number, label?: string) => setValue(world.store, { namespace: `runs/${runId}`, key: "progress", value: { done, total, label }, writer: "test" });

async function linkTo(runId: string, body?: unknown): Promise<URL> {
  const { status, body: link } = await world.ask("operator", "POST", `/api/v1/runs/${runId}/progress-link`, body);
  expect(status).toBe(200);
  return new URL(String(link["url"]));
}

/** The same link, a part below it. */
function part(link: URL, name: string, base = link.origin): string {
  return `${base}${link.pathname}/${name}${link.search}`;
}

/** As its driver ends it. */
async function complete(runId: string): Promise<void> {
  await inTransaction(world.store, async (tx) => {
    await tx.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [runId]);
    const { seq } = await appendToRun(tx, { runId, happenings: [{ kind: "run", verb: "completed", payload: { output: null } }] });
    await tx.query("UPDATE tape.runs SET status = 'COMPLETED', outcome_seq = $2, owner = NULL, lease_expires_at = NULL, ended_at = tape.now(), settled_at = tape.now() WHERE id = $1", [runId, seq]);
  });
}

test("a link shows one run's progress to whoever has it, and nothing else of the run", async () => {
  const run = await makeRun(world.store, { status: "RUNNING", agent: "secret-agent", input: { iban: "DE02120300000000202051" }, labels: { customer: "Acme" } });
  await progress(run.id, 37, 200, `Paying <b>"Acme"</b>`);
  const link = await linkTo(run.id);
  expect([link.origin, link.pathname]).toEqual([world.url, `/embed/progress/${run.id}`]);
  const response = await fetch(link);
  const page = await response.text();
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(page).toMatch(/>Paying &#60;b&#62;&#34;Acme&#34;&#60;\/b&#62;<\/h1>\n<div id="bar" role="progressbar" aria-labelledby="label" aria-valuemin="0" aria-valuemax="100" aria-valuenow="18" aria-valuetext="37 of 200"/);
  expect(page).toContain(">running</span>");
  for (const secret of ["secret-agent", "DE0212", "customer", "<b>"]) expect(page).not.toContain(secret);
  const state = (await (await fetch(part(link, "state"))).json()) as Face;
  expect(state).toEqual({ label: 'Paying <b>"Acme"</b>', percent: 18, figures: "37 of 200", word: "running", tone: "live", isStruck: false, isOver: false });
});

test("who may frame it is said by its policy, and it runs only its own script", async () => {
  const link = await linkTo((await makeRun(world.store)).id);
  const own = await fetch(link);
  const policy = own.headers.get("content-security-policy")!;
  const [, nonce] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
  expect(policy).toBe(`default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`);
  expect([own.headers.get("x-frame-options"), own.headers.get("referrer-policy"), own.headers.get("cache-control"), own.headers.get("x-content-type-options")]).toEqual([null, "no-referrer", "no-store", "nosniff"]);
  const page = await own.text();
  expect([...page.matchAll(/<(?:script|style)(?! nonce)/g)]).toEqual([]);
  expect(page).not.toMatch(/ style="/);
  expect(page).toContain(nonce);

  const env = { databaseUrl: world.database.url, host: "127.0.0.1", port: 0, secret: undefined, embedOrigins: ["https://intranet.example"] };
  const server = await startServer({ env, log: createLog("silent") });
  const framed = await fetch(`${server.url}${link.pathname}${link.search}`);
  expect(framed.headers.get("content-security-policy")).toContain("frame-ancestors 'self' https://intranet.example");
  expect((await fetch(`${server.url}/api/v1/me`)).headers.get("x-frame-options")).toBe("DENY");
  await server.stop();
});

test("light and dark are the reader's, or the address's", async () => {
  const link = await linkTo((await makeRun(world.store)).id);
  const themeOf = async (theme: string) => /<html[^>]*>/.exec(await (await fetch(`${link}&theme=${theme}`)).text())?.[0];
  expect([await themeOf("dark"), await themeOf("light"), await themeOf("%22%3E")]).toEqual(['<html lang="en" data-theme="dark">', '<html lang="en" data-theme="light">', '<html lang="en">']);
});

test("L3 a wrong or expired token is refused in plain words, and nothing is said about any run", async () => {
  const [run, other] = [await makeRun(world.store), await makeRun(world.store)];
  const link = await linkTo(run.id, { lifeMs: 1_000 });
  const good = link.searchParams.get("token")!;
  const at = (runId: string, token: string, rest = "") => `${world.url}/embed/progress/${runId}${rest}?token=${encodeURIComponent(token)}`;
  const refused = async (url: string) => {
    const response = await fetch(url);
    const text = await response.text();
    expect([url, response.status]).toEqual([url, 403]);
    expect(text).not.toContain(run.id);
    return text;
  };
  const strange = ["", "x", good.slice(0, -1), `${good}x`, "\0", "<script>alert(1)</script>"];
  for (const url of [...strange.map((token) => at(run.id, token)), at(other.id, good), at("run_none", good), at("..%2Fx", good)]) {
    const page = await refused(url);
    expect(page).toContain("This link does not open");
    expect(page).not.toContain("<script");
  }
  for (const rest of ["/state", "/events"]) expect(JSON.parse(await refused(at(run.id, "x", rest)))).toMatchObject({ error: { code: "forbidden" } });

  // While somebody reads it, too.
  const reading = await readStream(part(link, "events"));
  await vi.waitFor(() => expect(reading.isEnded).toBe(true), { timeout: 8_000 });
  await refused(link.href);
  await refused(part(link, "state"));
  expect((await fetch(`${world.url}/embed/anything?token=${good}`)).status).toBe(404);
});

test("a link lives 30 days unless it is told otherwise, 366 at most, and is audited", async () => {
  const run = await makeRun(world.store);
  const make = (body?: unknown) => world.ask("operator", "POST", `/api/v1/runs/${run.id}/progress-link`, body);
  const lifeDays = async (body?: unknown) => Math.round((Date.parse(String((await make(body)).body["expiresAt"])) - Date.now()) / 86_400_000);
  expect([await lifeDays(), await lifeDays({}), await lifeDays({ lifeMs: 366 * 86_400_000 })]).toEqual([30, 30, 366]);
  expect((await make({ lifeMs: 367 * 86_400_000 })).body["error"]).toMatchObject({ code: "invalid_input" });
  expect((await world.ask("operator", "POST", "/api/v1/runs/run_01ARZ3NDEKTSV4RRFFQ69G5FAV/progress-link")).status).toBe(404);
  const { body } = await world.ask("viewer", "GET", `/api/v1/audit?runId=${run.id}`);
  expect(body["items"]).toMatchObject([1, 2, 3].map(() => ({ action: "run.share_progress", target: run.id })));
});

test("a run that is gone is a page that says so", async () => {
  const run = await makeRun(world.store);
  const link = await linkTo(run.id);
  await world.store.pool.query("DELETE FROM tape.entries WHERE run_id = $1", [run.id]);
  await world.store.pool.query("DELETE FROM tape.runs WHERE id = $1", [run.id]);
  const response = await fetch(link);
  expect([response.status, await response.text()]).toEqual([404, expect.stringContaining("has been deleted")]);
});

test("V4 the progress moves while the batch runs, a reader comes back after the server was restarted, and the final value stays", async () => {
  const run = await makeRun(world.store, { status: "RUNNING" });
  const env = { databaseUrl: world.database.url, host: "127.0.0.1", port: 0, secret: undefined };
  const first = await startServer({ env, log: createLog("silent") });
  const link = await linkTo(run.id);
  const percents = (stream: { events: { data: unknown }[] }) => stream.events.map(({ data }) => (data as Face).percent);

  const before = await readStream(part(link, "events", first.url));
  await vi.waitFor(() => expect(percents(before)).toEqual([null]));
  for (const done of [1, 2]) {
    await progress(run.id, done, 4);
    await vi.waitFor(() => expect(percents(before).at(-1)).toBe(done * 25));
  }
  const stoppedAt = performance.now();
  await first.stop();
  // Well before the grace for requests under way: a stream is ended, not waited for.
  expect(performance.now() - stoppedAt).toBeLessThan(2_500);
  await vi.waitFor(() => expect(before.isEnded).toBe(true));

  // The batch goes on meanwhile; the same link opens on the server that comes after.
  await progress(run.id, 3, 4);
  const second = await startServer({ env: { ...env, port: Number(new URL(first.url).port) }, log: createLog("silent") });
  const after = await readStream(part(link, "events", second.url));
  await vi.waitFor(() => expect(percents(after)).toEqual([75]));
  await progress(run.id, 4, 4);
  await vi.waitFor(() => expect(percents(after)).toEqual([75, 100]));
  await complete(run.id);
  await vi.waitFor(() => expect(after.events.at(-1)?.data).toMatchObject({ percent: 100, figures: "4 of 4", word: "completed", isOver: true }), { timeout: 5_000 });
  after.close();
  const page = await (await fetch(`${second.url}${link.pathname}${link.search}`)).text();
  expect(page).toMatch(/data-over="true"[^]*aria-valuenow="100"[^]*>completed</);
  await second.stop();
});
