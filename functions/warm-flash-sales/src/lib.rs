//! Each minute: has as many environments kept warm as the sales want that are on or begin within ten minutes, and lets them go after.
//! Nothing is asked of AWS unless that has changed.

use capacity::Environments;
use flash::{Store, warm};
use kernel::{Fault, Instant};
use lambda::{Error, Function, Platform};
use telemetry::Span;

/// How many requests of its own an environment that answers from memory takes while another takes one checkout.
const FROM_MEMORY: u32 = 10;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    sales: Store,
    /// The functions of a sale, each with how many requests of its own an environment takes while another takes one checkout.
    functions: Vec<(Environments, u32)>,
    /// Environments for sales at the most.
    most: u32,
    /// What is kept warm all the time, at least and at most; none at 0.
    always: (u32, u32),
}

/// Needs the sales, and the names of the functions that sell.
///
/// # Errors
/// When a setting is missing or no number.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        sales: Store::new(platform.table("flash")?),
        functions: vec![
            (platform.environments("flash-checkout")?, 1),
            (platform.environments("list-flash-products")?, FROM_MEMORY),
            (platform.environments("join-queue")?, FROM_MEMORY),
            (platform.environments("get-queue-place")?, FROM_MEMORY),
        ],
        most: platform.setting("SALE_ENVIRONMENTS_MOST")?.parse()?,
        always: (platform.setting("WARM_ENVIRONMENTS")?.parse()?, platform.setting("WARM_ENVIRONMENTS_MOST")?.parse()?),
    };
    let clock = platform.clock();
    lambda::schedule(platform, env!("CARGO_PKG_NAME"), move |span| handle(needs.clone(), clock(), span))
}

async fn handle(needs: Needs, now: Instant, span: Span) -> Result<(), Fault> {
    let wanted = warm::wanted(&needs.sales.live().await?, needs.most, now);
    let before = needs.sales.warm().await?;
    if before.environments == wanted {
        return Ok(());
    }
    for (environments, share) in &needs.functions {
        let (always, always_most) = needs.always;
        let least = wanted.div_ceil(*share).max(always);
        environments.keep(least, if always == 0 { least } else { least.max(always_most) }).await?;
    }
    // Noted after it was asked for: whoever dies in between is followed by one who asks for the same again.
    if needs.sales.note_warm(&before, wanted).await? {
        span.info("environments are kept warm for sales", &[("environments", &wanted.to_string())]);
    }
    Ok(())
}
