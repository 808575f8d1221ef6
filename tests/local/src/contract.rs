//! The public contract, read once from the OpenAPI document: which routes there are, who answers them, and what each
//! takes and gives.

use crate::schema::{Schemas, Violation};
use http::Method;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The longest body a route takes unless it says otherwise, in bytes.
const BODY_LIMIT: usize = 65_536;

/// What an operation does with an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// 400 without one.
    Required,
    /// Heeded when there is one.
    Honoured,
    /// Not looked at.
    Ignored,
}

/// One operation of the contract.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// The function that answers.
    pub function: String,
    /// The tag, which is the context.
    pub context: String,
    /// How it is asked.
    pub method: Method,
    /// The path as the contract writes it: `/api/orders/{orderId}`.
    pub path: String,
    /// Headers that must be there, lower-case.
    pub required_headers: Vec<String>,
    /// Query parameters that must be there.
    pub required_query: Vec<String>,
    /// Query parameters it knows, with their schemas.
    pub query: Vec<(String, Value)>,
    /// The schema of its JSON body, if it takes one.
    pub body: Option<Body>,
    /// A longer body is 413.
    pub max_body_bytes: usize,
    /// What it does with a key.
    pub idempotency: Idempotency,
    /// Whether a change needs `If-Match`.
    pub needs_if_match: bool,
    /// The staff roles that may call.
    pub roles: Vec<String>,
    /// Whether only staff may call.
    pub staff_only: bool,
    /// Whether only a partner's key lets in.
    pub partner_only: bool,
    /// Whether only a signature lets in.
    pub signed: bool,
    /// The limiter that guards it.
    pub limit: Option<String>,
    /// Its answers, by status.
    pub answers: BTreeMap<u16, Answer>,
}

/// The body that an operation takes.
#[derive(Debug, Clone)]
pub struct Body {
    /// Whether there must be one.
    pub required: bool,
    /// Whether it may be something else than JSON: then only the function knows what it must look like.
    pub raw: bool,
    /// What it must look like.
    pub schema: Value,
    /// Bodies that the document gives as examples.
    pub examples: Vec<Value>,
}

/// One answer of an operation.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What its body may look like, by media type; none when it has no body.
    pub bodies: BTreeMap<String, Value>,
    /// Headers that it names, lower-case.
    pub headers: Vec<String>,
}

/// The whole contract.
#[derive(Debug)]
pub struct Contract {
    operations: Vec<Operation>,
    paths: Vec<Path>,
    schemas: Schemas,
}

/// One path with the operations on it.
#[derive(Debug)]
struct Path {
    segments: Vec<Segment>,
    operations: Vec<usize>,
}

#[derive(Debug)]
enum Segment {
    Text(String),
    Parameter(String),
}

/// What a request asked for.
#[derive(Debug)]
pub enum Found<'a> {
    /// That operation, with the parts of the path that vary, as they came.
    Operation(&'a Operation, Vec<(String, String)>),
    /// A path of ours with another method than these.
    OtherMethod(Vec<&'a Method>),
    /// Nothing of ours.
    Nothing,
}

impl Contract {
    /// Reads an OpenAPI 3.0.3 document.
    ///
    /// # Errors
    /// In words for the developer, when the document is not one.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        let document: Value =
            serde_yaml_ng::from_str(yaml).map_err(|error| format!("the OpenAPI document does not parse: {error}"))?;
        let schemas = Schemas::new(document)?;
        let (mut operations, mut paths) = (Vec::new(), Vec::new());
        let members = schemas.document().get("paths").and_then(Value::as_object);
        for (path, item) in members.ok_or("the OpenAPI document has no paths")? {
            let shared = list(item, "parameters");
            let mut here = Vec::new();
            for (method, body) in
                item.as_object().into_iter().flatten().filter_map(|(name, body)| Some((method(name)?, body)))
            {
                here.push(operations.len());
                operations.push(operation(&schemas, path, method, body, shared)?);
            }
            paths.push(Path { segments: segments(path), operations: here });
        }
        Ok(Self { operations, paths, schemas })
    }

    /// All operations, in the document's order.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Where `value` breaks `schema`.
    #[must_use]
    pub fn violations(&self, schema: &Value, value: &Value) -> Vec<Violation> {
        self.schemas.violations(schema, value)
    }

    /// What `node` stands for, through its `$ref` if it has one.
    #[must_use]
    pub fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        self.schemas.resolve(node)
    }

    /// The operation for a request. A path with words goes before one with parameters.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let best = self
            .paths
            .iter()
            .filter_map(|known| Some((known, matches(known, &parts)?)))
            .min_by_key(|(_, taken)| taken.len());
        let Some((known, parameters)) = best else {
            return Found::Nothing;
        };
        let mut here = known.operations.iter().filter_map(|index| self.operations.get(*index));
        match here.clone().find(|operation| operation.method == *method) {
            Some(operation) => Found::Operation(operation, parameters),
            None => Found::OtherMethod(here.by_ref().map(|operation| &operation.method).collect()),
        }
    }

    /// Whether the path begins as one of the contract's does: then it is the API's, also where it leads nowhere.
    #[must_use]
    pub fn is_near(&self, path: &str) -> bool {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        self.paths.iter().any(|known| matches!(known.segments.first(), Some(Segment::Text(text)) if text == first))
    }
}

