//! A partner, with its key and its secret.

use crate::ask::Ask;
use crate::reply::Reply;
use crate::shop::{Shop, eventually};
use http::Method;
use kernel::Instant;
use serde_json::{Value, json};
use std::time::Duration;

/// A partner that came a moment ago.
pub struct Supplier<'a> {
    shop: &'a Shop,
    address: String,
    /// Its id.
    pub id: String,
    /// Its handle.
    pub handle: String,
    /// The key it uses.
    pub key: String,
    /// The secret that its webhooks are signed with.
    pub secret: String,
}

impl<'a> Supplier<'a> {
    /// A partner with a handle that nobody had before, in the sandbox.
    ///
    /// # Panics
    /// When the shop does not take it in.
    pub fn new(shop: &'a Shop) -> Self {
        let address = shop.address();
        let handle = format!("p{}", kernel::id::derived(&[&address, &shop.now().to_string()]).get(..20).unwrap_or("x"));
        let body = json!({"handle": handle, "name": "Test Teas", "email": "feeds@example.com"});
        let came = shop.ask(Method::POST, "/partner/onboard").header("x-forwarded-for", &address).json(&body);
        let came = came.send().expect(201).json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            shop,
            address,
            id: text(&came["partner"]["id"]),
            handle,
            key: text(&came["key"]["key"]),
            secret: text(&came["webhook_secret"]),
        }
    }

    /// A partner that took every step and uses a key of the live world.
    ///
    /// # Panics
    /// When it does not go live by that.
    pub fn live(shop: &'a Shop) -> Self {
        let mut supplier = Self::new(shop);
        supplier.go_live();
        supplier
    }

    /// Takes every step, and uses a key of the live world from then on.
    ///
    /// # Panics
    /// When it does not go live by that.
    pub fn go_live(&mut self) {
        let feed = json!([{"sku": "FIRST", "name": "First", "price_cents": 100, "stock": 1}]);
        let job = self.ingest("first", "application/json", feed.to_string()).expect(202).json();
        let done = self.wait_for(job["id"].as_str().unwrap_or_default());
        assert_eq!(done["state"], "done", "{done}");
        self.state("first", self.shop.now(), &json!([{"sku": "FIRST", "stock": 1}])).expect(202);
        let issued = self.ask(Method::POST, "/partner/keys").json(&json!({"world": "live"})).send().expect(201);
        self.key = issued.json()["key"].as_str().unwrap_or_default().to_owned();
    }

    /// A request with its key.
    pub fn ask(&self, method: Method, path: &str) -> Ask<'a> {
        self.shop.ask(method, path).header("x-forwarded-for", &self.address).header("x-api-key", &self.key)
    }

    /// A GET with its key.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path).send()
    }

    /// Sends a feed.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn ingest(&self, key: &str, media_type: &str, feed: impl Into<Vec<u8>>) -> Reply {
        self.ask(Method::POST, "/partner/ingest").key(key).bytes(media_type, feed).send()
    }

    /// The job, once it is over. Others of its partner may be before it.
    ///
    /// # Panics
    /// When it is not over within a minute.
    pub fn wait_for(&self, job: &str) -> Value {
        let path = format!("/partner/jobs/{job}");
        let over = |job: &Value| ["done", "refused", "failed"].iter().any(|state| job["state"] == *state);
        // Slower than the limit of a key allows.
        let ask = || {
            std::thread::sleep(Duration::from_millis(1100));
            self.get(&path).json()
        };
        let first = self.get(&path).json();
        if over(&first) { first } else { eventually(Duration::from_secs(60), ask, over) }
    }

    /// Sends a feed and gives its job once that is over.
    ///
    /// # Panics
    /// When it is not taken, or not over within a minute.
    pub fn feed(&self, key: &str, media_type: &str, feed: impl Into<Vec<u8>>) -> Value {
        let job = self.ingest(key, media_type, feed).expect(202).json();
        self.wait_for(job["id"].as_str().unwrap_or_default())
    }

    /// States stock by a webhook under that message id.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn state(&self, message: &str, as_of: Instant, items: &Value) -> Reply {
        let body = json!({"as_of": as_of.to_string(), "items": items}).to_string();
        self.webhook(message, self.shop.now(), &body).send()
    }

    /// A webhook with that body, signed as it must be.
    ///
    /// # Panics
    /// When the secret is none.
    pub fn webhook(&self, message: &str, at: Instant, body: &str) -> Ask<'a> {
        let secret = webhooks::Secret::parse(&self.secret).expect("a secret of ours");
        self.shop
            .ask(Method::POST, "/partner/webhooks/stock")
            .header("x-partner-id", &self.id)
            .header("webhook-id", message)
            .header("webhook-timestamp", at.seconds().to_string())
            .header("webhook-signature", webhooks::sign(&[secret], message, at, body.as_bytes()))
            .bytes("application/json", body)
    }

    /// Stores a large feed by itself: what the shop said of the upload.
    ///
    /// # Panics
    /// When the shop or the bucket does not take it.
    pub fn upload(&self, media_type: &str, feed: &[u8]) -> Value {
        let body = json!({"bytes": feed.len(), "sha256": kernel::id::sha256_hex(feed), "media_type": media_type});
        let upload = self.ask(Method::POST, "/partner/uploads").json(&body).send().expect(201).json();
        assert_eq!(self.put(&upload, feed), 200, "{upload}");
        upload
    }

    /// Puts bytes to the address of an upload: the status.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn put(&self, upload: &Value, bytes: &[u8]) -> u16 {
        let mut request = http::Request::put(upload["url"].as_str().unwrap_or_default());
        for (name, value) in upload["headers"].as_object().into_iter().flatten() {
            // The length is what is sent, as every client says it by itself.
            if name != "content-length" {
                request = request.header(name, value.as_str().unwrap_or_default());
            }
        }
        let request = request.body(bytes).expect("a request");
        self.shop.agent().run(request).expect("the bucket answers").status().as_u16()
    }

    /// Sends its events there.
    ///
    /// # Panics
    /// When the shop does not take the address.
    pub fn listens_at(&self, url: &str) {
        self.ask(Method::PUT, "/partner/webhook").json(&json!({"url": url})).send().expect(200);
    }

    /// Its delivery of that kind, once it stands so.
    ///
    /// # Panics
    /// When it does not come to that within that time.
    pub fn delivery(&self, kind: &str, state: &str, within: Duration) -> Value {
        let newest = || {
            // Slower than the limit of a key allows.
            std::thread::sleep(Duration::from_millis(1100));
            let listed = self.get("/partner/deliveries").expect(200).json();
            let all = listed["items"].as_array().cloned().unwrap_or_default();
            all.into_iter().find(|delivery| delivery["type"] == kind).unwrap_or_default()
        };
        let found = eventually(within, newest, |delivery| delivery["state"] == state);
        assert_eq!(found["state"], state, "{found}");
        found
    }

    /// The SKU in the shop of one of its own.
    pub fn shop_sku(&self, own: &str) -> String {
        format!("{}:{own}", self.handle)
    }
}
