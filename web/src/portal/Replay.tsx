import { useMutation, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useRef } from "react";
import { ApiProblem } from "../api/problem";
import type { Delivery, DeliveryPage } from "../api/shapes";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useSay } from "../ui/notices";
import { usePartnerApi } from "./portal-tools";
import { deliveryName } from "./webhook-words";

/** What the list of deliveries is kept under. */
export const DELIVERIES = ["portal", "deliveries"];

/** Has a delivery sent again, at once. What comes of it is seen at the next look, so a look that is under way counts no more. */
export function Replay({ delivery }: { readonly delivery: Delivery }) {
  const api = usePartnerApi();
  const client = useQueryClient();
  const say = useSay();
  const key = useRef<string | null>(null);
  const replay = useMutation({
    mutationFn: () => {
      key.current ??= crypto.randomUUID();
      return api.replayDelivery(delivery.id, key.current);
    },
    onSuccess: async (after) => {
      key.current = null;
      await client.cancelQueries({ queryKey: DELIVERIES });
      client.setQueryData<InfiniteData<DeliveryPage>>(DELIVERIES, (data) => data && { ...data, pages: data.pages.map((page) => withDelivery(page, after)) });
      say("It is sent again, with the same webhook-id.");
    },
    onError: (error) => {
      if (!(error instanceof ApiProblem && error.undecided)) key.current = null;
    },
  });
  // A button that is disabled would lose the focus of whoever pressed it by keyboard.
  const begin = () => {
    if (!replay.isPending) replay.mutate();
  };
  return (
    <>
      <button type="button" className="button button-quiet" aria-disabled={replay.isPending} onClick={begin} aria-label={`Send again: ${deliveryName(delivery)}`}>
        {replay.isPending ? "Asking" : "Send again"}
      </button>
      {replay.isError ? <ErrorNotice error={replay.error} /> : null}
    </>
  );
}

function withDelivery(page: DeliveryPage, after: Delivery): DeliveryPage {
  return { ...page, items: page.items.map((one) => (one.id === after.id ? after : one)) };
}
