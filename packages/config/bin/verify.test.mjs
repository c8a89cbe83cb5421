import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "./verify/packages.mjs";

const tool = (name) => path.join(ROOT, "packages/config/node_modules/.bin", name);

let folder;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "tape-verify-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(files) {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
}

test("lint holds what the layers promise, each shown on a planted fault", async () => {
  await cp(path.join(ROOT, ".oxlintrc.json"), path.join(folder, ".oxlintrc.json"));
  const uses = (name) => `import { x } from "${name}";\nx();\n`;
  await put({
    "apps/web/app/bad-store.tsx": uses("@tape/store"),
    "apps/web/app/page.tsx": "export default function Page() {}\n",
    "apps/web/server/bad-pg.ts": uses("pg"),
    "apps/web/server/good.ts": uses("@tape/store"),
    "packages/core/src/bad-node.ts": uses("node:crypto"),
    "packages/core/src/bad-own.ts": uses("@tape/store"),
    "packages/core/src/good.ts": uses("zod") + 'import { y } from "../other.ts";\nimport { z } from "./other.ts";\ny(z);\n',
    "packages/core/src/good.test.ts": uses("vitest"),
    "packages/sdk/src/bad-default.ts": "export default 1;\n",
    "packages/sdk/src/bad-env.ts": "export const home = process.env.HOME;\n",
    "packages/sdk/src/bad-any.ts": "export const loose: any = 1;\n",
    "packages/sdk/src/bad-inside.ts": uses("@tape/store/src/run/start.ts"),
    "packages/store/src/good.ts": uses("pg"),
    "apps/worker/src/env.ts": "export const home = process.env.HOME;\n",
  });
  const { stdout } = spawnSync(tool("oxlint"), ["-f", "unix"], { cwd: folder, encoding: "utf8" });
  const blamed = [...new Set(stdout.split("\n").map((line) => /^([\w/.-]+\.tsx?):/.exec(line)?.[1]).filter(Boolean))];
  expect(blamed.map((file) => path.basename(file)).sort()).toEqual(
    ["bad-any.ts", "bad-default.ts", "bad-env.ts", "bad-inside.ts", "bad-node.ts", "bad-own.ts", "bad-pg.ts", "bad-store.tsx"],
  );
});

test("boundaries refuse an arrow that points up or sideways", async () => {
  await cp(path.join(ROOT, "turbo.json"), path.join(folder, "turbo.json"));
  const pack = (place, name, tag, uses) => ({
    [`${place}/package.json`]: JSON.stringify({ name, version: "1.0.0", dependencies: Object.fromEntries(uses.map((used) => [used, "workspace:*"])) }),
    [`${place}/turbo.json`]: JSON.stringify({ extends: ["//"], tags: [tag] }),
    [`${place}/src/index.ts`]: uses.map((used) => `import "${used}";\n`).join(""),
  });
  const check = () => spawnSync(tool("turbo"), ["boundaries", "--no-color"], { cwd: folder, encoding: "utf8", env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" } });
  await put({
    "package.json": JSON.stringify({ name: "planted", packageManager: "pnpm@12.21.0" }),
    "pnpm-workspace.yaml": "packages: [packages/*, apps/*]\n",
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
    ...pack("packages/core", "@tape/core", "core", []),
    ...pack("packages/store", "@tape/store", "store", ["@tape/core"]),
    ...pack("packages/client", "@tape/client", "client", ["@tape/core"]),
    ...pack("apps/one", "@tape/one", "app", ["@tape/store", "@tape/client"]),
  });
  expect(check()).toMatchObject({ status: 0 });

  await put(pack("packages/client", "@tape/client", "client", ["@tape/store"]));
  expect(check().status).not.toBe(0);
  await put(pack("packages/client", "@tape/client", "client", []));
  await put(pack("apps/two", "@tape/two", "app", ["@tape/one"]));
  expect(check().status).not.toBe(0);
});
