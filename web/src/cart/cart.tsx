import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";
import type { Cart } from "../api/shapes";
import { useTools } from "../app/shop-context";
import { withQuantity } from "./cart-state";

const CART = ["cart"] as const;

/** The shopper's cart as the API has it. */
export function useCart() {
  const { shop } = useTools();
  return useQuery({ queryKey: CART, queryFn: ({ signal }) => shop.getCart(signal) });
}

/** Puts something into the cart. */
export function useAddToCart() {
  const { shop } = useTools();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ sku, quantity }: { sku: string; quantity: number }) => shop.addCartItem(sku, quantity),
    onSuccess: (cart) => client.setQueryData(CART, cart),
  });
}

/** Sets a line's quantity; 0 removes it. The page shows the change at once and takes it back if the API refuses. */
export function useChangeCart() {
  const { shop } = useTools();
  const client = useQueryClient();
  return useMutation({
    scope: { id: "cart" },
    mutationFn: ({ sku, quantity }: { sku: string; quantity: number }) =>
      quantity === 0 ? shop.removeCartItem(sku) : shop.changeCartItem(sku, quantity),
    onMutate: async ({ sku, quantity }) => {
      await client.cancelQueries({ queryKey: CART });
      client.setQueryData<Cart>(CART, (cart) => cart && withQuantity(cart, sku, quantity));
    },
    onSuccess: (cart) => {
      if (client.isMutating({ predicate: (mutation) => mutation.options.scope?.id === "cart" }) <= 1) client.setQueryData(CART, cart);
    },
    onError: () => client.invalidateQueries({ queryKey: CART }),
  });
}

/** Takes the bought lines out of the cart, once they are an order. A line that stays behind is only a nuisance, so failures are let pass. */
export function useEmptyCart() {
  const { shop } = useTools();
  const client = useQueryClient();
  return useCallback(
    async (skus: readonly string[]) => {
      client.setQueryData<Cart>(CART, (cart) => cart && skus.reduce((left, sku) => withQuantity(left, sku, 0), cart));
      for (const sku of skus) await shop.removeCartItem(sku).catch(() => undefined);
      await client.invalidateQueries({ queryKey: CART });
    },
    [shop, client],
  );
}

interface Drawer {
  readonly open: boolean;
  readonly show: () => void;
  readonly hide: () => void;
}

const CartDrawerState = createContext<Drawer>({ open: false, show: () => undefined, hide: () => undefined });

/** Lets any page open the cart drawer. */
export function CartDrawerProvider({ children }: { readonly children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const show = useCallback(() => setOpen(true), []);
  const hide = useCallback(() => setOpen(false), []);
  const drawer = useMemo(() => ({ open, show, hide }), [open, show, hide]);
  return <CartDrawerState value={drawer}>{children}</CartDrawerState>;
}

/** Whether the drawer is open, and how to open and close it. */
export function useCartDrawer(): Drawer {
  return useContext(CartDrawerState);
}
