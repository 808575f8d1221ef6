import type { Delivery, DeliveryTry } from "../api/shapes";
import { CopyLine } from "../desk/CopyLine";
import { countWords, exactWords } from "../desk/words";
import { Sheet } from "../ui/Sheet";
import { Replay } from "./Replay";
import { answerWords, DELIVERY_NOTES, DELIVERY_WORDS, deliveryFlag, eventWords, nextTryWords, prettyBody } from "./webhook-words";

/** All of one delivery: how it stands, every try, and the body as it is sent. */
export function DeliverySheet({ delivery, onClose }: { readonly delivery: Delivery | null; readonly onClose: () => void }) {
  return (
    <Sheet title={delivery ? eventWords(delivery.type) : ""} open={delivery !== null} onClose={onClose} foot={delivery ? <Replay key={delivery.id} delivery={delivery} /> : null}>
      {delivery ? <Details delivery={delivery} /> : null}
    </Sheet>
  );
}

function Details({ delivery }: { readonly delivery: Delivery }) {
  const facts: readonly [string, string][] = [["Event", delivery.type], ["Made", exactWords(delivery.created_at)], ["Next try", nextTryWords(delivery, Date.now())]];
  return (
    <div className="webhooks-details">
      <p role="status">
        <span className={deliveryFlag(delivery.state)}>{DELIVERY_WORDS[delivery.state]}</span> {DELIVERY_NOTES[delivery.state]}
      </p>
      <dl className="desk-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <CopyLine label="webhook-id" text={delivery.id} />
      <h3>Tries</h3>
      {delivery.tries.length === 0 ? <p className="soft">None yet.</p> : <Tries tries={delivery.tries} />}
      <h3>Body</h3>
      <p className="small soft">The line breaks are for reading. What is signed and sent has none.</p>
      <pre className="reference-example" tabIndex={0} role="group" aria-label="Body">
        <code>{prettyBody(delivery.body)}</code>
      </pre>
    </div>
  );
}

/** The tries, in the order in which they were made. */
function Tries({ tries }: { readonly tries: readonly DeliveryTry[] }) {
  return (
    <ol className="webhooks-tries">
      {tries.map((one) => (
        <li key={one.at}>
          {answerWords(one)}
          <span className="small soft figures">{`${exactWords(one.at)}, took ${countWords(one.took_ms)} ms`}</span>
        </li>
      ))}
    </ol>
  );
}
