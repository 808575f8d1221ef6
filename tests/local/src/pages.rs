//! The web pages, served as CloudFront serves them: hashed assets for a year, pages asked for again each time, and the
//! headers that keep browsers safe.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use std::path::{Path, PathBuf};

/// What every page is sent with: no inline script, nothing from elsewhere; and where the portal stores large feeds.
fn content_security_policy(uploads: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
         connect-src 'self' {uploads}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// What the pages read when they start.
const CONFIGURATION: &str = r#"{"apiUrl":"","environment":"local"}"#;

/// The first parts of paths that are pages of the one application.
const PAGES: [&str; 4] = ["shop", "me", "portal", "office"];

/// A folder of built pages.
#[derive(Debug, Clone)]
pub struct Pages {
    folder: PathBuf,
    policy: HeaderValue,
}

impl Pages {
    /// The pages built into that folder, which may send to `uploads`, an origin.
    ///
    /// # Errors
    /// When `uploads` is none.
    pub fn new(folder: impl Into<PathBuf>, uploads: &str) -> Result<Self, String> {
        let policy = HeaderValue::from_str(&content_security_policy(uploads));
        let policy = policy.map_err(|_| format!("{uploads:?} is no origin that pages could send to."))?;
        Ok(Self { folder: folder.into(), policy })
    }

    /// The answer for a path, if it is one of the pages' own.
    #[must_use]
    pub fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Bytes>> {
        if path == "/config.json" {
            return Some(self.sent(
                method,
                headers,
                "application/json",
                "no-cache",
                Bytes::from_static(CONFIGURATION.as_bytes()),
            ));
        }
        let (file, caching) = if is_page(path) {
            ("index.html".into(), "no-cache")
        } else if path.starts_with("/assets/") {
            (inside(path)?, "public, max-age=31536000, immutable")
        } else {
            (inside(path)?, "public, max-age=300")
        };
        let Ok(bytes) = std::fs::read(self.folder.join(&file)) else {
            return (file == Path::new("index.html")).then(not_built);
        };
        let media_type = media_type(&file);
        let caching = if media_type.starts_with("text/html") { "no-cache" } else { caching };
        Some(self.sent(method, headers, media_type, caching, bytes.into()))
    }

    /// The shop's not-found page, for a browser that came to an address which leads nowhere; `None` for whoever did not
    /// ask for a page. The application says in words what the status says, so it is the application that is sent.
    #[must_use]
    pub fn not_found(&self, method: &Method, headers: &HeaderMap) -> Option<Response<Bytes>> {
        if !(wants_a_page(headers) && (method == Method::GET || method == Method::HEAD)) {
            return None;
        }
        let bytes = std::fs::read(self.folder.join("index.html")).ok()?;
        // Without what the browser holds already: a page that is not there is never "not modified".
        let mut response =
            self.sent(method, &HeaderMap::new(), media_type(Path::new("index.html")), "no-cache", bytes.into());
        response.headers_mut().remove(header::ETAG);
        *response.status_mut() = StatusCode::NOT_FOUND;
        Some(response)
    }

    fn sent(
        &self,
        method: &Method,
        asked: &HeaderMap,
        media_type: &'static str,
        caching: &'static str,
        bytes: Bytes,
    ) -> Response<Bytes> {
        let etag = format!("\"{}\"", &kernel::id::sha256_hex(&bytes)[..32]);
        let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let fresh = known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag);
        let length = bytes.len();
        let mut response = Response::new(if fresh || method == Method::HEAD { Bytes::new() } else { bytes });
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(header::ETAG, etag);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if media_type.starts_with("text/html") {
            headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        }
        if fresh {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else if method == Method::HEAD {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        response
    }
}

/// Whether the caller reads pages: a browser that follows an address names `text/html`, a program seldom does.
fn wants_a_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepts.flat_map(|value| value.split(',')).map(|kind| kind.split(';').next().unwrap_or_default());
    kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
}

fn is_page(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let first = parts.next().unwrap_or_default();
    path == "/" || path == "/index.html" || PAGES.contains(&first)
}

/// The file that a path names, if every part of it is a plain name.
fn inside(path: &str) -> Option<PathBuf> {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    parts.iter().all(|part| plain(part)).then(|| parts.iter().collect())
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

fn not_built() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(
        b"The web pages are not built. Leave out --no-web, or run `npm ci && npm run build` in web/. The API answers all the same.\n",
    ));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Sets the headers that every answer from the edge carries.
pub fn keep_browsers_safe(headers: &mut HeaderMap) {
    let safe = [
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ];
    for (name, value) in safe {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::{Pages, inside, is_page};
    use http::{HeaderMap, Method, StatusCode};

    #[test]
    fn only_page_routes_fall_back_to_the_application() {
        for page in ["/", "/shop", "/shop/tea/earl-grey", "/me/orders", "/office", "/portal/x"] {
            assert!(is_page(page), "{page}");
        }
        for other in ["/shopping", "/api/products", "/metrics", "/menu", ""] {
            assert!(!is_page(other), "{other}");
        }
    }

    #[test]
    fn a_path_never_leaves_the_folder() {
        for bad in ["/../Cargo.toml", "/assets/../../x", "/.env", "/a//b", "/a%2f..", "/", "/a\\b"] {
            assert!(inside(bad).is_none(), "{bad}");
        }
        assert!(inside("/assets/index-a1B2.js").is_some());
    }

    #[test]
    fn a_page_that_is_known_is_not_sent_again() {
        let pages = Pages::new("/nowhere", "http://127.0.0.1:1").unwrap();
        let first = pages.answer(&Method::GET, "/config.json", &HeaderMap::new()).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("if-none-match", first.headers()["etag"].clone());
        let again = pages.answer(&Method::GET, "/config.json", &headers).unwrap();
        assert_eq!((again.status().as_u16(), again.body().len()), (304, 0));
    }

    #[test]
    fn a_browser_at_a_wrong_address_gets_the_shops_own_page_with_the_status_that_says_so() {
        let folder = std::env::temp_dir().join(format!("russet-pages-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("index.html"), "<title>Russet</title>").unwrap();
        let pages = Pages::new(&folder, "http://127.0.0.1:1").unwrap();
        let mut browser = HeaderMap::new();
        browser.insert("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8".parse().unwrap());
        let found = pages.answer(&Method::GET, "/", &browser).unwrap();
        browser.insert("if-none-match", found.headers()["etag"].clone());

        let page = pages.not_found(&Method::GET, &browser).unwrap();

        assert_eq!(page.status(), StatusCode::NOT_FOUND);
        assert_eq!(page.body(), "<title>Russet</title>");
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        assert!(page.headers().contains_key("content-security-policy"));
        assert!(pages.not_found(&Method::POST, &browser).is_none());
        assert!(pages.not_found(&Method::GET, &HeaderMap::new()).is_none());
        browser.insert("accept", "application/json".parse().unwrap());
        assert!(pages.not_found(&Method::GET, &browser).is_none());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
