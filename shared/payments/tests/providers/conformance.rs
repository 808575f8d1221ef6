//! What every method must do, whatever its provider. A method that is added to the list is held to it at once.

use crate::stage::{Operation, PRICE, Sandbox, call, charge, order};
use kernel::{Amount, Currency, Kind, Money};
use payments::providers::{ALL, Can, Field, How};
use payments::{Action, CALLS_MOST, Method, Outcome, Standing, Verdict, find, refund, void};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// The provider's name of a payment that was taken.
fn captured(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Captured { payment_id, amount: PRICE, .. } => payment_id,
        other => panic!("{other:?}"),
    }
}

/// The provider's name of a payment that it has: taken, or waiting for the shopper.
fn known(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Captured { payment_id, .. } | Outcome::RequiresAction { payment_id, .. } => payment_id,
        other => panic!("{other:?}"),
    }
}

/// Calls that the first operation of a payment may make: who is sent away first must find one left.
fn calls_most(method: &dyn Method) -> u32 {
    if method.about().how == How::Redirect { CALLS_MOST - 1 } else { CALLS_MOST }
}

async fn paid<'a>(method: &'static dyn Method, sandbox: &'a Sandbox) -> (String, Operation<'a>) {
    let operation = Operation::new(method, sandbox, "tok_approve").await;
    let (outcome, _) = operation.to_the_end(sandbox, "tok_approve").await;
    (captured(&outcome).to_owned(), operation)
}

// Proves: S4-M2
#[test]
fn methods_are_data_with_names_of_their_own() {
    let ids: HashSet<&str> = ALL.iter().map(|method| method.about().id).collect();
    let providers: HashSet<&str> = ALL.iter().map(|method| method.about().provider).collect();
    assert_eq!((ids.len(), providers.len()), (ALL.len(), ALL.len()));
    for method in ALL {
        let about = method.about();
        assert!(!about.label.is_empty() && !about.description.is_empty() && !about.how.name().is_empty());
        assert!(about.fields.iter().all(|Field { name, label }| !name.is_empty() && !label.is_empty()));
        assert_eq!(about.how == How::Token, about.fields.iter().any(|field| field.name == "token"));
        assert!(about.can.contains(&Can::Refund), "an order that is cancelled must be able to give the money back");
        assert!(about.how == How::Token || about.can.contains(&Can::Void), "what waits for a shopper must end");
        assert_eq!(payments::by_id(about.id).unwrap().about(), about);
        assert_eq!(payments::by_provider(about.provider).unwrap().about(), about);
    }
    assert!(payments::by_id("cash").is_none() && payments::by_provider("nobody").is_none());
}

#[tokio::test]
async fn a_payment_that_goes_well_takes_one_call_and_one_more_for_a_shopper_who_was_sent_away() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let operation = Operation::new(*method, &sandbox, "tok_approve").await;
        let (outcome, calls) = operation.to_the_end(&sandbox, "tok_approve").await;
        captured(&outcome);
        assert_eq!(calls, if method.about().how == How::Redirect { 2 } else { 1 });
        assert_eq!((outcome.verdict(), sandbox.captures(operation.order.as_str()).await), (Verdict::Works, 1));
    }
}

