import type { ProductSummary } from "../api/shapes";
import { Icon } from "../ui/Icon";
import { useSay } from "../ui/notices";
import { useAddToCart, useCartDrawer } from "./cart";

/** Puts a product that comes in one form only into the bag, straight from the shelf. */
export function QuickAdd({ product }: { readonly product: ProductSummary }) {
  const add = useAddToCart();
  const drawer = useCartDrawer();
  const say = useSay();
  const run = () =>
    add.mutate(
      { sku: product.default_sku, quantity: 1 },
      {
        onSuccess: () => say(`${product.name} is in your bag.`, { label: "Open the bag", run: drawer.show }),
        onError: (error) => say(error.message),
      },
    );
  return (
    <button type="button" className="button-round quick-add" aria-label={`Add ${product.name} to the bag`} onClick={run} disabled={add.isPending}>
      <Icon name="plus" size={18} />
    </button>
  );
}
