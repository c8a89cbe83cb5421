"use client";

import type { Gate, GateDecisionRequest } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useInbox } from "../shell/inbox-feed.tsx";
import { refusalOf, type Refusal } from "./words.ts";

/** A decision whose news has not come by the socket after this long is asked for (ms). */
const NEWS_MS = 3000;

export interface Decision {
  /** Sent; the screen waits for the news like every other screen. */
  isSending: boolean;
  refusal: Refusal | null;
  send(request: Omit<GateDecisionRequest, "fingerprint">): void;
}

/** Sends a decision on the card that is shown, bound to its fingerprint. What comes of it arrives by the socket. */
export function useDecision(gate: Gate): Decision {
  const { client } = useTape();
  const { put } = useInbox();
  const [sentOn, setSentOn] = useState<Gate | null>(null);
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (request: Omit<GateDecisionRequest, "fingerprint">) => client.gates.decide(gate.id, { ...request, fingerprint: gate.fingerprint }),
    onError: () => {
      setSentOn(null);
      void client.gates.get(gate.id).then(put, () => undefined);
    },
  });
  const isWaitingForNews = sentOn !== null && gate.status === "OPEN" && gate.decisions.length === sentOn.decisions.length;

  useEffect(() => {
    if (!isWaitingForNews || isPending) return;
    const timer = setTimeout(() => void client.gates.get(gate.id).then(put, () => undefined), NEWS_MS);
    return () => clearTimeout(timer);
  }, [isWaitingForNews, isPending, client, gate.id, put]);

  return {
    isSending: isPending || isWaitingForNews,
    refusal: error === null ? null : refusalOf(error),
    send(request) {
      reset();
      setSentOn(gate);
      mutate(request);
    },
  };
}