fn matches(path: &Path, parts: &[&str]) -> Option<Vec<(String, String)>> {
    if path.segments.len() != parts.len() {
        return None;
    }
    let mut taken = Vec::new();
    for (segment, part) in path.segments.iter().zip(parts) {
        match segment {
            Segment::Text(text) if text == part => {}
            Segment::Parameter(name) if !part.is_empty() => taken.push((name.clone(), (*part).to_owned())),
            _ => return None,
        }
    }
    Some(taken)
}

fn segments(path: &str) -> Vec<Segment> {
    let parameter = |part: &str| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')).map(str::to_owned);
    let parts = path.strip_prefix('/').unwrap_or(path).split('/');
    parts.map(|part| parameter(part).map_or_else(|| Segment::Text(part.to_owned()), Segment::Parameter)).collect()
}

fn method(name: &str) -> Option<Method> {
    ["get", "put", "post", "patch", "delete"]
        .contains(&name)
        .then(|| Method::from_bytes(name.to_uppercase().as_bytes()).ok())
        .flatten()
}

fn operation(
    schemas: &Schemas,
    path: &str,
    method: Method,
    node: &Value,
    shared: &[Value],
) -> Result<Operation, String> {
    let id = text(node, "operationId").ok_or_else(|| format!("{method} {path} has no operationId"))?;
    let parameters: Vec<&Value> =
        shared.iter().chain(list(node, "parameters")).map(|node| schemas.resolve(node)).collect();
    let named = |place: &str, required: bool| {
        let here = parameters.iter().filter(|parameter| parameter["in"] == place);
        let wanted = here.filter(|parameter| !required || parameter["required"] == true);
        wanted.filter_map(|parameter| Some((text(parameter, "name")?, parameter["schema"].clone()))).collect::<Vec<_>>()
    };
    let schemes: Vec<&Map<String, Value>> = list(node, "security").iter().filter_map(Value::as_object).collect();
    let only = |scheme: &str| !schemes.is_empty() && schemes.iter().all(|one| one.contains_key(scheme));
    Ok(Operation {
        function: text(node, "x-operation").unwrap_or_else(|| id.clone()),
        context: list(node, "tags").first().and_then(Value::as_str).unwrap_or_default().to_owned(),
        path: path.to_owned(),
        required_headers: named("header", true).into_iter().map(|(name, _)| name.to_lowercase()).collect(),
        required_query: named("query", true).into_iter().map(|(name, _)| name).collect(),
        query: named("query", false),
        body: node.get("requestBody").map(|body| taken(schemas, body)),
        max_body_bytes: node["x-max-body-bytes"]
            .as_u64()
            .and_then(|bytes| usize::try_from(bytes).ok())
            .unwrap_or(BODY_LIMIT),
        idempotency: match node["x-idempotency"].as_str() {
            Some("required") => Idempotency::Required,
            Some("honoured") => Idempotency::Honoured,
            _ => Idempotency::Ignored,
        },
        needs_if_match: node["x-precondition"] == "required",
        roles: list(node, "x-roles").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        staff_only: only("staff"),
        partner_only: only("partner"),
        signed: only("webhook"),
        limit: text(node, "x-limit"),
        answers: answers(schemas, node),
        id,
        method,
    })
}

