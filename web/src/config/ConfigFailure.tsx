/** What people see when the deployment has not said where the shop's API is. */
export function ConfigFailure({ problems }: { readonly problems: readonly string[] }) {
  return (
    <main className="page standing" role="alert">
      <h1>The shop cannot open</h1>
      <p>Its configuration could not be read, so it does not know where its shelves are. It is not your doing. Please come back a little later.</p>
      <button type="button" className="button" onClick={() => location.reload()}>
        Try again
      </button>
      <ul className="reference">
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </main>
  );
}
