//! The state of an order is the fold of its events, after any history that the verbs allow.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why by panicking")]

use kernel::{Amount, Currency, Instant, OrderId, Principal, ProductId, Region, Role, Sku};
use orders::cancel::cancel;
use orders::fulfil::{Step, fulfil};
use orders::measure::{Measures, measures};
use orders::publish::{Notice, notices};
use orders::{Answer, Line, Masks, Order, PaymentState, Placed, State, Totals, Units, What};
use proptest::prelude::*;

fn line(sku: &str, quantity: u32) -> Line {
    Line {
        sku: Sku::parse(sku).unwrap(),
        product: ProductId::parse("tea").unwrap(),
        name: "Tea".to_owned(),
        variant: String::new(),
        image: String::new(),
        quantity,
        unit: Amount::minor(500),
        discount: Amount::ZERO,
        tax: Amount::ZERO,
        cell: 0,
    }
}

fn order() -> Order {
    let total = Amount::minor(2_500);
    let placed: Placed = Placed {
        id: OrderId::parse("01jgtq9d3v8x4n6m2k7h5r0p1s").unwrap(),
        owner: "guest:1".to_owned(),
        placed_at: Instant::from_millis(1_000),
        home: Region::parse("eu-central-1").unwrap(),
        currency: Currency::USD,
        country: "DE".to_owned(),
        shipping_method: "standard".to_owned(),
        lines: vec![line("A", 2), line("B", 3)],
        totals: Totals { subtotal: total, discount: Amount::ZERO, shipping: Amount::ZERO, tax: Amount::ZERO, total },
        promotions: Vec::new(),
        in_sale: None,
        masks: Masks { email: "a***@e***.com".to_owned(), name: String::new(), city: String::new() },
        contact: serde_json::from_str("\"\"").unwrap(),
        contact_key: serde_json::from_str("\"\"").unwrap(),
    };
    let answer = Answer { key: String::new(), fingerprint: "f".to_owned(), status: None, version: 0, told: None };
    Order::new(placed, "guest:1", answer)
}

/// One thing that somebody may try.
#[derive(Debug, Clone)]
enum Try {
    Pay,
    Undecided,
    Settle,
    DeclinePayment,
    Decline,
    Expire,
    Cancel(Role),
    Pack(Vec<(usize, u32)>),
    Ship(Option<u32>),
    Deliver(Option<u32>),
    Refunded,
}

fn tries() -> impl Strategy<Value = Try> {
    prop_oneof![
        3 => Just(Try::Pay),
        1 => Just(Try::Undecided),
        4 => Just(Try::Settle),
        1 => Just(Try::DeclinePayment),
        1 => Just(Try::Decline),
        1 => Just(Try::Expire),
        1 => prop::sample::select(vec![Role::Customer, Role::Support, Role::Warehouse]).prop_map(Try::Cancel),
        4 => prop::collection::vec((0_usize..2, 0_u32..4), 0..3).prop_map(Try::Pack),
        4 => prop::option::of(0_u32..4).prop_map(Try::Ship),
        4 => prop::option::of(0_u32..4).prop_map(Try::Deliver),
        2 => Just(Try::Refunded),
    ]
}

