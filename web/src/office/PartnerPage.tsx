import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { ApiProblem } from "../api/problem";
import type { Partner } from "../api/shapes";
import NotFoundPage from "../app/NotFoundPage";
import { useTitle } from "../app/page-effects";
import { momentWords } from "../desk/words";
import { Checklist } from "../partners/Checklist";
import { KeyTable } from "../partners/KeyTable";
import { WORLD_WORDS } from "../partners/partner-words";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useStaffApi } from "./office-tools";

/** One partner, for staff: who it is, how far it is, which keys it holds. */
export function PartnerPage() {
  const { partnerId = "" } = useParams();
  const api = useStaffApi();
  const partner = useQuery({ queryKey: ["office", "partner", partnerId], queryFn: ({ signal }) => api.getPartner(partnerId, signal) });
  useTitle(partner.data?.name);
  if (partner.error instanceof ApiProblem && partner.error.status === 404) return <NotFoundPage what="partner" />;
  if (partner.isError && !partner.data) {
    return (
      <div className="page desk-page">
        <ErrorNotice title="The partner did not load" error={partner.error} onRetry={() => void partner.refetch()} />
      </div>
    );
  }
  if (!partner.data) return <p className="page waiting" role="status">Fetching the partner</p>;
  return <PartnerView partner={partner.data} />;
}

function PartnerView({ partner }: { readonly partner: Partner }) {
  const facts: readonly [string, string][] = [["Handle", partner.handle], ["Id", partner.id], ["E-mail", partner.email], ["Came", momentWords(partner.created_at)], ["Live since", partner.live_at ? momentWords(partner.live_at) : "Not yet"]];
  return (
    <div className="page desk-page">
      <div className="desk-top">
        <p className="small">
          <Link to="/office/partners">All partners</Link>
        </p>
        <div className="desk-title">
          <h1>{partner.name}</h1>
          <span className={partner.world === "live" ? "flag flag-leaf" : "flag flag-soft"}>{WORLD_WORDS[partner.world]}</span>
        </div>
      </div>
      <dl className="desk-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <section aria-labelledby="checklist">
        <h2 id="checklist">On the way to live</h2>
        <Checklist partner={partner} />
      </section>
      <section>
        <h2>Keys</h2>
        <KeyTable keys={partner.keys} />
      </section>
    </div>
  );
}
