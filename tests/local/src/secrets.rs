//! The shop's secrets, drawn once: a store that has them already keeps its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloud::Definition;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;

/// The definition with random first values for the secrets that the shop reads.
///
/// # Errors
/// When the system has no randomness to give.
pub fn drawn(definition: Definition) -> Result<Definition, String> {
    let signing = json!({"current": random()?, "previous": null});
    let payments =
        json!({"api_key": format!("sk_sandbox_{}", random()?), "webhook_secret": format!("whsec_{}", random()?)});
    let mut definition = definition;
    for name in definition.secrets.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>() {
        let value = if name.ends_with("/signing") {
            &signing
        } else if name.ends_with("/payments") {
            &payments
        } else {
            continue;
        };
        definition = definition.with_secret(&name, &value.to_string());
    }
    Ok(definition)
}

/// 32 random bytes as text.
///
/// # Errors
/// When the system has none to give.
pub fn random() -> Result<String, String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| "The system has no randomness to give.".to_owned())?;
    Ok(STANDARD.encode(bytes))
}
