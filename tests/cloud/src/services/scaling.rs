//! Application Auto Scaling: how many environments of each function are to be kept warm. Kept in memory alone: nobody reads it but
//! tests and people.

use crate::definition::Function;
use crate::wire::{Refusal, Reply, Request, json_reply, read_json};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The scalable targets of one cloud.
#[derive(Debug, Default)]
pub(crate) struct Scaling {
    targets: Mutex<BTreeMap<String, (u32, u32)>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Register {
    service_namespace: String,
    scalable_dimension: String,
    resource_id: String,
    min_capacity: u32,
    max_capacity: u32,
}

impl Scaling {
    /// Each function's name with how many are kept at least and at most.
    pub(crate) fn targets(&self) -> BTreeMap<String, (u32, u32)> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn register(&self, asked: &Register, functions: &[Function]) -> Result<Value, Refusal> {
        let kind = (asked.service_namespace.as_str(), asked.scalable_dimension.as_str());
        if kind != ("lambda", "lambda:function:ProvisionedConcurrency") || asked.min_capacity > asked.max_capacity {
            return Err(Refusal::new("ValidationException", "only environments of functions are kept warm here"));
        }
        let name = asked.resource_id.strip_prefix("function:").and_then(|rest| rest.strip_suffix(":live"));
        let known = name.filter(|name| functions.iter().any(|function| function.name == *name));
        let name = known.ok_or_else(|| Refusal::new("ValidationException", "there is no such function"))?;
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        targets.insert(name.to_owned(), (asked.min_capacity, asked.max_capacity));
        Ok(json!({"ScalableTargetARN": format!("arn:aws:application-autoscaling:::scalable-target/{name}")}))
    }
}

/// Answers one call of the JSON protocol.
pub(crate) fn answer(scaling: &Scaling, functions: &[Function], action: &str, request: &Request) -> Reply {
    let answer = match action {
        "RegisterScalableTarget" => read_json(&request.body).and_then(|asked| scaling.register(&asked, functions)),
        _ => Err(Refusal::unknown_action(action)),
    };
    json_reply("application/x-amz-json-1.1", answer)
}
