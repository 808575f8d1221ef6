//! What every method must do, whatever its provider. A method that is added to the list is held to it at once.

use crate::stage::{Operation, Sandbox, call, order};
use kernel::{Amount, Currency, Kind, Money};
use payments::providers::{ALL, Can, Field};
use payments::{CALLS_MOST, Method, Outcome, Standing, find, refund, void};
use std::collections::HashSet;
use std::time::{Duration, Instant};

const PRICE: Money = Money { amount: Amount::minor(1999), currency: Currency::USD };

fn operation<'a>(method: &'a dyn Method, sandbox: &'a Sandbox, token: &'a str) -> Operation<'a> {
    let order = order(&format!("{} {token}", method.about().id));
    Operation {
        method,
        link: &sandbox.link,
        order,
        token,
        amount: PRICE,
        calls_made: 0,
        within: Duration::from_millis(4000),
    }
}

fn captured(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Captured { payment_id, amount: PRICE, card: Some(_) } => payment_id,
        other => panic!("{other:?}"),
    }
}

// Proves: S4-M2
#[test]
fn methods_are_data_with_names_of_their_own() {
    let ids: HashSet<&str> = ALL.iter().map(|method| method.about().id).collect();
    assert_eq!(ids.len(), ALL.len());
    for method in ALL {
        let about = method.about();
        assert!(!about.label.is_empty() && !about.description.is_empty() && !about.how.name().is_empty());
        assert!(about.fields.iter().all(|Field { name, label }| !name.is_empty() && !label.is_empty()));
        assert!(about.can.contains(&Can::Refund), "an order that is cancelled must be able to give the money back");
        assert_eq!(payments::by_id(about.id).unwrap().about(), about);
        assert_eq!(payments::by_provider(about.provider).unwrap().about().provider, about.provider);
    }
    assert!(payments::by_id("cash").is_none() && payments::by_provider("nobody").is_none());
}

#[tokio::test]
async fn an_approved_payment_takes_one_call() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let (outcome, calls) = operation(*method, &sandbox, "tok_approve").run().await;
        captured(&outcome);
        assert!(calls == 1 && !outcome.speaks_against_provider());
    }
}

#[tokio::test]
async fn a_declined_payment_is_not_tried_again_and_takes_nothing() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        for (token, code) in [("tok_decline", "card_declined"), ("tok_insufficient_funds", "insufficient_funds")] {
            let operation = operation(*method, &sandbox, token);
            let (outcome, calls) = operation.run().await;
            assert_eq!((&outcome, calls), (&Outcome::Declined { code: code.to_owned() }, 1));
            assert!(!outcome.speaks_against_provider());
            assert_eq!(sandbox.captures(operation.order.as_str()).await, 0);
        }
    }
}

// Proves: S4-A2c
#[tokio::test]
async fn a_provider_that_fails_at_first_is_called_up_to_four_times() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        for failures in 1..CALLS_MOST {
            let token = format!("tok_fail_{failures}");
            let (outcome, calls) = operation(*method, &sandbox, &token).run().await;
            captured(&outcome);
            assert_eq!(calls, failures + 1);
        }
        let (outcome, calls) = operation(*method, &sandbox, "tok_fail_9").run().await;
        assert!(matches!(outcome, Outcome::Failed { transient: true, .. }), "{outcome:?}");
        assert!(calls == CALLS_MOST && outcome.speaks_against_provider());
    }
}

// Proves: S4-A2c
#[tokio::test]
async fn four_calls_are_all_there_ever_are() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let spent = Operation { calls_made: CALLS_MOST, ..operation(*method, &sandbox, "tok_approve") };
        let (outcome, calls) = spent.run().await;
        assert!(matches!(outcome, Outcome::Undecided { .. }) && calls == CALLS_MOST, "{outcome:?}");
        let last = Operation { calls_made: 3, ..operation(*method, &sandbox, "tok_fail_2") };
        let (outcome, calls) = last.run().await;
        assert!(matches!(outcome, Outcome::Undecided { .. }) && calls == CALLS_MOST, "{outcome:?}");
    }
}

// Proves: S4-A2e
#[tokio::test]
async fn a_provider_that_never_answers_leaves_it_undecided_within_the_budget() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let began = Instant::now();
        let patient = Operation { within: Duration::from_millis(600), ..operation(*method, &sandbox, "tok_hang") };
        let (outcome, calls) = patient.run().await;
        assert!(matches!(&outcome, Outcome::Undecided { cause } if cause.contains("no answer within")), "{outcome:?}");
        assert!(calls == 1 && outcome.speaks_against_provider());
        assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
    }
}

