//! One run: a shop, so many steps in the weather that the seed draws, then calm, and the laws all along.

use crate::books::Books;
use crate::chance::Chance;
use crate::ending;
use crate::people::People;
use crate::shop::Shop;
use crate::watch::Watch;
use crate::weather::Sky;
use cloud::Definition;
use local::functions::Mounted;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Steps of one run at the most.
pub const STEPS_MOST: u64 = 200;
/// Lines of the trace that a failure shows.
const LINES_SHOWN: usize = 60;

/// What a run is made of.
#[derive(Clone, Default)]
pub struct Plan {
    /// Everything follows from it.
    pub seed: u64,
    /// So many steps, in a storm of that strength, instead of what the seed draws.
    pub work: Option<(u64, u64)>,
    /// Functions that stand in the place of those that ship.
    pub planted: Vec<Mounted>,
}

/// What came of a run that broke no law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// SHA-256 of the trace.
    pub hash: String,
    /// Lines of the trace.
    pub lines: u64,
    /// Steps.
    pub steps: u64,
    /// Orders by their last state.
    pub orders: BTreeMap<&'static str, u64>,
    /// How often there was which trouble.
    pub troubles: BTreeMap<String, u64>,
}

/// A run that broke a law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The seed.
    pub seed: u64,
    /// At which step; one more than the last when the storm was over.
    pub step: u64,
    /// Which law, in a sentence.
    pub law: String,
    /// The last lines of the trace.
    pub lines: Vec<String>,
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, step, law, lines } = self;
        writeln!(out, "seed {seed}, step {step}: a law is broken: {law}")?;
        lines.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        write!(out, "again: SEED={seed} cargo test -p simulation --test seeds -- --nocapture one_seed")
    }
}

/// Runs a plan from beginning to end.
///
/// # Errors
/// [`Failed`] with the law that was broken.
pub fn run(definition: &Definition, plan: &Plan) -> Result<Ran, Box<Failed>> {
    let failed = |law: String| Box::new(Failed { seed: plan.seed, step: 0, law, lines: Vec::new() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|error| failed(format!("the system gives a runtime: {error}")))?;
    runtime.block_on(async {
        let shop = Shop::open(definition.clone(), plan.seed, &plan.planted).await;
        let shop = shop.map_err(|error| failed(format!("the shop opens: {error}")))?;
        let watch = Watch::over(&shop).map_err(failed)?;
        days_work(&shop, &watch, plan).await
    })
}

async fn days_work(shop: &Shop, watch: &Watch, plan: &Plan) -> Result<Ran, Box<Failed>> {
    let seed = plan.seed;
    let chance = Chance::new(seed, "plan");
    let books = Books::default();
    let mut people = People::new(shop.clone(), watch.clone(), books.clone(), Chance::new(seed, "people"));
    people.open_a_sale().await.map_err(|error| told(shop, seed, 0, error))?;
    let (steps, strength) = plan.work.unwrap_or_else(|| (steps(&chance), chance.below(5)));
    shop.weather().turn(Sky::Storm(strength));
    // In some runs the provider is out of reach for a while.
    let outage = chance.one_in(4).then(|| (chance.between(1, steps), chance.between(2_000, 120_000)));
    let mut doing = Vec::new();
    for step in 1..=steps {
        shop.tell(&format!("step {step}"));
        if let Some((_, millis)) = outage.filter(|(at, _)| *at == step) {
            shop.weather().outage(true);
            let shop = shop.clone();
            doing.push(tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                shop.weather().outage(false);
            }));
        }
        let done = people.act(step).await;
        doing.push(done.map_err(|fault| told(shop, seed, step, fault.to_string()))?);
        // Mostly the next one comes while this one is still at work, sometimes much later.
        let wait = if chance.one_in(12) { chance.between(5_000, 90_000) } else { chance.between(0, 2_500) };
        tokio::time::sleep(Duration::from_millis(wait)).await;
        watch.look(shop).await;
        watch.whole();
        check(shop, watch, seed, step)?;
    }
    for one in doing {
        // Each of them ends by itself; one that panicked would be a defect of the simulation.
        one.await.map_err(|error| told(shop, seed, steps, format!("everybody goes home: {error}")))?;
    }
    ending::come_to_rest(shop, watch, &books).await;
    ending::check(shop, watch, &books).await;
    check(shop, watch, seed, steps + 1)?;
    let mut orders: BTreeMap<&'static str, u64> = BTreeMap::new();
    watch.orders().iter().for_each(|order| *orders.entry(order.state.name()).or_default() += 1);
    let (hash, lines) = (shop.trace().hash(), shop.trace().count());
    Ok(Ran { hash, lines, steps, orders, troubles: shop.weather().seen() })
}

/// Most runs are short, so that many fit into a minute; one in forty is as long as they get.
fn steps(chance: &Chance) -> u64 {
    if chance.one_in(40) { chance.between(60, STEPS_MOST) } else { chance.between(3, 18) }
}

fn check(shop: &Shop, watch: &Watch, seed: u64, step: u64) -> Result<(), Box<Failed>> {
    match watch.first_broken() {
        Some(broken) => Err(told(shop, seed, step, broken.law)),
        None => match shop.provider().broken().into_iter().next() {
            Some(law) => Err(told(shop, seed, step, law)),
            None => Ok(()),
        },
    }
}

fn told(shop: &Shop, seed: u64, step: u64, law: String) -> Box<Failed> {
    Box::new(Failed { seed, step, law, lines: shop.trace().last(LINES_SHOWN, &[]) })
}
