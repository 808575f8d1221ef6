//! The passing of time to a function.

use super::{Shared, events};
use crate::definition::{Function, Schedule};
use std::sync::Arc;

/// Retries of one event at the most; what comes after the next event is not worth a try.
const RETRIES: u32 = 2;

pub(super) async fn run(shared: Arc<Shared>, function: Function, schedule: Schedule) {
    let clock = shared.services.clock.clone();
    let mut due = clock.now().plus(schedule.every);
    loop {
        tokio::select! {
            () = clock.sleep_until(due) => {}
            () = shared.ended() => return,
        }
        let event =
            events::scheduled(&schedule, due, &shared.services.definition.region, &shared.services.random).to_string();
        for _ in 0..=RETRIES {
            if shared.invoke(&function.operation, event.clone().into_bytes()).await.is_ok() {
                break;
            }
        }
        // A clock that was moved far ahead makes up for nothing: schedules do not queue.
        due = due.plus(schedule.every).max(clock.now());
    }
}
