//! Who asks, and in which role.

use crate::id::{CustomerId, GuestId, PartnerId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a member of staff may do. `Admin` may do what any of the others may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Whoever bought: a customer or a guest with their own order.
    Customer,
    /// Answers shoppers, cancels orders, validates returns.
    Support,
    /// Packs, ships, counts stock.
    Warehouse,
    /// Refunds, promotions, sales.
    Finance,
    /// Brings products and their stock, by a key of its own.
    Partner,
    /// All of it.
    Admin,
    /// The shop itself: queues, streams and schedules.
    System,
}

impl Role {
    /// Whether someone in this role may do what `needed` may.
    #[must_use]
    pub fn covers(self, needed: Self) -> bool {
        self == needed || (self == Self::Admin && !matches!(needed, Self::Customer | Self::Partner | Self::System))
    }

    /// The role's name as it is stored and sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Support => "support",
            Self::Warehouse => "warehouse",
            Self::Finance => "finance",
            Self::Partner => "partner",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Who asks. Its [`fmt::Display`] is the name that rows, events and limits keep: it never holds an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Somebody without an account, named by the signed cookie.
    Guest(GuestId),
    /// Somebody signed in.
    Customer(CustomerId),
    /// Somebody whose products the shop sells, named by a key.
    Partner(PartnerId),
    /// Somebody who works here.
    Staff {
        /// The id of the staff token, which is not the token.
        id: String,
        /// What they may do.
        role: Role,
    },
    /// Nobody we know: neither session nor cookie.
    Anonymous,
    /// The shop itself.
    System,
}

impl Principal {
    /// The role this principal acts in.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::Guest(_) | Self::Customer(_) | Self::Anonymous => Role::Customer,
            Self::Partner(_) => Role::Partner,
            Self::Staff { role, .. } => *role,
            Self::System => Role::System,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest(id) => write!(out, "guest:{id}"),
            Self::Customer(id) => write!(out, "customer:{id}"),
            Self::Partner(id) => write!(out, "partner:{id}"),
            Self::Staff { id, role } => write!(out, "staff:{role}:{id}"),
            Self::Anonymous => out.write_str("anonymous"),
            Self::System => out.write_str("system"),
        }
    }
}
