//! Troubles that a test asks for.

/// One call as the listener sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// The access key that signed it.
    pub caller: &'a str,
    /// The service as IAM names it: `dynamodb`, `sqs`, `kms` …
    pub service: &'a str,
    /// The operation: `UpdateItem`.
    pub action: &'a str,
    /// The table, queue, key, secret or bucket, by name; empty where there is none.
    pub resource: &'a str,
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The connection breaks before anything is done.
    Before,
    /// The work is done, and the connection breaks before the answer.
    After,
    /// The work is not done and no answer comes.
    Hang,
    /// Refused for now: too many calls.
    Throttle,
    /// Refused for now: another writer is at it.
    Conflict,
    /// The service's own mistake: status 500, nothing is done.
    ServerError,
    /// The work is done, and the answer comes, that many milliseconds late.
    Slow(u64),
    /// The work is done at once, and the answer comes that many milliseconds late.
    Late(u64),
    /// The environment that calls dies before anything is done.
    CrashBefore,
    /// The environment that calls dies when the work is done, before the answer.
    CrashAfter,
}

/// Decides for each call whether something goes wrong with it. Closures are faults.
pub trait Faults: Send + Sync {
    /// What goes wrong with `call`, if anything.
    fn trouble(&self, call: &Call<'_>) -> Option<Trouble>;

    /// What goes wrong with `call` for what stands in its `body`: which items it is about. Asked when nothing else goes wrong.
    fn limit(&self, _call: &Call<'_>, _body: &[u8]) -> Option<Trouble> {
        None
    }

    /// `call` of DynamoDB was done, and cost so many halves of write units.
    fn cost(&self, _call: &Call<'_>, _body: &[u8], _write_half_units: u64) {}

    /// The environment of `caller` dies now: whoever runs it drops what it does, with its memory. Its call is never
    /// answered.
    fn crashed(&self, _caller: &str) {}
}

impl<F> Faults for F
where
    F: Fn(&Call<'_>) -> Option<Trouble> + Send + Sync,
{
    fn trouble(&self, call: &Call<'_>) -> Option<Trouble> {
        self(call)
    }
}
