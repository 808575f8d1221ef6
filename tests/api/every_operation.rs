//! What every operation does with bad input, generated from the contract: a new operation is tested as soon as it
//! stands there.

use api::{Ask, Shop, contract};
use http::Method;
use kernel::Role;
use local::contract::{Idempotency, Operation};
use serde_json::{Map, Value, json};

/// An order that nobody has.
const NO_ORDER: &str = "00000000000000000000000000";
const STAFF: [Role; 4] = [Role::Support, Role::Warehouse, Role::Finance, Role::Admin];

/// The path of an operation with something in each of its places.
pub fn concrete(path: &str) -> String {
    path.replace("{productId}", "magnesium-glycinate")
        .replace("{sku}", "NO-SUCH-SKU")
        .replace("{orderId}", NO_ORDER)
        .replace("{provider}", "sandbox")
        .replace("{ticket}", "no-such-ticket")
        .replace("{jobId}", NO_ORDER)
        .replace("{keyId}", NO_ORDER)
        .replace("{partnerId}", NO_ORDER)
}

/// A request that passes whoever guards the operation, with everything that it must carry but a body.
pub fn let_in(operation: &Operation) -> Ask<'static> {
    let ask = Shop::shared().ask(operation.method.clone(), &concrete(&operation.path));
    let ask = with_credentials(ask, operation);
    let ask = if operation.needs_if_match { ask.header("if-match", "\"1\"") } else { ask };
    if operation.idempotency == Idempotency::Required { ask.key(&fresh_key()) } else { ask }
}

/// The same request by somebody who may make it.
pub fn with_credentials<'a>(ask: Ask<'a>, operation: &Operation) -> Ask<'a> {
    if operation.partner_only {
        return ask.header("x-api-key", Shop::shared().partner_key());
    }
    match role_for(operation) {
        Some(role) => ask.header("authorization", format!("Bearer {}", Shop::shared().token(role))),
        None => ask,
    }
}

/// A role that may call a staff operation.
fn role_for(operation: &Operation) -> Option<Role> {
    operation.staff_only.then_some(())?;
    STAFF.into_iter().find(|role| operation.roles.iter().any(|name| name == role.name()))
}

