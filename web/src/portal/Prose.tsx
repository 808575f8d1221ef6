/** A text of the contract: its backticks are code, everything else is words. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <p className="prose">
      {text.split("`").map((part, place) => (place % 2 === 1 ? <code key={place}>{part}</code> : part))}
    </p>
  );
}
