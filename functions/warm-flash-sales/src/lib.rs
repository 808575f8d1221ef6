//! Each minute: has as many environments kept warm as the sales want that begin within ten minutes or began within the last thirty, and
//! lets them go after. While something is wanted it is asked for again every five minutes; otherwise only what has changed.

use capacity::Environments;
use flash::warm::{self, Wanted};
use flash::{Store, Warm};
use kernel::{Fault, Instant};
use lambda::{Error, Function, Platform};
use telemetry::Span;

/// How many requests a second an environment answers that another takes one checkout in: from memory, and of those who wait in a line.
const FROM_MEMORY: u32 = 10;
const IN_LINE: u32 = 2;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    sales: Store,
    checkout: Environments,
    listing: Environments,
    line: [Environments; 2],
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
        checkout: platform.environments("flash-checkout")?,
        listing: platform.environments("list-flash-products")?,
        line: [platform.environments("join-queue")?, platform.environments("get-queue-place")?],
        most: platform.setting("SALE_ENVIRONMENTS_MOST")?.parse()?,
        always: (platform.setting("WARM_ENVIRONMENTS")?.parse()?, platform.setting("WARM_ENVIRONMENTS_MOST")?.parse()?),
    };
    let clock = platform.clock();
    lambda::schedule(platform, env!("CARGO_PKG_NAME"), move |span| handle(needs.clone(), clock(), span))
}

async fn handle(needs: Needs, now: Instant, span: Span) -> Result<(), Fault> {
    let wanted = warm::wanted(&needs.sales.live().await?, needs.most, now);
    let before = needs.sales.warm().await?;
    if before.is_enough(wanted, now) {
        return Ok(());
    }
    // Noted before it is asked for: whoever dies from here on is followed by one who asks again, whatever is wanted then.
    let asked = before.asks(wanted, now);
    if !needs.sales.save_warm(&asked).await? {
        return Ok(());
    }
    ask(&needs, wanted).await?;
    // Where another asked meanwhile, that one says so.
    if needs.sales.save_warm(&asked.settles()).await? && before.wanted != wanted {
        told(&span, &asked);
    }
    Ok(())
}

/// Asks for all of it, and says what failed only then: one function that cannot be had does not hold the others back.
async fn ask(needs: &Needs, wanted: Wanted) -> Result<(), Fault> {
    let Wanted { checkouts, waiting } = wanted;
    let [join, place] = &needs.line;
    let all = [
        (&needs.checkout, checkouts),
        (&needs.listing, checkouts.div_ceil(FROM_MEMORY)),
        (join, waiting.div_ceil(IN_LINE)),
        (place, waiting.div_ceil(IN_LINE)),
    ];
    let (always, always_most) = needs.always;
    let mut failed = None;
    for (environments, count) in all {
        let least = count.max(always);
        let most = if always == 0 { least } else { least.max(always_most) };
        failed = environments.keep(least, most).await.err().or(failed);
    }
    failed.map_or(Ok(()), Err)
}

fn told(span: &Span, Warm { wanted, .. }: &Warm) {
    let fields = [wanted.checkouts, wanted.waiting].map(|count| count.to_string());
    span.info("environments are kept warm for sales", &[("checkouts", &*fields[0]), ("waiting", &*fields[1])]);
}
