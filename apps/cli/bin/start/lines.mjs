const WARNINGS = new Set(["warn", "error", "fatal", 40, 50, 60]);
const NOISE = /^\s+at |^\(node:\d+\)|^\(Use `node --trace|^\s*$|^Node\.js v/;

/** Calls `take` with each whole line of a stream. */
export function eachLine(stream, take) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines) take(line);
  });
  stream.once("end", () => rest && take(rest));
}

/**
 * What a line of a child's output is: its word that it is ready, something a person should see (a log record of
 * `warn` and above, or plain text on stderr), or only for the log file.
 */
export function read(line, isError) {
  if (line.startsWith("{")) {
    try {
      const entry = JSON.parse(line);
      if (entry.ready === true) return { kind: "ready", entry };
      if (WARNINGS.has(entry.level)) return { kind: "warning", text: [entry.msg, entry.err?.message].filter(Boolean).join(": ") };
      return { kind: "quiet" };
    } catch {
      // Not ours after all.
    }
  }
  return isError && !NOISE.test(line) ? { kind: "warning", text: line } : { kind: "quiet" };
}
