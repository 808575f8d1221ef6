/** Keeps the ticket of a sale's line for this window, so that a reload finds the same place. It is a signed number and says nothing about anyone. */
export interface TicketStore {
  readonly read: () => string | null;
  readonly keep: (ticket: string) => void;
  readonly clear: () => void;
}

/** The store of one sale's ticket; where storage is closed to us, the shop finds the place again by its guest cookie. */
export function ticketStore(sale: string): TicketStore {
  const place = `russet.ticket.${sale}`;
  const tried = <T>(act: () => T, otherwise: T): T => {
    try {
      return act();
    } catch {
      return otherwise;
    }
  };
  return {
    read: () => tried(() => sessionStorage.getItem(place), null),
    keep: (ticket) => tried(() => sessionStorage.setItem(place, ticket), undefined),
    clear: () => tried(() => sessionStorage.removeItem(place), undefined),
  };
}
