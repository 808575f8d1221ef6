import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useReducer, useRef } from "react";
import type { FlashSale } from "../api/shapes";
import { useTools } from "../app/shop-context";
import { nextTurn } from "./sale-state";

/** No timer waits longer than this, in milliseconds: browsers cannot count further than 24 days. */
const LONGEST_MS = 60 * 60_000;
/** So that not everybody asks in the moment a sale opens. */
const SPREAD_MS = 3_000;

/** The shop's time in milliseconds, drawn anew whenever one of the sales opens or ends; the listing is then asked for again. */
export function useTurns(sales: readonly FlashSale[] | undefined): number | null {
  const { time } = useTools();
  const client = useQueryClient();
  const [drawn, redraw] = useReducer((count: number) => count + 1, 0);
  const now = time.now();
  const turns = (now === null ? [] : (sales ?? []).map((sale) => nextTurn(sale, now))).filter((turn) => turn !== null);
  const next = turns.length === 0 ? null : Math.min(...turns);

  useEffect(() => time.subscribe(redraw), [time]);
  useEffect(() => {
    const from = time.now();
    if (next === null || from === null) return undefined;
    const timer = setTimeout(redraw, Math.min(Math.max(0, next - from) + 1, LONGEST_MS));
    return () => clearTimeout(timer);
  }, [time, next, drawn]);
  const before = useRef(next);
  useEffect(() => {
    const passed = before.current;
    before.current = next;
    if (passed === null || passed === next) return undefined;
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: ["sales"] }), Math.random() * SPREAD_MS);
    return () => clearTimeout(timer);
  }, [client, next]);
  return now;
}
