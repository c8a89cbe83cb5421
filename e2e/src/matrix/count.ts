// Imported before a worker's main module: counts the boundaries that the process crosses, writes
// each into TAPE_BOUNDARIES and kills the process (-9) at the one whose number TAPE_DIE_AT is.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";
import pg from "pg";
import { statementOf, type Statement } from "./statement.ts";

const dieAt = Number(process.env.TAPE_DIE_AT ?? 0);
const file = process.env.TAPE_BOUNDARIES ?? "";
let crossed = 0;

function cross(boundary: string): void {
  fs.appendFileSync(file, `${boundary}\n`);
  // Nothing of this process runs after the call.
  if (++crossed === dieAt) process.kill(process.pid, "SIGKILL");
}

type Answer = { rowCount: number | null } | undefined;
type Callback = (error: unknown, answer: Answer) => void;

/** What the open transaction of a connection has written, as names of statements. */
const written = new WeakMap<object, Set<string>>();

function begin(client: object, statement: Statement): void {
  if (statement.is === "begin") written.set(client, new Set());
  else if (statement.is === "write") cross(`before ${statement.name}`);
  else if (statement.is === "commit" && written.get(client)?.size) cross(`before ${commitOf(client)}`);
}

function answered(client: object, statement: Statement, answer: Answer): void {
  if (statement.is === "commit") {
    if (written.get(client)?.size) cross(`after ${commitOf(client)}`);
    written.delete(client);
  } else if (statement.is === "rollback") {
    written.delete(client);
  } else if ((statement.is === "write" || statement.is === "poll") && answer?.rowCount) {
    written.get(client)?.add(statement.name);
    cross(`after ${statement.name}`);
  }
}

const commitOf = (client: object): string => `COMMIT of ${[...(written.get(client) ?? [])].join(", ")}`;

function countStatements(): void {
  const prototype = pg.Client.prototype as unknown as { query(...given: unknown[]): unknown };
  const send = prototype.query;
  prototype.query = function (this: object, ...given: unknown[]): unknown {
    const statement = statementOf(given[0]);
    if (!statement) return send.apply(this, given);
    begin(this, statement);
    const at = given.findIndex((each) => typeof each === "function");
    if (at >= 0) {
      const tell = given[at] as Callback;
      given[at] = (error: unknown, answer: Answer) => {
        if (!error) answered(this, statement, answer);
        tell(error, answer);
      };
      return send.apply(this, given);
    }
    return (send.apply(this, given) as Promise<Answer>).then((answer) => {
      answered(this, statement, answer);
      return answer;
    });
  };
}

/** Acts of bodies are the lines they write: `note` of the agents. */
function countActs(): void {
  const append = fs.promises.appendFile;
  fs.promises.appendFile = async (to, data, options) => {
    if (!String(to).endsWith("acts.log")) return await append(to, data, options);
    const [, what, name] = String(data).trim().split(" ");
    cross(`before act ${what} ${name}`);
    await append(to, data, options);
    cross(`after act ${what} ${name}`);
  };
  syncBuiltinESMExports();
}

if (isMainThread && file !== "") {
  countStatements();
  countActs();
}
