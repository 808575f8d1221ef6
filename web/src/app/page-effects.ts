import { useEffect, useLayoutEffect, useRef } from "react";
import { useLocation, useNavigationType } from "react-router";

const PLACES = "russet.places";

/** Sets the window's title for the page that is shown. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title !== undefined) document.title = title === "" ? "Russet" : `${title} · Russet`;
  }, [title]);
}

/** Fetches parts of a page that are not there from the first, once the browser has nothing better to do: then they open without a wait. */
export function useFetchAhead(...parts: readonly (() => Promise<unknown>)[]): void {
  useEffect(() => {
    // A part that does not come now is asked for again when it is needed.
    whenIdle(() => parts.forEach((part) => part().catch(() => undefined)));
  }, []);
}

/** Runs `task` once the browser has nothing better to do. */
export function whenIdle(task: () => void): void {
  const later = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 2_000));
  later(task);
}

/**
 * Begins a new page at its top with the focus on its main part, and takes a shopper who goes back to where they were, also when the
 * page's content comes a moment later.
 */
export function useScrollMemory(): void {
  const { key, pathname } = useLocation();
  const kind = useNavigationType();
  const shown = useRef<string | null>(null);

  useEffect(() => {
    history.scrollRestoration = "manual";
    const remember = () => keepPlace(key, window.scrollY);
    window.addEventListener("scrollend", remember);
    window.addEventListener("pagehide", remember);
    return () => {
      window.removeEventListener("scrollend", remember);
      window.removeEventListener("pagehide", remember);
    };
  }, [key]);

  useLayoutEffect(() => {
    const changed = shown.current !== pathname;
    const first = shown.current === null;
    shown.current = pathname;
    if (kind === "POP") return returnTo(placeOf(key));
    if (!changed) return undefined;
    window.scrollTo(0, 0);
    if (!first) document.getElementById("main")?.focus({ preventScroll: true });
    return undefined;
  }, [key, kind, pathname]);
}

/** Scrolls to `place` as soon as the page is tall enough, for two seconds at most, and gives way to the first touch. */
function returnTo(place: number): (() => void) | undefined {
  if (place === 0) return undefined;
  const until = performance.now() + 2_000;
  let frame = 0;
  const stop = () => cancelAnimationFrame(frame);
  const step = () => {
    const reachable = document.documentElement.scrollHeight - window.innerHeight >= place;
    if (reachable) window.scrollTo(0, place);
    else if (performance.now() < until) frame = requestAnimationFrame(step);
  };
  step();
  for (const sign of ["wheel", "touchstart", "keydown"]) window.addEventListener(sign, stop, { once: true, passive: true });
  return stop;
}

function places(): Record<string, number> {
  try {
    return JSON.parse(sessionStorage.getItem(PLACES) ?? "{}") as Record<string, number>;
  } catch {
    return {};
  }
}

function placeOf(key: string): number {
  return places()[key] ?? 0;
}

function keepPlace(key: string, place: number): void {
  try {
    const kept = Object.entries({ ...places(), [key]: Math.round(place) }).slice(-50);
    sessionStorage.setItem(PLACES, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // Storage may be closed to us; going back then begins at the top.
  }
}
