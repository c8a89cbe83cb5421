import type { Hint } from "@tape/core";

/** Hints that wait to be sent, each thing once: of two about the same run the higher `seq` stays, and every reason to wake. */
export type HintSet = Map<string, Hint>;

export function addHint(set: HintSet, hint: Hint): void {
  const key = keyOf(hint);
  const waiting = set.get(key);
  set.set(key, waiting ? merge(waiting, hint) : hint);
}

function keyOf(hint: Hint): string {
  switch (hint.on) {
    case "run":
      return `run ${hint.id}`;
    case "value":
      return `value ${JSON.stringify([hint.namespace, hint.key])}`;
    case "timer":
    case "reactors":
      return hint.on;
  }
}

function merge(one: Hint, other: Hint): Hint {
  if (one.on === "run" && other.on === "run") {
    return {
      on: "run",
      id: one.id,
      seq: Math.max(one.seq, other.seq),
      ...((one.wake || other.wake) && { wake: true }),
      ...((one.gates || other.gates) && { gates: true }),
    };
  }
  if (one.on === "value" && other.on === "value") return one.version > other.version ? one : other;
  if (one.on === "timer" && other.on === "timer") return one.at < other.at ? one : other;
  return other;
}

/** JSON arrays of hints, each at most `maxBytes` of UTF-8. A hint that is too long by itself is left out: it is a hint. */
export function packHints(set: HintSet, maxBytes: number): string[] {
  const packets: string[] = [];
  let packet: string[] = [];
  let bytes = 2;
  for (const hint of set.values()) {
    const text = JSON.stringify(hint);
    const size = Buffer.byteLength(text) + 1;
    if (size + 2 > maxBytes) continue;
    if (bytes + size > maxBytes) {
      packets.push(`[${packet.join(",")}]`);
      packet = [];
      bytes = 2;
    }
    packet.push(text);
    bytes += size;
  }
  if (packet.length > 0) packets.push(`[${packet.join(",")}]`);
  return packets;
}
