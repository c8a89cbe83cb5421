import { request } from "node:http";
import { makeGate, makeRun, parkOn } from "@tape/store/testing";
import type { Role } from "@tape/core";
import { ask, type Answer } from "../src/ask.ts";
import { tokenOf } from "../src/people.ts";
import { openGate, startTestRun } from "../src/runs.ts";
import type { System } from "../src/system.ts";
import { expect, test } from "./fixtures.ts";

const TABLES = ["runs", "entries", "bodies", "gates", "effects", "timers", "audit", "invocations", "idempotency_keys", "api_tokens", "values"];
const NOBODY = "run_01ARZ3NDEKTSV4RRFFQ69G5FAV";

/** How much of everything is stored. */
async function stored({ store }: System): Promise<Record<string, number>> {
  const { rows } = await store.pool.query<Record<string, number>>(`SELECT ${TABLES.map((table) => `(SELECT count(*)::int FROM tape."${table}") AS "${table}"`).join(", ")}`);
  return rows[0] ?? {};
}

/** The path as it is, without the tidying that `fetch` does. */
function rawGet(url: string, path: string, token?: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    request({ hostname, port, path, headers }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += String(chunk)));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on("error", reject)
      .end();
  });
}

test("L3 every change that is malformed, too large, of an unknown thing or of too low a role is refused by its code, and nothing is stored", async ({ town }) => {
  const { system, url } = town;
  const runId = await startTestRun(system, "waiting", { n: 3_000 });
  const gate = await openGate(system, runId);
  const tokens = Object.fromEntries(await Promise.all((["viewer", "approver", "operator", "admin"] as const).map(async (role) => [role, await tokenOf(system, role)] as const))) as Record<Role, string>;
  const before = await stored(system);
  const post = (role: Role | null, path: string, body: unknown): Promise<Answer> => ask("POST", `/api/v1${path}`, { url, body, ...(role !== null && { token: tokens[role] }) });

  /** What each change takes, who may do it, and what it is of. */
  const changes = [
    { path: "/runs", needs: "operator", good: { agent: "steps", input: { steps: 1 } }, unknown: null },
    { path: `/runs/${runId}/redrive`, needs: "operator", good: { reason: "why" }, unknown: `/runs/${NOBODY}/redrive` },
    { path: `/runs/${runId}/signals`, needs: "operator", good: { name: "go" }, unknown: `/runs/${NOBODY}/signals` },
    { path: `/gates/${gate.id}/decision`, needs: "approver", good: { outcome: "approved", fingerprint: gate.fingerprint }, unknown: "/gates/gate_01ARZ3NDEKTSV4RRFFQ69G5FAV/decision" },
    { path: "/tokens", needs: "admin", good: { name: "one more", role: "viewer" }, unknown: null },
  ] as const;
  for (const { path, needs, good, unknown } of changes) {
    const large = await post(needs, path, { ...good, extra: "x".repeat(2 * 1024 * 1024) });
    expect.soft([path, large.status, large.body["error"]]).toMatchObject([path, 413, { code: "payload_too_large" }]);
    for (const broken of ['{"agent": ', "[1", "\u0000", "{}"]) {
      const answer = await post(needs, path, broken);
      expect.soft([path, broken, answer.status, answer.body["error"]]).toMatchObject([path, broken, 400, { code: "invalid_input" }]);
    }
    const low = await post("viewer", path, good);
    expect.soft([path, low.status, low.body["error"]]).toMatchObject([path, 403, { code: "forbidden", details: { role: "viewer", needed: needs } }]);
    const nobody = await post(null, path, good);
    expect.soft([path, nobody.status, nobody.body["error"]]).toMatchObject([path, 401, { code: "unauthenticated" }]);
    if (unknown === null) continue;
    const missing = await post(needs, unknown, good);
    expect.soft([path, missing.status, missing.body["error"]]).toMatchObject([path, 404, { code: "not_found" }]);
  }
  expect(await stored(system)).toEqual(before);
});

test("L3 a path that climbs out of its place reads nothing, through the API and through the screens", async ({ town }) => {
  const { system, url } = town;
  const token = await tokenOf(system, "admin");
  const before = await stored(system);
  const up = ["..%2f..%2f..%2f", "%2e%2e/%2e%2e/%2e%2e/", "..%5c..%5c..%5c", "../../../", "....//....//"];
  const places = ["/api/v1/runs/", "/api/v1/values/", "/api/v1/values/runs%2Fx/", "/_next/static/", "/runs/", "/inbox/", "/"];
  for (const place of places) {
    for (const climb of up) {
      for (const target of ["etc/passwd", "package.json", ".next/required-server-files.json"]) {
        const path = `${place}${climb}${target}`;
        const { status, body } = await rawGet(url, path, token);
        expect.soft([path, status < 500], body.slice(0, 200)).toEqual([path, true]);
        expect.soft(body, path).not.toMatch(/root:x:|"@tape\/web"|distDir/);
      }
    }
  }
  expect(await stored(system)).toEqual(before);
});

test("L3 HTML in every text a run or a gate brings is text on every screen: nothing runs, nothing is injected", async ({ page, town }) => {
  const { system } = town;
  const evil = `<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script><a href="javascript:globalThis.hacked=1">click</a>`;
  const { id: runId } = await makeRun(system.store, { app: "e2e", agent: `agent ${evil}`, input: { [evil]: evil }, status: "WAITING", labels: { customer: evil.slice(0, 60) }, startedBy: `user:${evil.replaceAll(/\s/g, "")}` });
  const display = { title: evil, question: evil, onApprove: evil, onReject: evil, fields: [{ label: evil, path: "text", as: "text" as const }, { label: "Rows", path: "rows", as: "table" as const }] };
  const gate = await makeGate(system.store, runId, { name: "evil", display, payload: { text: evil, rows: [{ [evil]: evil }] } });
  await parkOn(system.store, runId, [{ on: "gate", gateId: gate.id, name: "evil" }]);

  const looks: [path: string, seen: string][] = [
    [`/inbox/${gate.id}`, "<script>"],
    [`/runs/${runId}`, "agent <img"],
    [`/runs/${runId}?details=1`, "<script>"],
    [`/runs?q=${encodeURIComponent(evil)}`, "No run matches"],
    [`/start?agent=${encodeURIComponent(evil)}`, "<script>"],
  ];
  for (const [path, seen] of looks) {
    await page.goto(path);
    await expect(page.getByTestId("live")).toHaveText("live");
    await expect.soft(page.getByText(seen).first()).toBeVisible();
    const found = await page.evaluate(() => ({
      ran: "hacked" in globalThis,
      injected: [...document.querySelectorAll('img[src="x"], a[href^="javascript:"], [onerror]')].length + [...document.scripts].filter((script) => script.textContent.startsWith("globalThis.hacked")).length,
    }));
    expect([path, found]).toEqual([path, { ran: false, injected: 0 }]);
  }
});

test("what an address asks for never becomes markup: the page for a wrong link holds nothing of it", async ({ town }) => {
  const { status, body } = await rawGet(town.url, "/sign-in?token=%3Cscript%3Ealert(1)%3C/script%3E");
  expect(status).toBe(410);
  expect(body).not.toContain("alert(1)");
});
