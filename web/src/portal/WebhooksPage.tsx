import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem } from "../api/problem";
import { useTitle } from "../app/page-effects";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Deliveries } from "./Deliveries";
import { Endpoint } from "./Endpoint";
import { OtherKey } from "./OtherKey";
import { partnerQuery, usePartnerApi } from "./portal-tools";
import { WebhookSecret } from "./WebhookSecret";
import "./portal.css";

/** The webhook console: where events go, the secret that signs them, and what became of each. */
export function WebhooksPage() {
  const partner = useQuery(partnerQuery(usePartnerApi()));
  const [setHereAt, setSetHereAt] = useState<string | null>(null);
  useTitle("Webhooks");
  if (partner.error instanceof ApiProblem && partner.error.status === 403) return <OtherKey words={partner.error.message} />;
  return (
    <div className="page desk-page">
      <div className="desk-top">
        <h1>Webhooks</h1>
        <p className="soft">We tell your endpoint when a feed was read, when a stock update was applied and when you went live.</p>
      </div>
      {partner.isError && !partner.data ? <ErrorNotice title="Your webhooks did not load" error={partner.error} onRetry={() => void partner.refetch()} /> : null}
      {partner.isPending ? <span className="bone webhooks-bone" role="status" aria-label="Fetching your webhooks" /> : null}
      {partner.data ? (
        <>
          <Endpoint webhook={partner.data.webhook} onSet={setSetHereAt} />
          <WebhookSecret webhook={partner.data.webhook} />
          <Deliveries webhook={partner.data.webhook} setHereAt={setHereAt} />
        </>
      ) : null}
    </div>
  );
}
