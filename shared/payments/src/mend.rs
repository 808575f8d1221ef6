//! Asking about, voiding and refunding what was paid. Each is one call, safe to repeat: a queue or a schedule stands behind
//! it and comes again.

use crate::link::{Call, Link};
use crate::providers::{Failure, Method};
use crate::report::{Report, Standing};
use kernel::{Amount, Fault, Kind, Money};

/// What the provider's books say about a reference: every payment under it, in the order they were made. Empty when it
/// never heard of it.
///
/// # Errors
/// Unavailable when the provider does not answer; a bug when it does not understand us.
pub async fn find(method: &dyn Method, link: &Link, call: Call<'_>, reference: &str) -> Result<Vec<Report>, Fault> {
    let reports = method.read(link, call, reference).await?;
    if let Some(other) = reports.iter().find(|report| report.reference != reference) {
        return Err(garbled(format!("asked for {reference}, told of {}", other.reference)));
    }
    Ok(reports)
}

/// Gives a promise back. What is void already, or was declined, stays so.
///
/// # Errors
/// Unavailable when the provider does not answer; unprocessable when it cannot be given back any more.
pub async fn void(method: &dyn Method, link: &Link, call: Call<'_>, payment_id: &str) -> Result<Report, Fault> {
    let report = ours(method.void(link, call, payment_id).await?, payment_id)?;
    match report.standing {
        Standing::Voided | Standing::Declined { .. } => Ok(report),
        standing => Err(garbled(format!("asked to void, it says {standing:?}"))),
    }
}

/// Sends `amount` back, of which `before` went back in earlier refunds. A repeat under the same key sends it once.
///
/// # Errors
/// Unavailable when the provider does not answer; unprocessable when it refuses, as when more would go back than was taken.
pub async fn refund(
    method: &dyn Method,
    link: &Link,
    call: Call<'_>,
    payment_id: &str,
    amount: Money,
    before: Amount,
) -> Result<Report, Fault> {
    let report = ours(method.refund(link, call, payment_id, amount).await?, payment_id)?;
    let expected = amount.in_currency(report.amount.currency).map(|part| part + before);
    match expected {
        Some(sum) if report.refunded >= sum => Ok(report),
        _ => Err(garbled(format!(
            "{:?} of {:?} went back, asked for {amount:?} more than {before:?}",
            report.refunded, report.amount
        ))),
    }
}

fn ours(report: Report, payment_id: &str) -> Result<Report, Fault> {
    if report.payment_id == payment_id {
        return Ok(report);
    }
    Err(garbled(format!("asked about {payment_id}, told of {}", report.payment_id)))
}

fn garbled(cause: String) -> Fault {
    Failure::Garbled(cause).into()
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        let cause = failure.to_string();
        match failure {
            Failure::NotSent(_) | Failure::Busy(_) | Failure::Unanswered(_) | Failure::Garbled(_) => {
                Self::unavailable(cause)
            }
            Failure::Refused { .. } => {
                Self::new(Kind::Unprocessable, "provider_refused", "The payment provider refuses this.").because(cause)
            }
            Failure::Misled(_) | Failure::NotAsked(_) => Self::bug(cause),
        }
    }
}
