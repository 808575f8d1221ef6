//! The machine of a payment, as a table: what may follow on what, and who brings it about.

use kernel::{Amount, Role};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// The shopper has something to do first.
    RequiresAction,
    /// The provider is being asked, or did not say.
    Processing,
    /// Promised, not taken.
    Authorized,
    /// Taken.
    Captured,
    /// The promise was given back.
    Voided,
    /// Declined.
    Failed,
    /// Some went back.
    PartiallyRefunded,
    /// All went back.
    Refunded,
}

/// What can happen to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The shopper tries again, or comes back from what they had to do.
    Try,
    /// The provider wants something of the shopper.
    Ask,
    /// The provider promises the money.
    Authorize,
    /// The provider takes it.
    Capture,
    /// The provider refuses.
    Decline,
    /// The promise is given back.
    Void,
    /// Some of what was taken goes back.
    RefundPart,
    /// All of what was taken has gone back.
    RefundAll,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Where it stands.
    pub from: PaymentState,
    /// What happens.
    pub action: Action,
    /// Who may bring it about.
    pub role: Role,
    /// Where it stands then.
    pub to: PaymentState,
}

const fn rule(from: PaymentState, action: Action, role: Role, to: PaymentState) -> Rule {
    Rule { from, action, role, to }
}

/// All that may follow on anything. What happens twice is in the table as well: a provider's event and our own call
/// tell the same thing, in either order.
pub const MACHINE: &[Rule] = {
    use Action::{Ask, Authorize, Capture, Decline, RefundAll, RefundPart, Try, Void};
    use PaymentState::{Authorized, Captured, Failed, PartiallyRefunded, Processing, Refunded, RequiresAction, Voided};
    use Role::{Customer, System};
    &[
        rule(Processing, Ask, System, RequiresAction),
        rule(Processing, Authorize, System, Authorized),
        rule(Processing, Capture, System, Captured),
        rule(Processing, Decline, System, Failed),
        rule(Processing, Void, System, Voided),
        rule(RequiresAction, Try, Customer, Processing),
        rule(RequiresAction, Ask, System, RequiresAction),
        rule(RequiresAction, Authorize, System, Authorized),
        rule(RequiresAction, Capture, System, Captured),
        rule(RequiresAction, Decline, System, Failed),
        rule(RequiresAction, Void, System, Voided),
        rule(Authorized, Authorize, System, Authorized),
        rule(Authorized, Capture, System, Captured),
        rule(Authorized, Decline, System, Failed),
        rule(Authorized, Void, System, Voided),
        rule(Failed, Try, Customer, Processing),
        rule(Failed, Decline, System, Failed),
        // What was given up may have been taken all the same: the provider's books decide, and it goes back.
        rule(Failed, Capture, System, Captured),
        rule(Voided, Capture, System, Captured),
        rule(Voided, Void, System, Voided),
        rule(Captured, Capture, System, Captured),
        rule(Captured, RefundPart, System, PartiallyRefunded),
        rule(Captured, RefundAll, System, Refunded),
        rule(PartiallyRefunded, Capture, System, PartiallyRefunded),
        rule(PartiallyRefunded, RefundPart, System, PartiallyRefunded),
        rule(PartiallyRefunded, RefundAll, System, Refunded),
        rule(Refunded, Capture, System, Refunded),
        rule(Refunded, RefundAll, System, Refunded),
    ]
};

/// Every state, in the order of a payment's life.
pub const STATES: [PaymentState; 8] = [
    PaymentState::RequiresAction,
    PaymentState::Processing,
    PaymentState::Authorized,
    PaymentState::Captured,
    PaymentState::Voided,
    PaymentState::Failed,
    PaymentState::PartiallyRefunded,
    PaymentState::Refunded,
];

/// What does not follow on where it stands, or not by that role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{action:?} by {role} does not follow on {from}")]
pub struct Illegal {
    /// Where it stands.
    pub from: PaymentState,
    /// What was asked.
    pub action: Action,
    /// Who asked.
    pub role: Role,
}

/// Where a payment stands after `action` by `role`.
///
/// # Errors
/// [`Illegal`] when the table has no such line.
pub fn apply(from: PaymentState, action: Action, role: Role) -> Result<PaymentState, Illegal> {
    let rule = MACHINE.iter().find(|rule| rule.from == from && rule.action == action && role == rule.role);
    rule.map(|rule| rule.to).ok_or(Illegal { from, action, role })
}

/// What a refund of `amount` is, when `refunded` of `captured` went back before it; `None` when more would go back
/// than was taken, or nothing.
#[must_use]
pub fn refund_of(amount: Amount, refunded: Amount, captured: Amount) -> Option<Action> {
    let sum = refunded.units().checked_add(amount.units())?;
    if amount <= Amount::ZERO || refunded < Amount::ZERO || sum > captured.units() {
        return None;
    }
    Some(if sum == captured.units() { Action::RefundAll } else { Action::RefundPart })
}

