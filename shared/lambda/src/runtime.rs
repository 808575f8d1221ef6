//! Runs a function on Lambda.

use crate::function::{Function, Invocation};
use crate::platform::{Error, Gauge, Platform, system_time};
use kernel::Instant;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::io::Write;

/// Starts the environment, makes the function and serves invocations until Lambda ends the process.
///
/// # Errors
/// When the platform or the function cannot be made: Lambda reports an init error, rather than a service that is
/// half there.
pub fn run<F>(function: F) -> Result<(), Error>
where
    F: AsyncFnOnce(&Platform) -> Result<Function, Error>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let function = start(function).await.inspect_err(|error| unstarted::<F>(error))?;
        lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| serve(&function, event))).await
    })
}

async fn start<F>(function: F) -> Result<Function, Error>
where
    F: AsyncFnOnce(&Platform) -> Result<Function, Error>,
{
    let platform = Platform::from_environment()?;
    let noting = platform.clone();
    // Panics are caught and told as a line like any other: the default words on standard error are no JSON.
    std::panic::set_hook(Box::new(move |panic| {
        noting.note_panic(panic.location().map(ToString::to_string).unwrap_or_default());
    }));
    function(&platform).await
}

/// The one line of an environment that does not start.
fn unstarted<F>(error: &Error) {
    // `place_order::function` is of `place-order`.
    let operation = std::any::type_name::<F>().split("::").next().unwrap_or_default().replace('_', "-");
    let line = json!({
        "timestamp": system_time().to_string(),
        "level": "ERROR",
        "message": "the function does not start",
        "operation": operation,
        "cold_start": true,
        "cause": error.to_string(),
    });
    // A closed standard output leaves the init error that Lambda is told.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

async fn serve(function: &Function, event: LambdaEvent<Box<RawValue>>) -> Result<Box<RawValue>, Error> {
    let (payload, context) = event.into_parts();
    let deadline = Instant::from_millis(i64::try_from(context.deadline).unwrap_or(i64::MAX));
    let text: String = Box::<str>::from(payload).into();
    let answer = function.invoke(text.into_bytes(), Invocation { request_id: context.request_id, deadline }).await?;
    Ok(RawValue::from_string(String::from_utf8(answer)?)?)
}

/// Reads from the kernel's books how much of the memory that Lambda gives was ever used; `None` where nothing says how
/// much that is.
pub(crate) fn memory_gauge(environment: &HashMap<String, String>) -> Option<Gauge> {
    let mebibytes: u64 = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?.parse().ok().filter(|size| *size > 0)?;
    Some(Box::new(move || used_pct(&std::fs::read_to_string("/proc/self/status").ok()?, mebibytes)))
}

/// The most that was ever resident, in percent of so many mebibytes, rounded up.
fn used_pct(status: &str, mebibytes: u64) -> Option<i64> {
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = most.split_whitespace().next()?.parse().ok()?;
    i64::try_from((kibibytes * 100).div_ceil(mebibytes * 1024)).ok()
}

#[cfg(test)]
mod tests {
    use super::{memory_gauge, used_pct};
    use std::collections::HashMap;

    // Proves: S1-M05
    #[test]
    fn the_peak_of_memory_is_told_in_percent_of_what_lambda_gives() {
        let status = "Name:\tbootstrap\nVmPeak:\t  999999 kB\nVmHWM:\t   26215 kB\nVmRSS:\t   20000 kB\n";
        assert_eq!(used_pct(status, 256), Some(11));
        assert_eq!(used_pct(status, 128), Some(21));
        assert_eq!(used_pct("Name:\tbootstrap\n", 128), None);
    }

    #[test]
    fn where_nobody_says_how_much_memory_there_is_no_percentage_is_told() {
        assert!(memory_gauge(&HashMap::new()).is_none());
        let given = HashMap::from([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(), "100000".to_owned())]);
        assert!(memory_gauge(&given).is_some_and(|gauge| gauge().is_some_and(|percent| percent > 0)));
    }
}