#[tokio::test]
async fn what_the_shopper_has_to_do_is_said_and_nothing_is_taken_before() {
    for method in ALL.iter().filter(|method| method.about().how != How::Token) {
        let sandbox = Sandbox::new().await;
        let operation = Operation::new(*method, &sandbox, "tok_approve").await;
        let (outcome, calls) = operation.run().await;
        let Outcome::RequiresAction { payment_id, action } = &outcome else { panic!("{outcome:?}") };
        match (method.about().how, action) {
            (How::Redirect, Action::Redirect { url }) => assert!(url.contains(payment_id.as_str()), "{url}"),
            (How::Later, Action::Transfer { amount, expires_at, .. }) => {
                assert!(amount.starts_with("0.0") && *expires_at > crate::stage::now(), "{action:?}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!((calls, outcome.verdict()), (1, Verdict::Works));
        assert_eq!(sandbox.captures(operation.order.as_str()).await, 0);
        let reports = find(*method, &sandbox.link, call(""), operation.order.as_str()).await.unwrap();
        assert_eq!(reports.last().unwrap().standing, Standing::RequiresAction(action.clone()));
        // Whoever comes back without having approved it is told to; nothing is taken.
        if method.about().how == How::Redirect {
            let early = Operation { approved: Some(payment_id.clone()), calls_made: calls, ..operation.clone() };
            let (outcome, _) = early.run().await;
            assert!(matches!(outcome, Outcome::Undecided { .. }), "{outcome:?}");
            assert_eq!(sandbox.captures(operation.order.as_str()).await, 0);
        }
    }
}

#[tokio::test]
async fn a_declined_payment_is_not_tried_again_and_takes_nothing() {
    for method in ALL.iter().filter(|method| method.about().how != How::Later) {
        let sandbox = Sandbox::new().await;
        for (token, code) in [("tok_decline", "card_declined"), ("tok_insufficient_funds", "insufficient_funds")] {
            for (first, then) in [(token, "tok_approve"), ("tok_approve", token)] {
                if method.about().how == How::Token && first != token {
                    continue;
                }
                let order = order(&format!("{} {first} {then}", method.about().id));
                sandbox.set_mood(&order, "make", first).await;
                let operation = Operation::of(*method, &sandbox.link, order, first);
                let (outcome, calls) = operation.to_the_end(&sandbox, then).await;
                assert_eq!(outcome, Outcome::Declined { code: code.to_owned() });
                assert!(calls <= 2 && outcome.verdict() == Verdict::Silent);
                assert_eq!(sandbox.captures(operation.order.as_str()).await, 0);
            }
        }
    }
}

// Proves: S4-A2c
#[tokio::test]
async fn a_provider_that_fails_at_first_is_called_again_until_the_calls_are_used_up() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let most = calls_most(*method);
        for failures in 1..most {
            let token = format!("tok_fail_{failures}");
            let (outcome, calls) = Operation::new(*method, &sandbox, &token).await.run().await;
            known(&outcome);
            assert_eq!(calls, failures + 1);
        }
        let (outcome, calls) = Operation::new(*method, &sandbox, "tok_fail_9").await.run().await;
        assert!(matches!(outcome, Outcome::Failed { transient: true, .. }), "{outcome:?}");
        assert!(calls == most && outcome.verdict() == Verdict::Fails);
    }
}

// Proves: S4-A2c
#[tokio::test]
async fn four_calls_are_all_there_ever_are() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let spent = Operation { calls_made: CALLS_MOST, ..Operation::new(*method, &sandbox, "tok_approve").await };
        let (outcome, calls) = spent.run().await;
        assert!(matches!(outcome, Outcome::Undecided { .. }) && calls == CALLS_MOST, "{outcome:?}");
        let made = calls_most(*method) - 1;
        let last = Operation { calls_made: made, ..Operation::new(*method, &sandbox, "tok_fail_2").await };
        let (outcome, calls) = last.run().await;
        assert!(matches!(outcome, Outcome::Undecided { .. }) && calls == made + 1, "{outcome:?}");
        // What was approved is taken with the calls that are left: three here, of which two fail.
        if method.about().how == How::Redirect {
            let (outcome, calls) =
                Operation::new(*method, &sandbox, "tok_slow_1").await.to_the_end(&sandbox, "tok_fail_2").await;
            captured(&outcome);
            assert_eq!(calls, CALLS_MOST);
        }
    }
}

// Proves: S4-A2e
#[tokio::test]
async fn a_provider_that_never_answers_leaves_it_undecided_within_the_budget() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let began = Instant::now();
        let hasty = Duration::from_millis(600);
        let patient = Operation { within: hasty, ..Operation::new(*method, &sandbox, "tok_hang").await };
        let (outcome, calls) = patient.run().await;
        assert!(matches!(&outcome, Outcome::Undecided { cause } if cause.contains("no answer within")), "{outcome:?}");
        assert!(calls == 1 && outcome.verdict() == Verdict::Fails);
        assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
        assert_eq!(sandbox.captures(patient.order.as_str()).await, 0);
    }
}

