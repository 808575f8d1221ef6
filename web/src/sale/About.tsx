import { useQuery } from "@tanstack/react-query";
import { useTools } from "../app/shop-context";
import { countryPhrase, homeCountry } from "../checkout/countries";
import { formatMoney, type Money } from "../money/money";
import { estimateOf } from "./estimate";
import { usePrepared } from "./usePrepared";

/**
 * About what the goods come to with delivery and tax, where the shopper lives; and that they may change their mind. It asks for a quote, so
 * it is shown to those who are about to buy, not to everyone who looks.
 */
export function About({ sku, quantity, goods }: { readonly sku: string; readonly quantity: number; readonly goods: Money }) {
  const { shop } = useTools();
  const country = usePrepared()?.country ?? homeCountry();
  const quote = useQuery({
    queryKey: ["quote", { items: [{ sku, quantity }], country }],
    queryFn: ({ signal }) => shop.quoteOrder({ items: [{ sku, quantity }], country }, signal),
    staleTime: 10 * 60_000,
  });
  const estimate = quote.data ? estimateOf(goods, quote.data) : null;
  return (
    <p className="small soft sale-about">
      {estimate ? `About ${formatMoney(estimate.total)} to ${countryPhrase(country)}, with delivery${estimate.taxBasisPoints > 0 ? " and tax" : ""}.` : "Delivery and tax are added."} You can cancel until we pack it.
    </p>
  );
}
