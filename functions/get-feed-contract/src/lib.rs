//! `GET /partner/contract`: what a feed may say: the fields, the formats with an example of each, every rule with its hint, and how
//! a mapping is written.

use lambda::{Error, Function, Platform, Problem, Reply, Request};
use partners::contract::{FIELDS, MAPPING_EXAMPLE, MAPPING_MEMBERS, VERSION};
use partners::mapping::Target;
use partners::validation::RULES;
use partners::{Scope, feeds};
use serde::Serialize;
use wiring::PartnerGate;

/// Needs the partners and their gate.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let gate = PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?;
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(gate.clone(), request))
}

#[derive(Serialize)]
struct Contract {
    version: &'static str,
    fields: Vec<Field>,
    formats: Vec<Format>,
    rules: Vec<Rule>,
    mapping: Mapping,
}

#[derive(Serialize)]
struct Mapping {
    example: &'static str,
    members: Vec<Named>,
    fields: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    name: &'static str,
    about: &'static str,
}

#[derive(Serialize)]
struct Field {
    field: &'static str,
    required: bool,
    about: &'static str,
}

#[derive(Serialize)]
struct Format {
    format: &'static str,
    media_types: &'static [&'static str],
    example: &'static str,
}

#[derive(Serialize)]
struct Rule {
    rule: &'static str,
    message: &'static str,
    hint: &'static str,
}

async fn handle(gate: PartnerGate, request: Request) -> Result<Reply, Problem> {
    gate.admit(&request, Scope::Feeds).await?;

    let contract = Contract {
        version: VERSION,
        fields: FIELDS
            .iter()
            .map(|field| Field { field: field.name, required: field.required, about: field.about })
            .collect(),
        formats: feeds::ALL
            .iter()
            .map(|format| Format {
                format: format.name(),
                media_types: format.media_types(),
                example: format.example(),
            })
            .collect(),
        rules: RULES
            .iter()
            .chain(feeds::REFUSALS)
            .map(|rule| Rule { rule: rule.name, message: rule.message, hint: rule.hint })
            .collect(),
        mapping: Mapping {
            example: MAPPING_EXAMPLE,
            members: MAPPING_MEMBERS.iter().map(|(name, about)| Named { name, about }).collect(),
            fields: Target::ALL.iter().map(|field| Named { name: field.name(), about: field.about() }).collect(),
        },
    };

    Ok(Reply::ok(&contract).header("cache-control", "private, no-store"))
}