fn taken(schemas: &Schemas, body: &Value) -> Body {
    let body = schemas.resolve(body);
    let json = &body["content"]["application/json"];
    let several = json["examples"].as_object().into_iter().flatten();
    let several = several.filter_map(|(_, example)| schemas.resolve(example).get("value"));
    let others =
        body["content"].as_object().into_iter().flatten().any(|(media_type, _)| media_type != "application/json");
    Body {
        required: body["required"] == true,
        raw: others,
        schema: json["schema"].clone(),
        examples: json.get("example").into_iter().chain(several).cloned().collect(),
    }
}

fn answers(schemas: &Schemas, node: &Value) -> BTreeMap<u16, Answer> {
    let responses = node["responses"].as_object().into_iter().flatten();
    let known = responses.filter_map(|(status, response)| Some((status.parse().ok()?, schemas.resolve(response))));
    let read = |response: &Value| {
        let content = response["content"].as_object().into_iter().flatten();
        let headers = response["headers"].as_object().into_iter().flatten();
        Answer {
            bodies: content.map(|(media_type, body)| (media_type.clone(), body["schema"].clone())).collect(),
            headers: headers.map(|(name, _)| name.to_lowercase()).collect(),
        }
    };
    known.map(|(status, response)| (status, read(response))).collect()
}

fn list<'a>(node: &'a Value, name: &str) -> &'a [Value] {
    node.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(node: &Value, name: &str) -> Option<String> {
    node.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Contract, Found, Idempotency};
    use http::Method;

    const PUBLISHED: &str = include_str!("../../../infra/openapi.yaml");

    fn found(method: &Method, path: &str) -> String {
        match Contract::parse(PUBLISHED).unwrap().find(method, path) {
            Found::Operation(operation, parts) => format!("{} {parts:?}", operation.id),
            Found::OtherMethod(methods) => format!("{methods:?}"),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn a_request_finds_its_operation_and_the_parts_of_its_path() {
        assert_eq!(found(&Method::GET, "/ping"), "ping []");
        assert_eq!(found(&Method::GET, "/api/orders/a%20b"), r#"get-order [("orderId", "a%20b")]"#);
        assert_eq!(found(&Method::PUT, "/api/products"), "[GET, POST]");
        assert_eq!(found(&Method::GET, "/api/products/"), "nothing");
        assert_eq!(found(&Method::GET, "/api/nothing"), "nothing");
    }

    #[test]
    fn what_begins_like_the_api_is_the_apis() {
        let contract = Contract::parse(PUBLISHED).unwrap();
        for near in ["/api", "/api/nothing", "//api/products", "/admin/", "/ping/x"] {
            assert!(contract.is_near(near), "{near}");
        }
        for other in ["/", "", "/apis", "/shopping", "/menu/api"] {
            assert!(!contract.is_near(other), "{other}");
        }
    }

    #[test]
    fn operations_say_who_may_call_and_what_they_do_with_a_key() {
        let contract = Contract::parse(PUBLISHED).unwrap();
        let named = |id: &str| contract.operations().iter().find(|operation| operation.id == id).unwrap();
        assert_eq!(named("ping").function, "report-health");
        assert_eq!(named("place-order").idempotency, Idempotency::Required);
        assert_eq!(named("place-order").required_headers, ["idempotency-key"]);
        assert!(named("create-product").staff_only && !named("get-order").staff_only);
        assert_eq!(named("create-product").max_body_bytes, 262_144);
        assert_eq!(named("place-order").body.as_ref().unwrap().examples.len(), 2);
    }
}
