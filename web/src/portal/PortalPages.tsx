import { lazy } from "react";
import { Outlet, Route, Routes } from "react-router";
import { connectPartner, type PartnerApi } from "../api/partner";
import NotFoundPage from "../app/NotFoundPage";
import { useTools } from "../app/shop-context";
import { DeskLayout } from "../desk/DeskLayout";
import { useSession } from "../desk/useSession";
import { JobPage } from "../feeds/JobPage";
import { JobsPage } from "../feeds/JobsPage";
import { SendPage } from "../feeds/SendPage";
import { ContractPage } from "./ContractPage";
import { HomePage } from "./HomePage";
import { JoinPage } from "./JoinPage";
import { KeysPage } from "./KeysPage";
import { PartnerApiProvider } from "./portal-tools";
import { PartnerSignIn } from "./PartnerSignIn";
import { WebhooksPage } from "./WebhooksPage";

const ReferencePage = lazy(() => import("./ReferencePage"));

const OPEN_TO_ALL = [{ to: "/portal/reference", label: "API" }];
const LINKS = [
  { to: "/portal", label: "Start", end: true },
  { to: "/portal/send", label: "Send a feed" },
  { to: "/portal/jobs", label: "Feeds" },
  { to: "/portal/webhooks", label: "Webhooks" },
  { to: "/portal/keys", label: "Keys" },
  { to: "/portal/contract", label: "Feed contract" },
  ...OPEN_TO_ALL,
];

/** The partner portal. All but joining and the API's reference need a key. */
export default function PortalPages() {
  const { config } = useTools();
  const { api, told, signIn, signOut } = useSession("portal", (secret, heard) => connectPartner(config.apiUrl, secret, heard));
  return (
    <Routes>
      <Route element={<DeskLayout name="Partners" home="/portal" links={api ? LINKS : [{ to: "/portal", label: "Sign in", end: true }, ...OPEN_TO_ALL]} onSignOut={api ? signOut : undefined} />}>
        <Route path="join" element={<JoinPage onSignIn={signIn} />} />
        <Route path="reference" element={<ReferencePage />} />
        <Route element={<KeyNeeded api={api} told={told} onSignIn={signIn} />}>
          <Route index element={<HomePage />} />
          <Route path="send" element={<SendPage />} />
          <Route path="jobs" element={<JobsPage />} />
          <Route path="jobs/:jobId" element={<JobPage />} />
          <Route path="webhooks" element={<WebhooksPage />} />
          <Route path="keys" element={<KeysPage />} />
          <Route path="contract" element={<ContractPage />} />
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}

function KeyNeeded({ api, told, onSignIn }: { readonly api: PartnerApi | null; readonly told: string | null; readonly onSignIn: (secret: string) => void }) {
  if (api === null) return <PartnerSignIn told={told} onSignIn={onSignIn} />;
  return (
    <PartnerApiProvider value={api}>
      <Outlet />
    </PartnerApiProvider>
  );
}
