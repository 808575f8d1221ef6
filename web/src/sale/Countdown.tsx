import { useEffect, useReducer } from "react";
import { useTools } from "../app/shop-context";
import { partsOf, secondsUntil, spokenTime, twoFigures, untilNextTick } from "./countdown";
import "./countdown.css";

/** Whole seconds of the shop's time until `at` (milliseconds), drawn anew with each of them; `null` before the shop has told its time. */
export function useSecondsUntil(at: number): number | null {
  const { time } = useTools();
  const [drawn, redraw] = useReducer((count: number) => count + 1, 0);
  const now = time.now();
  const seconds = now === null ? null : secondsUntil(at, now);
  useEffect(() => time.subscribe(redraw), [time]);
  useEffect(() => {
    const from = time.now();
    if (from === null || from >= at) return undefined;
    const timer = setTimeout(redraw, untilNextTick(at, from));
    return () => clearTimeout(timer);
  }, [time, at, drawn, seconds]);
  return seconds;
}

/**
 * The time until a sale opens or ends. The figures tick each second for those who look; those who listen hear it politely, in words that
 * change every 15 seconds at most. Each figure has its place from the first, so that nothing moves.
 */
export function Countdown({ words, at, small = false }: { readonly words: string; readonly at: number; readonly small?: boolean }) {
  const seconds = useSecondsUntil(at);
  const { days, hours, minutes, seconds: rest } = partsOf(seconds ?? 0);
  const figures = [
    ...(days > 0 ? [{ figure: String(days), unit: days === 1 ? "day" : "days" }] : []),
    { figure: twoFigures(hours), unit: "hours" },
    { figure: twoFigures(minutes), unit: "min" },
    { figure: twoFigures(rest), unit: "sec" },
  ];
  return (
    <div className={small ? "countdown countdown-small" : "countdown"}>
      <p className="countdown-words" aria-hidden="true">
        {words}
      </p>
      <p className="countdown-figures" aria-hidden="true">
        {figures.map(({ figure, unit }) => (
          <span key={unit} className="countdown-part">
            <span className="countdown-figure">{seconds === null ? "––" : figure}</span>
            <span className="countdown-unit">{unit}</span>
          </span>
        ))}
      </p>
      <p className="hidden-visually" role="status">
        {seconds === null ? "" : `${words} ${spokenTime(seconds)}.`}
      </p>
    </div>
  );
}
