import { useEffect, useState } from "react";
import { secondsUntil, spokenTime, untilNextTick } from "../sale/countdown";

/**
 * A button for what the shop asked to be asked later. It counts down to when that is; pressed before, it waits and then asks by itself.
 * Its name stays the same while the figure runs, so that a screen reader hears of the wait in words, every 15 seconds at most.
 */
export default function TryAgain({ seconds, onTry, disabled = false }: { readonly seconds: number | null; readonly onTry: () => void; readonly disabled?: boolean }) {
  const left = useSecondsLeft(seconds ?? 0);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    if (!waiting || left > 0) return;
    setWaiting(false);
    onTry();
  }, [waiting, left, onTry]);

  return (
    <>
      <button type="button" className="button try-again" onClick={() => (left > 0 ? setWaiting(true) : onTry())} disabled={disabled} aria-pressed={left > 0 ? waiting : undefined}>
        {waiting ? "Trying again" : "Try again"}
        {left > 0 ? <span className="figures" aria-hidden="true">{` in ${left} s`}</span> : null}
      </button>
      <span className="hidden-visually" role="status">
        {left > 0 ? `You can try again in ${spokenTime(left)}.` : (seconds ?? 0) > 0 ? "You can try again now." : ""}
      </span>
    </>
  );
}

/** Whole seconds left of `seconds`, counted on a clock that nobody can set. */
function useSecondsLeft(seconds: number): number {
  const [end] = useState(() => performance.now() + seconds * 1_000);
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (now >= end) return undefined;
    const timer = setTimeout(() => setNow(performance.now()), untilNextTick(end, now));
    return () => clearTimeout(timer);
  }, [now, end]);
  return secondsUntil(end, now);
}
