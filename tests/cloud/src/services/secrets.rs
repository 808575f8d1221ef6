//! Secrets Manager: versions of secrets, and the stages that point at them.

use crate::clock::Clock;
use crate::journal::{Entries, Journal, Kind};
use crate::random::Random;
use crate::wire::{Refusal, Reply, Request, json_reply, read_json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// One secret: its versions, and which of them each stage means.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Secret {
    versions: BTreeMap<String, Version>,
    /// Stage → version.
    stages: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Version {
    text: String,
    created_millis: i64,
}

/// The Secrets Manager of one cloud.
pub(crate) struct Secrets {
    secrets: Mutex<HashMap<String, Secret>>,
    journal: Arc<Journal>,
    clock: Clock,
    region: String,
    random: Random,
}

impl Secrets {
    /// The secrets with these names as an older process left them, or with these values.
    pub(crate) fn new(
        initial: &[(String, String)],
        region: &str,
        journal: Arc<Journal>,
        clock: Clock,
        random: Random,
        left: Entries,
    ) -> Self {
        let left = left.into_iter().filter_map(|(name, value)| Some((name, serde_json::from_slice(&value).ok()?)));
        let secrets = Mutex::new(left.collect());
        let secrets = Self { secrets, journal, clock, region: region.to_owned(), random };
        for (name, text) in initial {
            let known = secrets.secrets.lock().unwrap_or_else(PoisonError::into_inner).contains_key(name);
            if !known {
                secrets.change(name, |secret, now| {
                    let version = secrets.random.uuid();
                    secret.versions.insert(version.clone(), Version { text: text.clone(), created_millis: now });
                    secret.stages.insert(CURRENT.to_owned(), version);
                });
            }
        }
        secrets
    }

    /// The current text of a secret.
    pub(crate) fn current(&self, name: &str) -> Option<String> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = secrets.get(name)?;
        secret.versions.get(secret.stages.get(CURRENT)?).map(|version| version.text.clone())
    }

    fn change<T>(&self, name: &str, work: impl FnOnce(&mut Secret, i64) -> T) -> T {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = secrets.entry(name.to_owned()).or_default();
        let result = work(secret, self.clock.now().millis());
        if let Ok(value) = serde_json::to_vec(secret) {
            self.journal.put(Kind::Secret, name.to_owned(), value);
        }
        result
    }

    fn arn(&self, name: &str) -> String {
        format!("arn:aws:secretsmanager:{}:000000000000:secret:{name}-russet", self.region)
    }

    /// The name in a name or an ARN.
    fn name(&self, id: &str) -> Result<String, Refusal> {
        let name = id.split_once(":secret:").map_or(id, |(_, name)| name);
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            [name, name.strip_suffix("-russet").unwrap_or(name)].into_iter().find(|name| secrets.contains_key(*name));
        let missing = || Refusal::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
        known.map(str::to_owned).ok_or_else(missing)
    }
}

/// The resource of a call, for the counters: the secret's name.
pub(crate) fn resource(secrets: &Secrets, body: &[u8]) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Named {
        secret_id: String,
    }
    let named: Option<Named> = read_json(body).ok();
    named.map(|named| secrets.name(&named.secret_id).unwrap_or(named.secret_id)).unwrap_or_default()
}

