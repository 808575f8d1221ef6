import { Suspense } from "react";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { ErrorBoundary } from "../app/ErrorBoundary";
import { Apple, OfflineNotice, ThemeSwitch } from "../app/Layout";
import { useScrollMemory } from "../app/page-effects";
import "./desk.css";

export interface DeskLink {
  readonly to: string;
  readonly label: string;
  readonly end?: boolean;
}

/** What every page of the portal and of the office has around it: whose desk it is, its pages, the way out. */
export function DeskLayout({ name, home, links, onSignOut }: { readonly name: string; readonly home: string; readonly links: readonly DeskLink[]; readonly onSignOut?: (() => void) | undefined }) {
  useScrollMemory();
  const { pathname } = useLocation();
  return (
    <div className="desk">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="desk-head">
        <div className="page desk-head-row">
          <Link className="wordmark" to={home} aria-label={`Russet ${name}`}>
            <Apple />
            <span>Russet</span>{" "}
            <span className="desk-name">{name}</span>
          </Link>
          <div className="head-tools">
            <ThemeSwitch />
            {onSignOut ? (
              <button type="button" className="button button-quiet desk-out" onClick={onSignOut}>
                Sign out
              </button>
            ) : null}
          </div>
          <nav className="desk-links" aria-label={name}>
            {links.map((link) => (
              <NavLink key={link.to} to={link.to} end={link.end ?? false}>
                {link.label}
              </NavLink>
            ))}
          </nav>
        </div>
      </header>
      <OfflineNotice />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary key={pathname}>
          <Suspense fallback={<p className="page waiting" role="status">Loading</p>}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
    </div>
  );
}
