//! `GET /api/health` and `GET /ping`: which version answers, and with `?deep=1` whether the store answers too.

use kernel::Fault;
use lambda::{Function, Platform, Problem, Reply, Request};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use table::{Key, Row, Table};

/// Makes the function.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, lambda::Error> {
    let about = Arc::new(About::of(platform)?);
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(Arc::clone(&about), request))
}

async fn handle(about: Arc<About>, request: Request) -> Result<Reply, Problem> {
    if request.route() == "/ping" {
        return Ok(said(&Ping { status: "ok" }));
    }
    match request.query_text("deep").unwrap_or("0") {
        "0" => Ok(said(&about.health("ok", &request, None))),
        "1" => Ok(about.deep(&request).await),
        _ => Err(Fault::field("?deep", "enum", "deep is 0 or 1").into()),
    }
}

fn said<T: Serialize>(body: &T) -> Reply {
    Reply::ok(body).header("cache-control", "no-store")
}

/// What this environment knows of itself.
struct About {
    version: String,
    commit: String,
    region: String,
    stage: String,
    control: Table,
}

impl About {
    fn of(platform: &Platform) -> Result<Self, lambda::Error> {
        let (version, commit) = platform.version().split_once('+').unwrap_or((platform.version(), "unknown"));
        Ok(Self {
            version: version.to_owned(),
            commit: commit.to_owned(),
            region: platform.region().to_string(),
            stage: platform.optional("STAGE").unwrap_or("dev").to_owned(),
            control: platform.table("control")?,
        })
    }

    fn health<'a>(
        &'a self,
        status: &'a str,
        request: &Request,
        checks: Option<BTreeMap<&'a str, &'a str>>,
    ) -> Health<'a> {
        let (version, commit, region, stage) = (&self.version, &self.commit, &self.region, &self.stage);
        Health { status, version, commit, region, stage, time: request.received_at().to_string(), checks }
    }

    /// Asks the store as well.
    async fn deep(&self, request: &Request) -> Reply {
        let answers = self.control.get_latest::<Nothing>(&Key::new("HEALTH")).await;
        if let Err(fault) = &answers {
            request.span().warn("the control table does not answer", &[("cause", &fault.to_string())]);
        }
        let (status, table) = if answers.is_ok() { ("ok", "ok") } else { ("degraded", "does not answer") };
        said(&self.health(status, request, Some(BTreeMap::from([("control", table)]))))
    }
}

/// A row that is never there: reading it shows whether the table answers.
#[derive(serde::Serialize, serde::Deserialize)]
struct Nothing {}

impl Row for Nothing {
    fn key(&self) -> Key {
        Key::new("HEALTH")
    }
}

#[derive(Serialize)]
struct Ping {
    status: &'static str,
}

#[derive(Serialize)]
struct Health<'a> {
    status: &'a str,
    version: &'a str,
    commit: &'a str,
    region: &'a str,
    stage: &'a str,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<BTreeMap<&'a str, &'a str>>,
}