/// A key that was not used before.
pub fn fresh_key() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("every-{}-{}", since.as_nanos(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The operations that take a body of a known shape, with the bodies that the contract shows. What feeds may say is tested with
/// those who read them.
fn with_bodies() -> impl Iterator<Item = (&'static Operation, &'static Value)> {
    contract().operations().iter().flat_map(|operation| {
        let examples = operation.body.iter().filter(|body| !body.raw).flat_map(|body| &body.examples);
        examples.map(move |example| (operation, example))
    })
}

fn schema_of(operation: &Operation) -> &Map<String, Value> {
    let body = operation.body.as_ref().unwrap_or_else(|| panic!("{} takes no body", operation.id));
    contract().resolve(&body.schema).as_object().unwrap_or_else(|| panic!("{}: the schema is no object", operation.id))
}

/// The first body that the contract shows for an operation that takes one.
fn bodies() -> impl Iterator<Item = (&'static Operation, &'static Value)> {
    let mut last = "";
    with_bodies().filter(move |(operation, _)| std::mem::replace(&mut last, &operation.id) != operation.id)
}

#[test]
fn the_contract_shows_a_body_for_each_operation_that_takes_one() {
    for operation in contract().operations() {
        assert!(operation.body.as_ref().is_none_or(|body| !body.examples.is_empty()), "{}", operation.id);
    }
}

#[test]
fn a_member_that_is_not_known_is_refused() {
    for (operation, example) in bodies().filter(|(operation, _)| schema_of(operation)["additionalProperties"] == false)
    {
        let mut body = example.clone();
        body["unexpected"] = json!(1);
        let_in(operation).json(&body).send().problem(400, "invalid_request");
    }
}

#[test]
fn a_member_of_another_type_is_refused() {
    for (operation, example) in with_bodies() {
        let schema = schema_of(operation);
        // Members that only a provider knows are checked by who reads them, once the message is proved to be the provider's.
        let open = schema.get("additionalProperties").is_some_and(|more| *more == true);
        let named = |name: &str| !open || schema.get("properties").is_some_and(|known| known.get(name).is_some());
        for (name, value) in example.as_object().into_iter().flatten().filter(|(name, _)| named(name)) {
            let mut body = example.clone();
            body[name] = if value.is_object() { json!("text") } else { json!({"not": "this"}) };
            let_in(operation).json(&body).send().problem(400, "invalid_request");
            body[name] = json!(null);
            let_in(operation).json(&body).send().problem(400, "invalid_request");
        }
    }
}

#[test]
fn a_member_that_is_missing_is_refused() {
    for (operation, example) in with_bodies() {
        for name in schema_of(operation)
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let mut body = example.clone();
            body.as_object_mut().and_then(|members| members.remove(name));
            let_in(operation).json(&body).send().problem(400, "invalid_request");
        }
    }
}

#[test]
fn numbers_and_texts_out_of_bounds_are_refused() {
    for (operation, example) in bodies() {
        for (name, schema) in schema_of(operation)["properties"].as_object().into_iter().flatten() {
            let schema = contract().resolve(schema);
            let mut bad = Vec::new();
            bad.extend(schema["maximum"].as_i64().map(|most| json!(most + 1)));
            bad.extend(schema["minimum"].as_i64().map(|least| json!(least - 1)));
            bad.extend((schema["type"] == "integer").then(|| json!(1.5)));
            bad.extend(schema["maxLength"].as_u64().map(|most| json!("x".repeat(usize::try_from(most).unwrap() + 1))));
            for value in bad {
                let mut body = example.clone();
                body[name] = value;
                let_in(operation).json(&body).send().problem(400, "invalid_request");
            }
        }
    }
}

#[test]
fn a_body_that_is_not_json_is_refused() {
    for (operation, example) in bodies() {
        let broken: [&[u8]; 6] = [b"{", b"[]", b"\"text\"", b"null", b"{\"a\":\xff}", b"{} {}"];
        for body in broken {
            let_in(operation).bytes("application/json", body).send().problem(400, "invalid_request");
        }
        let mut cut = example.to_string().into_bytes();
        cut.pop();
        let_in(operation).bytes("application/json", cut).send().problem(400, "invalid_request");
        if operation.body.as_ref().is_some_and(|body| body.required) {
            let_in(operation).bytes("application/json", "").send().problem(400, "invalid_request");
        }
    }
}

#[test]
fn a_body_of_another_media_type_is_415() {
    // A provider's event is judged by its signature first.
    for (operation, example) in bodies().filter(|(operation, _)| !operation.signed) {
        for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
            let ask = let_in(operation).bytes(media_type, example.to_string());
            ask.send().problem(415, "unsupported_media_type");
        }
    }
}

#[test]
fn a_body_beyond_the_limit_is_413() {
    for (operation, example) in bodies() {
        let mut body = example.to_string().into_bytes();
        body.resize(operation.max_body_bytes + 1, b' ');
        let_in(operation).bytes("application/json", body.clone()).send().problem(413, "body_too_large");
        body.resize(7_000_000, b' ');
        let_in(operation).bytes("application/json", body).send().problem(413, "body_too_large");
    }
}

#[test]
fn query_parameters_out_of_bounds_are_refused() {
    for operation in contract().operations() {
        for (name, schema) in &operation.query {
            let mut bad = Vec::new();
            if schema.get("enum").is_some()
                || schema.get("pattern").is_some()
                || schema["type"] == "integer"
                || name == "cursor"
            {
                bad.push("nonsense".to_owned());
            }
            bad.extend(schema["maximum"].as_i64().map(|most| (most + 1).to_string()));
            bad.extend(schema["minimum"].as_i64().map(|least| (least - 1).to_string()));
            for value in bad {
                let path = format!("{}?{name}={value}", concrete(&operation.path));
                let ask = Shop::shared().ask(operation.method.clone(), &path);
                with_credentials(ask, operation).send().problem(400, "invalid_request");
            }
        }
    }
}