// Proves: S3-07
#[tokio::test]
async fn a_lost_answer_charges_once() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let operation = operation(*method, &sandbox, "tok_lost_answer");
        let (outcome, calls) = operation.run().await;
        captured(&outcome);
        assert_eq!((calls, sandbox.captures(operation.order.as_str()).await), (2, 1));
    }
}

// Proves: S3-07, S3-06
#[tokio::test]
async fn a_slow_answer_is_asked_for_later_and_charges_once() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let hasty = Operation { within: Duration::from_millis(500), ..operation(*method, &sandbox, "tok_slow_2000") };
        let (outcome, calls) = hasty.run().await;
        assert!(matches!(outcome, Outcome::Undecided { .. }), "{outcome:?}");
        let again = Operation { calls_made: calls, ..operation(*method, &sandbox, "tok_slow_2000") };
        let (outcome, calls) = again.run().await;
        captured(&outcome);
        assert_eq!((calls, sandbox.captures(hasty.order.as_str()).await), (2, 1));
    }
}

// Proves: S3-06
#[tokio::test]
async fn twenty_operations_at_once_for_one_order_charge_once() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let operations: Vec<_> = (0..20).map(|_| operation(*method, &sandbox, "tok_approve")).collect();
        let outcomes = futures::future::join_all(operations.iter().map(Operation::run)).await;
        assert!(outcomes.iter().all(|(outcome, _)| captured(outcome) == captured(&outcomes[0].0)));
        assert_eq!(sandbox.captures(operations[0].order.as_str()).await, 1);
    }
}

#[tokio::test]
async fn the_books_tell_what_became_of_a_payment() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let never = order("never heard of");
        assert_eq!(find(*method, &sandbox.link, call(""), never.as_str()).await.unwrap(), []);
        let operation = operation(*method, &sandbox, "tok_approve");
        let (outcome, _) = operation.run().await;
        let reports = find(*method, &sandbox.link, call(""), operation.order.as_str()).await.unwrap();
        assert_eq!(reports.len(), 1);
        assert_eq!((reports[0].payment_id.as_str(), &reports[0].standing), (captured(&outcome), &Standing::Captured));
        assert_eq!((reports[0].amount, reports[0].refunded), (PRICE, Amount::ZERO));
    }
}

#[tokio::test]
async fn a_refund_goes_back_once_and_never_more_than_was_taken() {
    for method in ALL {
        let sandbox = Sandbox::new().await;
        let (outcome, _) = operation(*method, &sandbox, "tok_approve").run().await;
        let (id, part) = (captured(&outcome), Money::new(999, Currency::USD));
        for _ in 0..2 {
            let report = refund(*method, &sandbox.link, call("refund-1"), id, part, Amount::ZERO).await.unwrap();
            assert_eq!((report.refunded, report.standing), (Amount::minor(999), Standing::Captured));
        }
        let rest = Money::new(1000, Currency::USD);
        let report = refund(*method, &sandbox.link, call("refund-2"), id, rest, Amount::minor(999)).await.unwrap();
        assert_eq!((report.refunded, report.standing), (PRICE.amount, Standing::Refunded));
        let fault = refund(*method, &sandbox.link, call("refund-3"), id, part, PRICE.amount).await.unwrap_err();
        assert_eq!((fault.kind, fault.code), (Kind::Unprocessable, "provider_refused"));
    }
}

#[tokio::test]
async fn a_promise_is_taken_later_or_given_back() {
    for method in ALL.iter().filter(|method| method.about().can.contains(&Can::Capture)) {
        let sandbox = Sandbox::new().await;
        let promise = async |name: &str| {
            let (order, token) = (order(name), payments::Token::parse("tok_approve").unwrap());
            let charge =
                payments::Charge { order: &order, attempt: 1, amount: PRICE, token: &token, traceparent: None };
            let report = method.authorise(&sandbox.link, call(&charge.key()), &charge, false).await.unwrap();
            assert_eq!(report.standing, Standing::Authorized);
            report.payment_id
        };
        let taken = promise("taken").await;
        let report = method.capture(&sandbox.link, call("capture"), &taken, PRICE).await.unwrap();
        assert_eq!(report.standing, Standing::Captured);
        let fault = void(*method, &sandbox.link, call("void 1"), &taken).await.unwrap_err();
        assert_eq!(fault.code, "provider_refused");

        let given_back = promise("given back").await;
        for key in ["void 2", "void 3"] {
            let report = void(*method, &sandbox.link, call(key), &given_back).await.unwrap();
            assert_eq!(report.standing, Standing::Voided);
        }
    }
}
