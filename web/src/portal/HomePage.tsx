import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ApiProblem } from "../api/problem";
import type { Partner, PartnerStep } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { CopyLine } from "../desk/CopyLine";
import { dayWords } from "../desk/words";
import { Checklist } from "../partners/Checklist";
import { stepsWords, WORLD_WORDS } from "../partners/partner-words";
import { ErrorNotice } from "../ui/ErrorNotice";
import { OtherKey } from "./OtherKey";
import { partnerQuery, usePartnerApi } from "./portal-tools";
import { webhookSample } from "./samples";

const ASK_EVERY_MS = 5_000;

/** The partner's start: what is left to do before it is live. Steps turn green by themselves. */
export function HomePage() {
  const partner = useQuery({ ...partnerQuery(usePartnerApi()), staleTime: 0, refetchInterval: ({ state }) => (state.data?.live_at === null ? ASK_EVERY_MS : false) });
  useTitle(partner.data ? partner.data.name : undefined);
  if (partner.error instanceof ApiProblem && partner.error.status === 403) return <OtherKey words={partner.error.message} />;
  if (partner.isError && !partner.data) {
    return (
      <div className="page desk-page">
        <ErrorNotice title="Your account did not load" error={partner.error} onRetry={() => void partner.refetch()} />
      </div>
    );
  }
  if (!partner.data) return <p className="page waiting" role="status">Fetching your account</p>;
  return <Home partner={partner.data} />;
}

function Home({ partner }: { readonly partner: Partner }) {
  const { config } = useTools();
  const origin = config.apiUrl === "" ? location.origin : config.apiUrl;
  return (
    <div className="page desk-page">
      <div className="desk-title">
        <h1>{partner.name}</h1>
        <span className={partner.world === "live" ? "flag flag-leaf" : "flag"}>{WORLD_WORDS[partner.world]}</span>
      </div>
      <dl className="desk-facts">
        <Fact name="Handle" value={partner.handle} />
        <Fact name="Partner id" value={partner.id} />
        <Fact name="E-mail" value={partner.email} />
        <Fact name="With us since" value={dayWords(partner.created_at)} />
      </dl>
      <section aria-labelledby="checklist">
        <h2 id="checklist">{partner.live_at ? "You are live" : "On the way to live"}</h2>
        <p className="soft" role="status">
          {partner.live_at ? "Every step is done. A live key changes the shop." : `${stepsWords(partner.checklist)} steps done.`}
        </p>
        <Checklist partner={partner} next={(step) => <NextStep step={step} sample={webhookSample(origin, partner.id)} />} />
        {partner.live_at ? <p><Link to="/portal/keys">Get a live key</Link></p> : null}
      </section>
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function NextStep({ step, sample }: { readonly step: PartnerStep["step"]; readonly sample: string }) {
  switch (step) {
    case "key_used":
      return <p className="small soft">Any call with your key does it, this page included.</p>;
    case "feed_validated":
      return (
        <p className="small">
          <Link to="/portal/send">Send a feed</Link> that has no wrong row. What a feed may say is in the <Link to="/portal/contract">feed contract</Link>.
        </p>
      );
    case "webhook_verified":
      return (
        <>
          <p className="small">Send one stock webhook that is signed with your secret. This does it from a command line:</p>
          <CopyLine label="Sign and send a webhook" text={sample} block />
        </>
      );
  }
}