/// Answers one call of the JSON protocol.
pub(crate) async fn answer(secrets: &Secrets, action: &str, request: &Request) -> Reply {
    let answer = act(secrets, action, &request.body);
    let answer = match answer {
        Ok(_) if action != "GetSecretValue" && action != "DescribeSecret" && !secrets.journal.written().await => {
            Err(Refusal::unwritten())
        }
        answer => answer,
    };
    json_reply("application/x-amz-json-1.1", answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Call {
    secret_id: String,
    version_stage: Option<String>,
    version_id: Option<String>,
    secret_string: Option<String>,
    client_request_token: Option<String>,
    version_stages: Option<Vec<String>>,
    move_to_version_id: Option<String>,
    remove_from_version_id: Option<String>,
}

fn act(secrets: &Secrets, action: &str, body: &[u8]) -> Result<Value, Refusal> {
    let call: Call = read_json(body)?;
    let name = secrets.name(&call.secret_id)?;
    match action {
        "GetSecretValue" => get(secrets, &name, &call),
        "PutSecretValue" => put(secrets, &name, call),
        "UpdateSecretVersionStage" => move_stage(secrets, &name, call),
        "DescribeSecret" => {
            let known = secrets.secrets.lock().unwrap_or_else(PoisonError::into_inner);
            let mut stages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (stage, version) in known.get(&name).iter().flat_map(|secret| &secret.stages) {
                stages.entry(version).or_default().push(stage);
            }
            Ok(json!({"ARN": secrets.arn(&name), "Name": name, "VersionIdsToStages": stages}))
        }
        _ => Err(Refusal::unknown_action(action)),
    }
}

fn get(secrets: &Secrets, name: &str, call: &Call) -> Result<Value, Refusal> {
    let known = secrets.secrets.lock().unwrap_or_else(PoisonError::into_inner);
    let missing = || {
        Refusal::new(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for that staging label.",
        )
    };
    let secret = known.get(name).ok_or_else(missing)?;
    let stage = call.version_stage.as_deref().unwrap_or(CURRENT);
    let id = match &call.version_id {
        Some(id) => id,
        None => secret.stages.get(stage).ok_or_else(missing)?,
    };
    let version = secret.versions.get(id).ok_or_else(missing)?;
    let stages: Vec<&String> =
        secret.stages.iter().filter(|(_, version)| *version == id).map(|(stage, _)| stage).collect();
    Ok(json!({
        "ARN": secrets.arn(name), "Name": name, "VersionId": id, "SecretString": version.text, "VersionStages": stages,
        "CreatedDate": version.created_millis / 1000
    }))
}

fn put(secrets: &Secrets, name: &str, call: Call) -> Result<Value, Refusal> {
    let text = call
        .secret_string
        .ok_or_else(|| Refusal::new("InvalidParameterException", "You must provide SecretString."))?;
    let id = call.client_request_token.unwrap_or_else(|| secrets.random.uuid());
    let stages = call.version_stages.unwrap_or_else(|| vec![CURRENT.to_owned()]);
    secrets.change(name, |secret, now| {
        match secret.versions.get(&id) {
            Some(known) if known.text != text => {
                return Err(Refusal::new("ResourceExistsException", "A version with that token has another value."));
            }
            Some(_) => return Ok(()),
            None => {}
        }
        secret.versions.insert(id.clone(), Version { text, created_millis: now });
        stages.iter().for_each(|stage| set_stage(secret, stage, &id));
        Ok(())
    })?;
    Ok(json!({"ARN": secrets.arn(name), "Name": name, "VersionId": id, "VersionStages": stages}))
}

/// Moving `AWSCURRENT` leaves `AWSPREVIOUS` where it was.
fn set_stage(secret: &mut Secret, stage: &str, version: &str) {
    let before = secret.stages.insert(stage.to_owned(), version.to_owned());
    if stage == CURRENT
        && let Some(before) = before
        && before != version
    {
        secret.stages.insert(PREVIOUS.to_owned(), before);
    }
    let staged: Vec<String> = secret.stages.values().cloned().collect();
    secret.versions.retain(|id, _| staged.contains(id));
}

fn move_stage(secrets: &Secrets, name: &str, call: Call) -> Result<Value, Refusal> {
    let stage = call
        .version_stage
        .ok_or_else(|| Refusal::new("InvalidParameterException", "You must provide VersionStage."))?;
    secrets.change(name, |secret, _| {
        if let Some(from) = &call.remove_from_version_id
            && secret.stages.get(&stage) != Some(from)
        {
            return Err(Refusal::new("InvalidParameterException", "The stage is not attached to that version."));
        }
        match &call.move_to_version_id {
            Some(to) if !secret.versions.contains_key(to) => {
                Err(Refusal::new("ResourceNotFoundException", "There is no such version."))
            }
            Some(to) => {
                set_stage(secret, &stage, to);
                Ok(())
            }
            None => {
                secret.stages.remove(&stage);
                Ok(())
            }
        }
    })?;
    Ok(json!({"ARN": secrets.arn(name), "Name": name}))
}
