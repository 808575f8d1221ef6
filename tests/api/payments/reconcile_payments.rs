//! What `reconcile-payments` measures of the providers, each minute.

use ::payments::breaker::REST;
use ::payments::{Admission, Breakers, Verdict};
use api::Inside;
use kernel::{OrderId, id};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_left_alone_is_measured_until_it_is_tried_again() {
    let inside = Inside::new();
    let platform = inside.platform("reconcile", "reconcile-payments");
    let reconcile = ::reconcile_payments::function(&platform).await.unwrap();
    let measured = async || {
        inside.tick(&reconcile).await.unwrap();
        inside.said().iter().filter_map(|line| line["providers_resting"].as_i64()).collect::<Vec<_>>()
    };
    assert_eq!(measured().await, [0]);

    let breakers = Breakers::new(platform.table("control").unwrap());
    for number in ["1", "2", "3"] {
        let order = OrderId::parse(&id::derived(&[number])).unwrap();
        let Admission::Go(pass) = breakers.admit("sandbox", &order, inside.now()).await.unwrap() else {
            panic!("it waits")
        };
        breakers.report(&pass, Verdict::Fails, inside.now()).await.unwrap();
    }
    inside.advance(Duration::from_secs(1));
    assert_eq!(measured().await, [1]);
    inside.advance(REST);
    assert_eq!(measured().await, [1], "nobody has seen it work since");
    inside.advance(Duration::from_secs(150));
    assert_eq!(measured().await, [0], "nobody has tried it for long");
}
