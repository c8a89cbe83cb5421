import { readFile } from "node:fs/promises";

const readJson = async (file) => JSON.parse(await readFile(file, "utf8").catch(() => "null"));
/** Without the runner's own frames, which say nothing about the fault. */
const firstLines = (text, count) => text.trim().split("\n").filter((line) => !/^\s+at .*(node_modules|node:internal)/.test(line)).slice(0, count).join("\n");

/** A suite that ended badly and named no test: it crashed, or an error escaped every test. */
function crashed({ code, output }, failures) {
  if (code === 0 || failures.length > 0) return failures;
  return [{ title: code === null ? "stopped: it took too long" : `ended with ${code}`, detail: output.trim().split("\n").slice(-40).join("\n") }];
}

/** What a vitest run found: how many passed, and each failure with what it said. */
export async function readVitest(file, ended) {
  const report = await readJson(file);
  const failures = [];
  for (const suite of report?.testResults ?? []) {
    const failed = suite.assertionResults.filter(({ status }) => status === "failed");
    for (const { fullName, failureMessages } of failed) failures.push({ title: fullName, detail: firstLines(failureMessages.join("\n"), 25) });
    if (suite.status === "failed" && failed.length === 0) failures.push({ title: suite.name, detail: firstLines(suite.message ?? "", 25) });
  }
  return { passed: report?.numPassedTests ?? 0, failures: crashed(ended, failures) };
}

function* specsOf(suite) {
  yield* suite.specs ?? [];
  for (const inner of suite.suites ?? []) yield* specsOf(inner);
}

/** The same of a Playwright run. A test that passed at a second try counts as passed and is named in its own output. */
export async function readPlaywright(file, ended) {
  const report = await readJson(file);
  const failures = [];
  for (const spec of (report?.suites ?? []).flatMap((suite) => [...specsOf(suite)])) {
    if (spec.ok) continue;
    const errors = spec.tests.flatMap((test) => test.results.flatMap((result) => result.errors.map((error) => error.message)));
    failures.push({ title: `${spec.file}: ${spec.title}`, detail: firstLines(errors.join("\n"), 25) });
  }
  for (const error of report?.errors ?? []) failures.push({ title: "playwright", detail: firstLines(error.message ?? "", 25) });
  return { passed: (report?.stats?.expected ?? 0) + (report?.stats?.flaky ?? 0), failures: crashed(ended, failures) };
}
