//! A place in the line as its owner carries it: signed, so that nobody makes one up, and named after its owner, so that
//! nobody uses another one's.

use kernel::{SaleId, id};
use serde::{Deserialize, Serialize};
use vault::Signer;

/// What tickets are signed for.
pub const PURPOSE: &str = "queue-ticket";

/// A place in the line of a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// Of which sale.
    #[serde(rename = "s")]
    pub sale: SaleId,
    /// The number in its line, from 1.
    #[serde(rename = "n")]
    pub number: u64,
    /// Whose: a hash of the name.
    #[serde(rename = "w")]
    pub owner: String,
}

impl Ticket {
    /// The hash under which the line of a sale knows somebody, from the name that rows keep (`guest:…`).
    #[must_use]
    pub fn owner(sale: &SaleId, who: &str) -> String {
        id::derived(&["ticket", sale.as_str(), who])
    }

    /// The ticket as its owner carries it.
    #[must_use]
    pub fn sign(&self, signer: &Signer) -> String {
        // A struct of texts and numbers always writes.
        signer.token(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// The ticket that somebody shows; `None` when it is not one of ours.
    #[must_use]
    pub fn open(token: &str, signer: &Signer) -> Option<Self> {
        serde_json::from_slice(&signer.read(token)?).ok()
    }

    /// Whether it is `who`'s.
    #[must_use]
    pub fn belongs_to(&self, who: &str) -> bool {
        self.owner == Self::owner(&self.sale, who)
    }
}

#[cfg(test)]
mod tests {
    use super::{PURPOSE, Ticket};
    use kernel::SaleId;
    use vault::SigningKeys;

    fn ticket(number: u64) -> Ticket {
        let sale = SaleId::parse(&kernel::id::encode([3; 16])).unwrap();
        let owner = Ticket::owner(&sale, "guest:ada");
        Ticket { sale, number, owner }
    }

    #[test]
    fn a_ticket_reads_back_and_an_altered_one_does_not() {
        let keys = SigningKeys::new(&[9; 32], None).unwrap();
        let signer = keys.signer(PURPOSE).unwrap();
        let token = ticket(7).sign(&signer);
        assert!(token.len() < 256, "{}", token.len());
        assert_eq!(Ticket::open(&token, &signer), Some(ticket(7)));
        let other = ticket(1).sign(&signer);
        let (body, signature) = (other.split_once('.').unwrap().0, token.split_once('.').unwrap().1);
        assert_eq!(Ticket::open(&format!("{body}.{signature}"), &signer), None, "another number under this signature");
        assert_eq!(Ticket::open(&token, &keys.signer("quote").unwrap()), None, "signed for something else");
        assert_eq!(Ticket::open(&signer.token(b"{}"), &signer), None, "something else, signed");
    }

    #[test]
    fn a_ticket_is_its_owners_only() {
        assert!(ticket(7).belongs_to("guest:ada"));
        assert!(!ticket(7).belongs_to("guest:eve"));
    }
}
