import { afterAll, beforeAll, expect, test } from "vitest";
import { createSignInLink } from "@tape/store";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const link = (email?: string) => createSignInLink({ pool: world.store.pool, url: world.url, ...(email && { email, role: "viewer" as const }) });
const open = (url: string, init: RequestInit = {}) => fetch(url, { redirect: "manual", ...init });

test("a link signs the owner in once, as an admin", async () => {
  const url = await link();
  const first = await open(url);
  expect([first.status, first.headers.get("location")]).toEqual([303, "/"]);
  const [cookie = ""] = first.headers.getSetCookie();
  expect(cookie).toMatch(/^tape\.session_token=[^;]+;.*HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/i);
  expect(cookie).not.toMatch(/Secure/i);
  const me = await open(`${world.url}/api/v1/me`, { headers: { cookie: cookie.split(";")[0]! } });
  expect(await me.json()).toEqual({ actor: "user:owner@localhost", email: "owner@localhost", name: "owner", role: "admin" });

  const again = await open(url);
  expect([again.status, again.headers.getSetCookie()]).toEqual([410, []]);
  expect(await again.text()).toContain("npm run -s tape -- sign-in");
});

test("of many requests with one link, one signs in", async () => {
  const url = await link();
  const statuses = (await Promise.all(Array.from({ length: 12 }, () => open(url)))).map((response) => response.status);
  expect(statuses.filter((status) => status === 303)).toHaveLength(1);
});

test("HEAD looks and does not consume", async () => {
  const url = await link();
  for (let times = 0; times < 3; times++) expect((await open(url, { method: "HEAD" })).status).toBe(200);
  expect((await open(url)).status).toBe(303);
});

test("a newer link voids the last one of the same person", async () => {
  const [mine, others] = [await link(), await link("ann@example.com")];
  const newer = await link();
  expect((await open(mine)).status).toBe(410);
  expect((await open(newer)).status).toBe(303);
  expect((await open(others)).status).toBe(303);
});

test("an expired link does not sign in", async () => {
  const url = await link();
  await world.store.pool.query("UPDATE tape.verifications SET expires_at = now() - interval '1 second'");
  expect((await open(url)).status).toBe(410);
});

test("whoever is signed in and opens an old link gets to the console", async () => {
  const url = await link();
  await open(url);
  const response = await open(url, { headers: { cookie: await world.signIn() } });
  expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
});

test("no token, an empty one and a strange one lead to a page that says what to do", async () => {
  for (const query of ["", "?token=", `?token=${"x".repeat(5000)}`, "?token=%00", "?token=<script>"]) {
    const response = await open(`${world.url}/sign-in${query}`);
    expect([404, 410]).toContain(response.status);
    const page = await response.text();
    expect(page).toContain("npm run -s tape -- sign-in");
    expect(page).not.toContain("<script>");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  }
});

test("behind https the cookie is Secure", async () => {
  const response = await open(await link(), { headers: { "x-forwarded-proto": "https" } });
  expect(response.headers.getSetCookie()[0]).toMatch(/; Secure$/);
});

test("signing out ends the session, everywhere ends all of them", async () => {
  const origin = { origin: world.url };
  const [one, other] = [await world.signIn(), await world.signIn()];
  const me = async (cookie: string) => (await open(`${world.url}/api/v1/me`, { headers: { cookie } })).status;
  const out = await open(`${world.url}/api/v1/auth/sign-out`, { method: "POST", headers: { cookie: one, ...origin } });
  expect([out.status, await me(one), await me(other)]).toEqual([204, 401, 200]);
  expect(out.headers.getSetCookie()[0]).toMatch(/tape\.session_token=;.*Max-Age=0/);

  const third = await world.signIn();
  await open(`${world.url}/api/v1/auth/sign-out-everywhere`, { method: "POST", headers: { cookie: third, ...origin } });
  expect([await me(other), await me(third)]).toEqual([401, 401]);
});

test("a session a day old is prolonged, with its cookie", async () => {
  const cookie = await world.signIn();
  const me = () => open(`${world.url}/api/v1/me`, { headers: { cookie } });
  expect((await me()).headers.getSetCookie()).toEqual([]);
  await world.store.pool.query("UPDATE tape.sessions SET expires_at = now() + interval '5 days'");
  expect((await me()).headers.getSetCookie()[0]).toMatch(/^tape\.session_token=.*Max-Age=604800/);
  await world.store.pool.query("UPDATE tape.sessions SET expires_at = now() - interval '1 second'");
  expect((await me()).status).toBe(401);
});

test("a forged or foreign cookie is nobody", async () => {
  const cookie = await world.signIn();
  const [name, value = ""] = cookie.split("=");
  const forged = `${name}=${value.slice(0, 12)}x${value.slice(13)}`;
  expect((await open(`${world.url}/api/v1/me`, { headers: { cookie: forged } })).status).toBe(401);
});

test("a change by session needs our Origin; a token needs none", async () => {
  const cookie = await world.signIn();
  const start = (headers: Record<string, string>) =>
    open(`${world.url}/api/v1/runs`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ agent: "pay" }) }).then(({ status }) => status);
  expect(await start({ cookie })).toBe(403);
  expect(await start({ cookie, origin: "https://evil.example" })).toBe(403);
  expect(await start({ cookie, origin: "null" })).toBe(403);
  expect(await start({ cookie, origin: world.url.replace(/\d+$/, "1") })).toBe(403);
  expect(await start({ cookie, origin: world.url })).toBe(201);
  expect(await start({ authorization: `Bearer ${await world.token("operator")}` })).toBe(201);
});

test("guessing is told to wait, and does not keep others out", async () => {
  const statuses: number[] = [];
  for (let guess = 0; guess < 40; guess++) {
    statuses.push((await open(`${world.url}/api/v1/me`, { headers: { authorization: `Bearer guess-${guess}` } })).status);
  }
  expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401));
  expect(statuses.at(-1)).toBe(429);
  expect((await world.ask("viewer", "GET", "/api/v1/me")).status).toBe(200);
});