// Proves: S3-07
#[tokio::test]
async fn a_lost_answer_makes_one_payment_and_charges_once() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let operation = Operation::new(*method, &sandbox, "tok_lost_answer").await;
        let (outcome, calls) = operation.to_the_end(&sandbox, "tok_lost_answer").await;
        captured(&outcome);
        assert_eq!(calls, if method.about().how == How::Redirect { 4 } else { 2 });
        assert_eq!(sandbox.captures(operation.order.as_str()).await, 1);
        let reports = find(*method, &sandbox.link, call(""), operation.order.as_str()).await.unwrap();
        assert_eq!(reports.len(), 1, "one payment however often it was asked for");
    }
}

// Proves: S3-07, S3-06
#[tokio::test]
async fn a_slow_answer_is_asked_for_later_and_makes_one_payment() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let slow = Operation::new(*method, &sandbox, "tok_slow_2000").await;
        let hasty = Operation { within: Duration::from_millis(500), ..slow };
        let (outcome, calls) = hasty.run().await;
        assert!(matches!(outcome, Outcome::Undecided { .. }), "{outcome:?}");
        let again = Operation { calls_made: calls, within: Duration::from_millis(4000), ..hasty.clone() };
        let (outcome, calls) = again.run().await;
        known(&outcome);
        assert_eq!(calls, 2);
        let reports = find(*method, &sandbox.link, call(""), hasty.order.as_str()).await.unwrap();
        assert_eq!(reports.len(), 1);
    }
}

// Proves: S3-06
#[tokio::test]
async fn twenty_operations_at_once_for_one_order_make_one_payment() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let operation = Operation::new(*method, &sandbox, "tok_approve").await;
        let outcomes = futures::future::join_all((0..20).map(|_| operation.run())).await;
        assert!(outcomes.iter().all(|(outcome, _)| known(outcome) == known(&outcomes[0].0)));
        let (outcome, _) = operation.to_the_end(&sandbox, "tok_approve").await;
        let id = captured(&outcome);
        let taken = Operation { approved: Some(id.to_owned()), calls_made: 1, ..operation.clone() };
        if method.about().how == How::Redirect {
            let outcomes = futures::future::join_all((0..20).map(|_| taken.run())).await;
            assert!(outcomes.iter().all(|(outcome, _)| captured(outcome) == id));
        }
        assert_eq!(sandbox.captures(operation.order.as_str()).await, 1);
    }
}

#[tokio::test]
async fn the_books_tell_what_became_of_a_payment() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let never = order("never heard of");
        assert_eq!(find(*method, &sandbox.link, call(""), never.as_str()).await.unwrap(), []);
        let (id, operation) = paid(*method, &sandbox).await;
        let reports = find(*method, &sandbox.link, call(""), operation.order.as_str()).await.unwrap();
        assert_eq!(reports.len(), 1);
        assert_eq!((reports[0].payment_id.as_str(), &reports[0].standing), (id.as_str(), &Standing::Captured));
        assert_eq!((reports[0].amount, reports[0].refunded, reports[0].attempt), (PRICE, Amount::ZERO, Some(1)));
    }
}

#[tokio::test]
async fn a_refund_goes_back_once_and_never_more_than_was_taken() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let (id, _) = paid(*method, &sandbox).await;
        let part = Money::new(999, Currency::USD);
        for _ in 0..2 {
            let report = refund(*method, &sandbox.link, call("refund-1"), &id, part, Amount::ZERO).await.unwrap();
            assert_eq!((report.refunded, report.standing), (Amount::minor(999), Standing::Captured));
        }
        let rest = Money::new(1000, Currency::USD);
        let report = refund(*method, &sandbox.link, call("refund-2"), &id, rest, Amount::minor(999)).await.unwrap();
        assert_eq!((report.refunded, report.standing), (PRICE.amount, Standing::Refunded));
        let fault = refund(*method, &sandbox.link, call("refund-3"), &id, part, PRICE.amount).await.unwrap_err();
        assert_eq!((fault.kind, fault.code), (Kind::Unprocessable, "provider_refused"));
    }
}