/// The same request with a body that is in order.
fn in_order(ask: Ask<'static>, operation: &Operation) -> Ask<'static> {
    match operation.body.as_ref().and_then(|body| body.examples.first()) {
        Some(example) => ask.json(example),
        None => ask,
    }
}

#[test]
fn staff_operations_want_a_valid_token_in_a_fitting_role() {
    for operation in contract().operations().iter().filter(|operation| operation.staff_only) {
        let ask = in_order(let_in(operation), operation);
        ask.clone().without("authorization").send().problem(401, "unauthenticated");
        for forged in ["Bearer rst_admin_forged", "Bearer ", "Basic YWRtaW46YWRtaW4=", "rst_admin_x"] {
            ask.clone().header("authorization", forged).send().problem(401, "unauthenticated");
        }
        for role in STAFF.into_iter().filter(|role| !operation.roles.iter().any(|name| name == role.name())) {
            let token = format!("Bearer {}", Shop::shared().token(role));
            ask.clone().header("authorization", token).send().problem(403, "forbidden");
        }
    }
}

// Proves: S4-S1a
#[test]
fn partner_operations_want_a_key_that_counts() {
    for operation in contract().operations().iter().filter(|operation| operation.partner_only) {
        let ask = in_order(let_in(operation), operation).without("x-api-key");
        ask.clone().send().problem(401, "unauthenticated");
        let wrong = "rk_test_00000000000000000000000000_0000000000000000000000000000000000000000000000000000";
        for forged in [wrong, "", "rk_test__", "rst_admin_x"] {
            ask.clone().header("x-api-key", forged).send().problem(401, "unauthenticated");
        }
        let staff = format!("Bearer {}", Shop::shared().token(Role::Admin));
        ask.clone().header("authorization", staff).send().problem(401, "unauthenticated");
        let in_address = format!("{}?api_key={}", concrete(&operation.path), Shop::shared().partner_key());
        let in_address = Shop::shared().ask(operation.method.clone(), &in_address).key(&fresh_key());
        in_order(in_address, operation).send().problem(401, "unauthenticated");
    }
}

#[test]
fn signed_operations_want_a_signature() {
    for operation in contract().operations().iter().filter(|operation| operation.signed) {
        in_order(let_in(operation), operation).send().problem(401, "unauthenticated");
    }
}

#[test]
fn a_change_that_needs_if_match_says_so() {
    for operation in contract().operations().iter().filter(|operation| operation.needs_if_match) {
        in_order(let_in(operation), operation).without("if-match").send().problem(428, "precondition_required");
    }
}

#[test]
fn a_cookie_that_was_tampered_with_is_no_cookie() {
    for operation in contract().operations().iter().filter(|operation| !operation.staff_only) {
        for cookie in [
            "__Host-guest=x",
            "__Host-guest=00000000000000000000000000.AAAA",
            "__Host-guest=",
            "__Host-guest=..",
            "=;;=; a",
        ] {
            let reply = in_order(let_in(operation), operation).header("cookie", cookie).send();
            assert!(reply.status < 500, "{reply}");
        }
    }
}

#[test]
fn nothing_under_a_name_that_is_nobodys_is_404() {
    for operation in contract()
        .operations()
        .iter()
        .filter(|operation| operation.method == Method::GET && operation.path.contains('{'))
    {
        let path = operation.path.replace("{productId}", "no-such-product").replace("{provider}", "nobody");
        let ask = Shop::shared().get(&concrete(&path));
        with_credentials(ask, operation).send().problem(404, "not_found");
    }
}