impl PaymentState {
    /// The state's name as it is stored and sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::Authorized => "authorized",
            Self::Captured => "captured",
            Self::Voided => "voided",
            Self::Failed => "failed",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
        }
    }

    /// What may happen next by that role: the API's `allowed_actions`.
    pub fn allowed(self, role: Role) -> impl Iterator<Item = Action> {
        MACHINE.iter().filter(move |rule| rule.from == self && rule.role == role).map(|rule| rule.action)
    }
}

impl fmt::Display for PaymentState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Illegal, MACHINE, PaymentState, STATES, apply, refund_of};
    use kernel::{Amount, Role};
    use proptest::prelude::*;

    const ACTIONS: [Action; 8] = [
        Action::Try,
        Action::Ask,
        Action::Authorize,
        Action::Capture,
        Action::Decline,
        Action::Void,
        Action::RefundPart,
        Action::RefundAll,
    ];

    #[test]
    fn the_table_has_one_answer_for_each_question() {
        for (at, rule) in MACHINE.iter().enumerate() {
            let same =
                |other: &&super::Rule| (other.from, other.action, other.role) == (rule.from, rule.action, rule.role);
            assert_eq!(MACHINE.iter().filter(same).count(), 1, "line {at}: {rule:?}");
        }
    }

    #[test]
    fn every_state_can_be_reached_and_is_named() {
        for state in STATES {
            let reached =
                state == PaymentState::Processing || MACHINE.iter().any(|rule| rule.to == state && rule.from != state);
            assert!(reached, "{state} is never reached");
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(json, format!("\"{state}\""));
        }
    }

    #[test]
    fn what_is_told_twice_changes_nothing() {
        for (state, action) in [
            (PaymentState::Captured, Action::Capture),
            (PaymentState::Failed, Action::Decline),
            (PaymentState::Voided, Action::Void),
            (PaymentState::Refunded, Action::RefundAll),
            (PaymentState::Refunded, Action::Capture),
            (PaymentState::PartiallyRefunded, Action::Capture),
        ] {
            assert_eq!(apply(state, action, Role::System), Ok(state));
        }
    }

    #[test]
    fn what_was_given_up_and_taken_all_the_same_is_captured_so_that_it_can_go_back() {
        for state in [PaymentState::Failed, PaymentState::Voided] {
            assert_eq!(apply(state, Action::Capture, Role::System), Ok(PaymentState::Captured));
            let illegal = Illegal { from: state, action: Action::Authorize, role: Role::System };
            assert_eq!(apply(state, Action::Authorize, Role::System), Err(illegal));
            assert!(illegal.to_string().contains("does not follow on"));
        }
        assert!(apply(PaymentState::Captured, Action::Decline, Role::System).is_err());
        assert!(apply(PaymentState::Captured, Action::Void, Role::System).is_err());
    }

    #[test]
    fn a_shopper_can_only_try_again() {
        for state in STATES {
            assert!(state.allowed(Role::Customer).all(|action| action == Action::Try));
        }
        assert_eq!(PaymentState::Failed.allowed(Role::Customer).count(), 1);
        assert!(apply(PaymentState::Processing, Action::Capture, Role::Customer).is_err());
    }

    #[test]
    fn no_more_goes_back_than_was_taken() {
        let refund = |amount, refunded, captured| {
            refund_of(Amount::minor(amount), Amount::minor(refunded), Amount::minor(captured))
        };
        assert_eq!(refund(100, 0, 100), Some(Action::RefundAll));
        assert_eq!(refund(40, 0, 100), Some(Action::RefundPart));
        assert_eq!(refund(60, 40, 100), Some(Action::RefundAll));
        for (amount, refunded, captured) in
            [(101, 0, 100), (61, 40, 100), (0, 0, 100), (-5, 10, 100), (5, -5, 100), (i64::MAX, 1, 100)]
        {
            assert_eq!(refund(amount, refunded, captured), None);
        }
    }

    proptest! {
        // Proves: S3-21
        #[test]
        fn whatever_happens_a_payment_takes_money_once_and_never_gives_back_more(
            told in proptest::collection::vec((0usize..ACTIONS.len(), any::<bool>(), 1i64..60), 0..60),
        ) {
            let (mut state, mut captures) = (PaymentState::Processing, 0);
            let (captured, mut refunded) = (Amount::minor(100), Amount::ZERO);
            for (action, shopper, amount) in told {
                let role = if shopper { Role::Customer } else { Role::System };
                let mut action = ACTIONS[action];
                if matches!(action, Action::RefundPart | Action::RefundAll) {
                    match refund_of(Amount::minor(amount), refunded, captured) {
                        Some(fitting) => action = fitting,
                        None => continue,
                    }
                }
                if let Ok(next) = apply(state, action, role) {
                    captures += u32::from(action == Action::Capture && next == PaymentState::Captured && state != PaymentState::Captured);
                    if matches!(action, Action::RefundPart | Action::RefundAll) {
                        refunded += Amount::minor(amount);
                    }
                    state = next;
                }
                prop_assert!(captures <= 1 && refunded <= captured);
                prop_assert!(state == PaymentState::Refunded || refunded < captured);
            }
        }
    }
}