#[tokio::test]
async fn a_promise_is_taken_later_or_given_back_and_what_was_given_back_is_never_taken() {
    let token = payments::Token::parse("tok_approve").unwrap();
    for method in ALL.iter().filter(|method| method.about().can.contains(&Can::Void)) {
        let how = method.about().how;
        let sandbox = Sandbox::new().await;
        let promise = async |name: &str| {
            let order = order(name);
            let charge = charge(&order, Some(&token).filter(|_| how == How::Token), None);
            let report = method.authorise(&sandbox.link, call(&charge.key()), &charge, false).await.unwrap();
            let waits = matches!(report.standing, Standing::RequiresAction(_) | Standing::Authorized);
            assert!(waits, "{:?}", report.standing);
            (report.payment_id, report.standing)
        };
        let (given_back, standing) = promise("given back").await;
        for key in ["void 1", "void 2"] {
            let report = void(*method, &sandbox.link, call(key), &given_back).await.unwrap();
            assert_eq!(report.standing, Standing::Voided);
        }
        if let Standing::RequiresAction(action) = &standing
            && how == How::Redirect
        {
            sandbox.obey(action, "tok_approve").await;
        }
        if method.about().can.contains(&Can::Capture) {
            assert!(method.capture(&sandbox.link, call("too late"), &given_back, PRICE).await.is_err());
            assert_eq!(sandbox.captures(order("given back").as_str()).await, 0);
            if how == How::Token {
                let (taken, _) = promise("taken").await;
                let report = method.capture(&sandbox.link, call("capture"), &taken, PRICE).await.unwrap();
                assert_eq!(report.standing, Standing::Captured);
            }
        } else {
            assert!(method.capture(&sandbox.link, call("never"), &given_back, PRICE).await.is_err());
        }
        let (id, _) = paid(*method, &sandbox).await;
        let fault = void(*method, &sandbox.link, call("void 3"), &id).await.unwrap_err();
        assert_eq!(fault.code, "provider_refused", "what was taken is refunded, not given back");
    }
}

/// Money that comes after the quote ran out is there all the same; what is too little is no payment.
#[tokio::test]
async fn what_is_sent_too_late_is_told_of_and_what_is_too_little_is_not_taken() {
    for method in ALL.iter().filter(|method| method.about().how == How::Later) {
        let sandbox = Sandbox::new().await;
        let operation = Operation::new(*method, &sandbox, "tok_approve").await;
        let (outcome, _) = operation.run().await;
        let Outcome::RequiresAction { payment_id, action: Action::Transfer { address, .. } } = outcome else {
            panic!("{outcome:?}")
        };
        let page = format!("{}/crypto/address/{address}", sandbox.base);
        let standing = async || {
            let reports = find(*method, &sandbox.link, call(""), operation.order.as_str()).await.unwrap();
            reports.last().unwrap().standing.clone()
        };
        crate::stage::ask(outbound::Method::POST, &page, "how=little").await;
        assert!(matches!(standing().await, Standing::RequiresAction(_)));
        assert_eq!(sandbox.captures(operation.order.as_str()).await, 0);
        void(*method, &sandbox.link, call("expired"), &payment_id).await.unwrap();
        assert_eq!(standing().await, Standing::Voided);
        crate::stage::ask(outbound::Method::POST, &page, "how=exact").await;
        assert_eq!(standing().await, Standing::Captured);
        let report = refund(*method, &sandbox.link, call("back"), &payment_id, PRICE, Amount::ZERO).await.unwrap();
        assert_eq!(report.standing, Standing::Refunded);
    }
}
