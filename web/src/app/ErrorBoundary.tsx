import { Component, type ErrorInfo, type ReactNode } from "react";
import { ApiProblem } from "../api/problem";

interface Caught {
  readonly error: unknown;
  readonly reference: string;
}

/** Catches what a page throws while it draws itself, and says so with a reference instead of leaving an empty window. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly caught: Caught | null }> {
  override state: { readonly caught: Caught | null } = { caught: null };

  static getDerivedStateFromError(error: unknown): { caught: Caught } {
    const told = error instanceof ApiProblem ? error.reference : null;
    return { caught: { error, reference: told ?? `page-${crypto.randomUUID().slice(0, 8)}` } };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(`${this.state.caught?.reference ?? "page"}:`, error, info.componentStack);
  }

  override render(): ReactNode {
    const { caught } = this.state;
    if (caught === null) return this.props.children;
    return (
      <div className="page standing" role="alert">
        <h1>This page fell over</h1>
        <p>It is our fault, and your bag is safe. Load the page again; if it falls over once more, tell us the reference.</p>
        <p className="standing-actions">
          <button type="button" className="button" onClick={() => location.reload()}>
            Load the page again
          </button>
          <a className="button button-quiet" href="/">
            Go to the front page
          </a>
        </p>
        <p className="reference">{`Reference ${caught.reference}`}</p>
      </div>
    );
  }
}
