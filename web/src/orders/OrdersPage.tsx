import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { OrderSummary } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { formatMoney } from "../money/money";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Empty } from "../ui/parts";
import { dayOf, STATE_WORDS, stateTone } from "./order-words";
import "./order.css";

/** The orders that were placed from this browser. */
export default function OrdersPage() {
  useTitle("Your orders");
  const { shop } = useTools();
  const orders = useInfiniteQuery({
    queryKey: ["orders"],
    queryFn: ({ pageParam, signal }) => shop.listOrders(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    staleTime: 5_000,
  });
  const items = orders.data?.pages.flatMap((page) => page.items);
  return (
    <div className="page orders">
      <h1>Your orders</h1>
      {orders.isError && !items ? <ErrorNotice title="Your orders did not load" error={orders.error} onRetry={() => void orders.refetch()} /> : null}
      {orders.isPending ? <span className="bone orders-bone" role="status" aria-label="Fetching your orders" /> : null}
      {items?.length === 0 ? (
        <Empty title="No orders yet" action={<Link className="button" to="/shop">Browse the shop</Link>}>
          What you order from this browser appears here, with no account to make.
        </Empty>
      ) : null}
      {items && items.length > 0 ? (
        <ul className="orders-list">
          {items.map((order) => (
            <OrderRow key={order.id} order={order} />
          ))}
        </ul>
      ) : null}
      {orders.hasNextPage ? (
        <button type="button" className="button button-quiet" onClick={() => void orders.fetchNextPage()} disabled={orders.isFetchingNextPage}>
          Show earlier orders
        </button>
      ) : null}
    </div>
  );
}

function OrderRow({ order }: { readonly order: OrderSummary }) {
  return (
    <li className="orders-row">
      {order.first_image_url ? <img src={order.first_image_url} alt="" width={64} height={80} loading="lazy" /> : <span className="orders-blank" />}
      <div>
        <Link className="orders-link" to={`/shop/orders/${order.id}`}>
          {dayOf(order.placed_at)}
        </Link>
        <p className="small soft">{order.item_count === 1 ? "1 item" : `${order.item_count} items`}</p>
      </div>
      <p className={`order-state order-state-${stateTone(order.state)}`}>{STATE_WORDS[order.state]}</p>
      <p className="price">{formatMoney(order.total)}</p>
    </li>
  );
}
