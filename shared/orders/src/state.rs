//! The state machine of an order, as data: the code's checks, the API's `allowed_actions`, the buttons of the back
//! office and the diagram in the docs all read [`TRANSITIONS`].

use kernel::Role;
use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Placed and not paid; its stock is held.
    PendingPayment,
    /// Paid; nothing is packed, or not all.
    Paid,
    /// All of it is packed.
    Packed,
    /// All of it is on its way.
    Shipped,
    /// All of it has arrived.
    Delivered,
    /// Some of it came back.
    PartiallyReturned,
    /// All of it came back.
    Returned,
    /// Called off by the customer, by support, or because the stock was gone.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// The payment was declined.
    Declined,
}

/// How the public API groups the states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not paid yet.
    Pending,
    /// Paid, and not arrived yet.
    Processing,
    /// Arrived.
    Completed,
    /// Over without a sale.
    Cancelled,
}

impl State {
    /// All states.
    pub const ALL: [Self; 10] = [
        Self::PendingPayment,
        Self::Paid,
        Self::Packed,
        Self::Shipped,
        Self::Delivered,
        Self::PartiallyReturned,
        Self::Returned,
        Self::Cancelled,
        Self::Expired,
        Self::Declined,
    ];

    /// The state's name as it is stored and sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PendingPayment => "pending_payment",
            Self::Paid => "paid",
            Self::Packed => "packed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::PartiallyReturned => "partially_returned",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Declined => "declined",
        }
    }

    /// The state with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The coarse status of the public API.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self::PendingPayment => Status::Pending,
            Self::Paid | Self::Packed | Self::Shipped => Status::Processing,
            Self::Delivered | Self::PartiallyReturned | Self::Returned => Status::Completed,
            Self::Cancelled | Self::Expired | Self::Declined => Status::Cancelled,
        }
    }

    /// Whether the order ended without being paid for, or was called off: its stock goes back.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Expired | Self::Declined)
    }

    /// Whether the order was paid and not called off since: its stock is sold.
    #[must_use]
    pub const fn is_sold(self) -> bool {
        !matches!(self, Self::PendingPayment | Self::Cancelled | Self::Expired | Self::Declined)
    }
}

impl Status {
    /// The status's name as it is sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The states in this status.
    pub fn states(self) -> impl Iterator<Item = State> {
        State::ALL.into_iter().filter(move |state| state.status() == self)
    }
}

/// What can be done to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Start a payment.
    Pay,
    /// The payment was captured.
    Settle,
    /// The payment was declined, and with it the order.
    Decline,
    /// The time to pay is over.
    Expire,
    /// Call it off.
    Cancel,
    /// Put lines into a parcel.
    Pack,
    /// Hand a parcel over.
    Ship,
    /// The parcel has arrived.
    Deliver,
}

impl Action {
    /// The action's name as it is sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Settle => "settle",
            Self::Decline => "decline",
            Self::Expire => "expire",
            Self::Cancel => "cancel",
            Self::Pack => "pack",
            Self::Ship => "ship",
            Self::Deliver => "deliver",
        }
    }
}

/// One row of the table: in `from`, someone in `role` may do `action`, which leads to `to`. Packing, shipping and
/// delivering lead there once they cover the whole order; before, the order stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The state it starts in.
    pub from: State,
    /// What is done.
    pub action: Action,
    /// Who may do it.
    pub role: Role,
    /// The state it leads to.
    pub to: State,
}

const fn row(from: State, action: Action, role: Role, to: State) -> Transition {
    Transition { from, action, role, to }
}

/// Every transition there is.
pub const TRANSITIONS: &[Transition] = &[
    row(State::PendingPayment, Action::Pay, Role::Customer, State::PendingPayment),
    row(State::PendingPayment, Action::Settle, Role::System, State::Paid),
    row(State::PendingPayment, Action::Decline, Role::System, State::Declined),
    row(State::PendingPayment, Action::Expire, Role::System, State::Expired),
    row(State::PendingPayment, Action::Cancel, Role::System, State::Cancelled),
    row(State::PendingPayment, Action::Cancel, Role::Customer, State::Cancelled),
    row(State::PendingPayment, Action::Cancel, Role::Support, State::Cancelled),
    row(State::Paid, Action::Cancel, Role::Customer, State::Cancelled),
    row(State::Paid, Action::Cancel, Role::Support, State::Cancelled),
    row(State::Paid, Action::Pack, Role::Warehouse, State::Packed),
    row(State::Paid, Action::Ship, Role::Warehouse, State::Shipped),
    row(State::Paid, Action::Deliver, Role::Warehouse, State::Delivered),
    row(State::Packed, Action::Ship, Role::Warehouse, State::Shipped),
    row(State::Packed, Action::Deliver, Role::Warehouse, State::Delivered),
    row(State::Shipped, Action::Deliver, Role::Warehouse, State::Delivered),
];

/// Why an action is not for this order, or not for this person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Illegal {
    /// Nobody may do it in this state.
    State,
    /// Somebody may, in another role.
    Role,
}

/// Where `action` by someone in `role` leads from `state`.
///
/// # Errors
/// [`Illegal`], with what is against it.
pub fn apply(state: State, action: Action, role: Role) -> Result<State, Illegal> {
    let mut known = TRANSITIONS.iter().filter(|row| row.from == state && row.action == action).peekable();
    if known.peek().is_none() {
        return Err(Illegal::State);
    }
    known.find(|row| role.covers(row.role)).map(|row| row.to).ok_or(Illegal::Role)
}

#[cfg(test)]
mod tests {
    use super::{Action, Illegal, State, Status, TRANSITIONS, apply};
    use kernel::Role;

    // Proves: S1-D03
    #[test]
    fn every_state_has_one_status_and_a_name_that_reads_back() {
        for state in State::ALL {
            assert_eq!(State::named(state.name()), Some(state));
            assert_eq!(Status::states(state.status()).filter(|known| *known == state).count(), 1);
        }
    }

    #[test]
    fn no_transition_leads_back_to_an_earlier_status() {
        let rank = |status| match status {
            Status::Pending => 0,
            Status::Processing => 1,
            Status::Completed | Status::Cancelled => 2,
        };
        for row in TRANSITIONS {
            assert!(rank(row.from.status()) <= rank(row.to.status()), "{row:?}");
        }
    }

    #[test]
    fn what_is_over_stays_over() {
        for state in [State::Cancelled, State::Expired, State::Declined] {
            assert!(TRANSITIONS.iter().all(|row| row.from != state));
        }
    }

    #[test]
    fn a_customer_cannot_pack_and_a_paid_order_cannot_be_paid() {
        assert_eq!(apply(State::Paid, Action::Pack, Role::Customer), Err(Illegal::Role));
        assert_eq!(apply(State::Paid, Action::Settle, Role::System), Err(Illegal::State));
        assert_eq!(apply(State::Paid, Action::Pack, Role::Admin), Ok(State::Packed));
    }
}