/// Does what is tried, where the state of the order allows it.
fn attempt(order: &mut Order, what: Try, now: Instant) {
    let warehouse = Principal::Staff { id: "w".to_owned(), role: Role::Warehouse };
    let open = order.payment.as_ref().is_some_and(orders::Payment::is_open);
    let pending = order.state == State::PendingPayment;
    match what {
        Try::Pay if pending && !open => {
            let attempt = order.payment.as_ref().map_or(1, |payment| payment.attempt + 1);
            order.happen(now, "guest:1", What::PaymentStarted { method: "card".to_owned(), attempt });
        }
        Try::Undecided if open => order.happen(now, "system", What::PaymentUndecided),
        Try::Settle if order.payment.as_ref().is_some_and(|payment| payment.id.is_none()) => {
            order.happen(now, "system", What::Paid { payment: "pay_1".to_owned(), card: None });
            if order.state.is_over() {
                orders::cancel::refund_rest(order, "system", now);
            }
        }
        Try::DeclinePayment if open && pending => order.happen(now, "system", What::PaymentDeclined),
        Try::Decline if open && pending => order.happen(now, "system", What::Declined),
        Try::Expire if pending => order.happen(now, "system", What::Expired),
        Try::Cancel(role) => {
            let by = Principal::Staff { id: "s".to_owned(), role };
            let before = order.clone();
            if cancel(order, "no", &by, now).is_err() {
                assert_eq!(*order, before, "a refused step changes nothing");
            }
        }
        Try::Pack(units) => {
            let skus = ["A", "B"].map(|sku| Sku::parse(sku).unwrap());
            let units = units.into_iter().map(|(at, quantity)| Units { sku: skus[at].clone(), quantity }).collect();
            drop(fulfil(order, Step::Pack(units), &warehouse, now));
        }
        Try::Ship(parcel) => {
            let step = Step::Ship { parcel, carrier: "DHL".to_owned(), tracking: "1".to_owned() };
            drop(fulfil(order, step, &warehouse, now));
        }
        Try::Deliver(parcel) => drop(fulfil(order, Step::Deliver { parcel }, &warehouse, now)),
        Try::Refunded => {
            let open = order.payment.as_ref().and_then(|payment| payment.refunds.iter().find(|known| !known.done));
            if let Some(refund) = open.map(|known| known.refund) {
                order.happen(now, "system", What::Refunded { refund });
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    // Proves: S3-21
    #[test]
    fn the_state_is_the_fold_of_the_events_at_every_version(history in prop::collection::vec(tries(), 0..40)) {
        let mut order = order();
        let mut versions = vec![order.clone()];
        for (at, what) in history.into_iter().enumerate() {
            attempt(&mut order, what, Instant::from_millis(2_000 + i64::try_from(at).unwrap()));
            versions.push(order.clone());
        }
        for known in versions {
            let folded = order.at_version(known.version);
            prop_assert_eq!(folded.state, known.state);
            prop_assert_eq!(folded.payment, known.payment);
            prop_assert_eq!(folded.events, known.events);
            prop_assert_eq!(folded.version, known.version);
        }
    }

    #[test]
    fn money_that_goes_back_was_taken_and_never_more_than_was(history in prop::collection::vec(tries(), 0..40)) {
        let mut order = order();
        for what in history {
            attempt(&mut order, what, Instant::from_millis(2_000));
        }
        if let Some(payment) = &order.payment {
            prop_assert!(payment.refunded() <= order.placed.totals.total);
            prop_assert!(payment.refunds.is_empty() || payment.id.is_some());
            prop_assert!(payment.state != PaymentState::Refunded || payment.refunded() == order.placed.totals.total);
        }
        let taken = order.payment.as_ref().is_some_and(|payment| payment.id.is_some());
        let asked = order.payment.as_ref().is_some_and(|payment| !payment.refunds.is_empty());
        prop_assert!(!(order.state.is_over() && taken) || asked, "whoever paid for an order that is over gets it back");
        prop_assert!(!order.state.is_sold() || taken, "nothing is sold unpaid");
    }

    // Proves: S3-02
    #[test]
    fn the_notices_of_a_history_are_the_same_however_it_is_cut_into_batches(
        history in prop::collection::vec(tries(), 0..30),
        cuts in prop::collection::vec(any::<bool>(), 30),
    ) {
        let mut order = order();
        let mut told = notices(None, &order);
        let mut last = order.clone();
        for (what, cut) in history.into_iter().zip(cuts) {
            attempt(&mut order, what, Instant::from_millis(2_000));
            if cut && last.version != order.version {
                told.extend(notices(Some(&last), &order));
                last = order.clone();
            }
        }
        if last.version != order.version {
            told.extend(notices(Some(&last), &order));
        }
        let at_once = notices(None, &order);
        let count = |list: &[Notice], wanted: &Notice| list.iter().filter(|notice| *notice == wanted).count();
        for what_happens_to_stock in [Notice::Commit, Notice::Release, Notice::Restock] {
            prop_assert_eq!(count(&told, &what_happens_to_stock), count(&at_once, &what_happens_to_stock));
            prop_assert!(count(&told, &what_happens_to_stock) <= 1);
        }
    }
}

#[test]
fn an_order_is_packed_shipped_and_delivered_in_parts() {
    let warehouse = Principal::Staff { id: "w".to_owned(), role: Role::Warehouse };
    let now = Instant::from_millis(5_000);
    let mut order = order();
    order.happen(now, "guest:1", What::PaymentStarted { method: "card".to_owned(), attempt: 1 });
    order.happen(now, "system", What::Paid { payment: "pay_1".to_owned(), card: None });

    let some = vec![Units { sku: Sku::parse("A").unwrap(), quantity: 1 }];
    fulfil(&mut order, Step::Pack(some), &warehouse, now).unwrap();
    assert_eq!(order.state, State::Paid, "only part of it is packed");
    let ship = |tracking: &str| Step::Ship { parcel: None, carrier: "DHL".to_owned(), tracking: tracking.to_owned() };
    fulfil(&mut order, ship("1"), &warehouse, now).unwrap();
    assert_eq!(order.state, State::Paid);

    let too_many = vec![Units { sku: Sku::parse("A").unwrap(), quantity: 2 }];
    assert_eq!(fulfil(&mut order, Step::Pack(too_many), &warehouse, now).unwrap_err().code, "not_left_to_pack");
    fulfil(&mut order, Step::Pack(Vec::new()), &warehouse, now).unwrap();
    assert_eq!(order.state, State::Packed);
    fulfil(&mut order, ship("2"), &warehouse, now).unwrap();
    assert_eq!(order.state, State::Shipped);
    fulfil(&mut order, Step::Deliver { parcel: Some(1) }, &warehouse, now).unwrap();
    assert_eq!(order.state, State::Shipped);
    fulfil(&mut order, Step::Deliver { parcel: None }, &warehouse, now).unwrap();
    assert_eq!(order.state, State::Delivered);
    assert_eq!(order.fulfilled(&Sku::parse("B").unwrap()), (3, 3, 3));
}

#[test]
fn an_event_stays_under_200_bytes() {
    let mut order = order();
    let now = Instant::from_millis(1_795_228_799_999);
    order.happen(
        now,
        "customer:01jgtq9d3v8x4n6m2k7h5r0p1s",
        What::PaymentStarted { method: "card".to_owned(), attempt: 1 },
    );
    order.happen(now, "system", What::Paid { payment: "pay_01jgtq9d3v8x4n6m2k7h5r0p1s".to_owned(), card: None });
    order.happen(now, "staff:warehouse:01jgtq9d3v8x4n6m2k7h5r0p1s", What::Delivered { parcel: 1 });
    for event in &order.events {
        assert!(serde_json::to_vec(event).unwrap().len() <= 200);
    }
}

/// One order at each of its versions.
fn versions(order: &Order) -> Vec<Order> {
    (1..=order.events.len()).map(|count| Order { events: order.events[..count].to_vec(), ..order.clone() }).collect()
}

fn happened(whats: Vec<What>) -> Order {
    let mut order = order();
    order.events.extend(whats.into_iter().map(|what| orders::Event {
        at: Instant::from_millis(2_000),
        by: "guest:1".to_owned(),
        what,
    }));
    order
}

// Proves: S3-12
#[test]
fn a_scripted_day_of_orders_measures_what_was_worked_out_by_hand() {
    let paid = || What::Paid { payment: "pay_1".to_owned(), card: None };
    let bought = happened(vec![What::Held, What::PaymentDeclined, paid()]);
    let sent_back = happened(vec![
        paid(),
        What::RefundRequested { refund: 1, amount: Amount::minor(700) },
        What::Refunded { refund: 1 },
    ]);
    let sold_out = happened(vec![What::Cancelled { reason: "out_of_stock".to_owned() }]);
    let called_off = happened(vec![What::Held, What::Cancelled { reason: "changed my mind".to_owned() }]);
    let declined = happened(vec![What::Declined]);
    let day = [&bought, &sent_back, &sold_out, &called_off, &declined];
    let whole = day.iter().map(|order| measures(None, order)).fold(Measures::default(), Measures::and);
    let by_hand = Measures {
        orders: 5,
        out_of_stock: 1,
        payments_approved: 2,
        payments_declined: 2,
        revenue: 5_000,
        refunded: 700,
        units_sold: 10,
    };
    assert_eq!(whole, by_hand);

    // However the stream cuts the history of an order, the parts are the whole.
    for order in day {
        let versions = versions(order);
        let first = measures(None, &versions[0]);
        let parts = versions.windows(2).map(|pair| measures(Some(&pair[0]), &pair[1])).fold(first, Measures::and);
        assert_eq!(parts, measures(None, order));
    }
}
