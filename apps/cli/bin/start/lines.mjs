const WARNINGS = new Set(["warn", "error", "fatal", 40, 50, 60]);
const NOISE = /^\s+at |^\(node:\d+\)|^\(Use `node --trace|^\s*$|^Node\.js v|^[\s^{}]+$/;

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
 * What a line of a child's output is: its word that it is ready, a log record of `warn` and above, which a person should
 * see, plain text on stderr, which matters if it is the last thing said, or nothing but a line for the log file.
 */
export function read(line, isError) {
  if (line.startsWith("{")) {
    try {
      const entry = JSON.parse(line);
      if (entry.ready === true) return { kind: "ready" };
      if (WARNINGS.has(entry.level)) return { kind: "warning", text: [entry.msg, entry.err?.message].filter(Boolean).join(": ") };
      return { kind: "record" };
    } catch {
      // Not a record after all.
    }
  }
  return isError && !NOISE.test(line) ? { kind: "words", text: line } : { kind: "record" };
}
