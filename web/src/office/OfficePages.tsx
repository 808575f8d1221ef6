import { Navigate, Outlet, Route, Routes } from "react-router";
import { connectStaff, type StaffApi } from "../api/staff";
import NotFoundPage from "../app/NotFoundPage";
import { useTools } from "../app/shop-context";
import { DeskLayout } from "../desk/DeskLayout";
import { useSession } from "../desk/useSession";
import { StaffApiProvider } from "./office-tools";
import { PartnerPage } from "./PartnerPage";
import { PartnersPage } from "./PartnersPage";
import { StaffSignIn } from "./StaffSignIn";

const LINKS = [{ to: "/office/partners", label: "Partners" }];

/** The back office. All of it needs a staff token. */
export default function OfficePages() {
  const { config } = useTools();
  const { api, told, signIn, signOut } = useSession("office", (secret, heard) => connectStaff(config.apiUrl, secret, heard));
  return (
    <Routes>
      <Route element={<DeskLayout name="Office" home="/office" links={api ? LINKS : []} onSignOut={api ? signOut : undefined} />}>
        <Route element={<TokenNeeded api={api} told={told} onSignIn={signIn} />}>
          <Route index element={<Navigate to="/office/partners" replace />} />
          <Route path="partners" element={<PartnersPage />} />
          <Route path="partners/:partnerId" element={<PartnerPage />} />
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}

function TokenNeeded({ api, told, onSignIn }: { readonly api: StaffApi | null; readonly told: string | null; readonly onSignIn: (secret: string) => void }) {
  if (api === null) return <StaffSignIn told={told} onSignIn={onSignIn} />;
  return (
    <StaffApiProvider value={api}>
      <Outlet />
    </StaffApiProvider>
  );
}
