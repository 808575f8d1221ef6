import "@fontsource-variable/fraunces/opsz.css";
import "@fontsource-variable/fraunces/opsz-italic.css";
import "@fontsource-variable/inter/wght.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { connectShop } from "./api/client";
import { App, fetchPagesAhead, makeQueryClient } from "./app/App";
import { loadConfig } from "./config/config";
import { ConfigFailure } from "./config/ConfigFailure";
import { SessionKey, watchActivity } from "./privacy/session-key";
import { Prepared } from "./sale/prepared";
import { ShopTime } from "./sale/shop-time";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shelf.css";
import "./app/layout.css";

async function open(place: HTMLElement): Promise<void> {
  const root = createRoot(place);
  const loaded = await loadConfig((...call) => fetch(...call));
  if (!loaded.ok) {
    root.render(<ConfigFailure problems={loaded.problems} />);
    return;
  }
  const sessionKey = new SessionKey();
  watchActivity(sessionKey, document);
  const shop = connectShop(loaded.config.apiUrl, sessionKey);
  const tools = { config: loaded.config, sessionKey, shop, time: new ShopTime(), prepared: new Prepared(sessionKey) };
  root.render(
    <StrictMode>
      <App tools={tools} client={makeQueryClient()} />
    </StrictMode>,
  );
  window.addEventListener("load", fetchPagesAhead, { once: true });
  if (document.readyState === "complete") fetchPagesAhead();
}

const place = document.getElementById("root");
if (place !== null) void open(place);
