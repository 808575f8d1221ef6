//! What the engine answers, and what it would cost.

use dynoxide::DynoxideError;
use dynoxide::types::ConsumedCapacity;
use serde::Serialize;
use serde_json::json;

/// An answer as it goes on the wire, with its cost.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Halves of read units.
    pub(crate) read_half_units: u64,
    /// Halves of write units.
    pub(crate) write_half_units: u64,
}

impl Answer {
    pub(crate) fn good<T: Serialize>(value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self { status: 200, body, ..Self::default() },
            Err(error) => Self::refusal(500, "InternalServerError", &error.to_string()),
        }
    }

    pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Self {
        let body = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message});
        Self { status, body: body.to_string().into_bytes(), ..Self::default() }
    }

    /// A refusal of the engine, as DynamoDB words it. A refused condition costs what looking at the item costs.
    pub(crate) fn from_error(error: &DynoxideError) -> Self {
        let write_half_units = match error {
            DynoxideError::ConditionalCheckFailedException(..) => 2,
            DynoxideError::TransactionCanceledException(_, reasons) => reasons.len() as u64 * 4,
            _ => 0,
        };
        let body = match error {
            DynoxideError::EnvelopedValidation(text) => {
                DynoxideError::ValidationException(format!("1 validation error detected: {text}")).to_json()
            }
            other => other.to_json(),
        };
        Self { status: error.status_code(), body: body.into_bytes(), write_half_units, ..Self::default() }
    }
}

/// The part of an answer that says what it cost: one table's, or several.
pub(crate) trait Bill {
    /// Halves of units in all.
    fn half_units(&self) -> u64;
    /// Leaves what the caller asked for: nothing, the total, or all of it.
    fn keep(&mut self, asked: Option<&str>);
}

impl Bill for Option<ConsumedCapacity> {
    fn half_units(&self) -> u64 {
        self.as_ref().map_or(0, half_units)
    }

    fn keep(&mut self, asked: Option<&str>) {
        match asked {
            Some("INDEXES") => {}
            Some("TOTAL") => self.iter_mut().for_each(leave_total),
            _ => *self = None,
        }
    }
}

impl Bill for Option<Vec<ConsumedCapacity>> {
    fn half_units(&self) -> u64 {
        self.iter().flatten().map(half_units).sum()
    }

    fn keep(&mut self, asked: Option<&str>) {
        match asked {
            Some("INDEXES") => {}
            Some("TOTAL") => self.iter_mut().flatten().for_each(leave_total),
            _ => *self = None,
        }
    }
}

#[expect(clippy::float_arithmetic, reason = "DynamoDB writes units as decimals; they are multiples of a half")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "units are small and not negative")]
fn half_units(capacity: &ConsumedCapacity) -> u64 {
    (capacity.capacity_units * 2.0).round().max(0.0) as u64
}

fn leave_total(capacity: &mut ConsumedCapacity) {
    capacity.table = None;
    capacity.global_secondary_indexes = None;
    capacity.local_secondary_indexes = None;
    capacity.vector_indexes = None;
}
