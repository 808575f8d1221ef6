import type { ReactNode } from "react";
import type { Partner, PartnerStep } from "../api/shapes";
import { momentWords } from "../desk/words";
import { Icon } from "../ui/Icon";
import { STEP_WORDS } from "./partner-words";
import "./partners.css";

/** The steps on the way to live. `next` says of an open step what to do about it. */
export function Checklist({ partner, next }: { readonly partner: Partner; readonly next?: (step: PartnerStep["step"]) => ReactNode }) {
  return (
    <ol className="checklist">
      {partner.checklist.map((step) => (
        <li key={step.step} className={step.done_at ? "check check-done" : "check"}>
          <CheckMark done={Boolean(step.done_at)} />
          <div className="check-body">
            <p className="check-title">
              {STEP_WORDS[step.step]}
              <span className="hidden-visually">{step.done_at ? " (done)" : " (open)"}</span>
            </p>
            {step.done_at ? <p className="small soft">{`Done ${momentWords(step.done_at)}`}</p> : next?.(step.step)}
          </div>
        </li>
      ))}
      <li className={partner.live_at ? "check check-done" : "check"}>
        <CheckMark done={Boolean(partner.live_at)} />
        <div className="check-body">
          <p className="check-title">
            Live
            <span className="hidden-visually">{partner.live_at ? " (done)" : " (open)"}</span>
          </p>
          <p className="small soft">{partner.live_at ? `Since ${momentWords(partner.live_at)}` : "Comes by itself when every step is green."}</p>
        </div>
      </li>
    </ol>
  );
}

function CheckMark({ done }: { readonly done: boolean }) {
  return <span className="check-mark">{done ? <Icon name="check" size={16} /> : null}</span>;
}
