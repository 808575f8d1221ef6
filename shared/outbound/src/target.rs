//! Where a request may go.

use http::Uri;
use std::net::IpAddr;

/// A URL that may be called: https anywhere, or http on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    uri: Uri,
}

/// Why a URL is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// It is no absolute URL, or it holds a user's name.
    #[error("not an absolute URL of http or https without a user's name")]
    NotAUrl,
    /// It is neither https nor on this machine.
    #[error("only https leaves this machine")]
    NotEncrypted,
}

impl Target {
    /// The target in `url`.
    ///
    /// # Errors
    /// [`NotAllowed`] with what stands against it.
    pub fn parse(url: &str) -> Result<Self, NotAllowed> {
        let uri: Uri = url.parse().map_err(|_| NotAllowed::NotAUrl)?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or(NotAllowed::NotAUrl)?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(NotAllowed::NotAUrl);
        }
        match scheme {
            "https" => Ok(Self { uri }),
            "http" if is_loopback(authority.host()) => Ok(Self { uri }),
            "http" => Err(NotAllowed::NotEncrypted),
            _ => Err(NotAllowed::NotAUrl),
        }
    }

    pub(crate) fn uri(&self) -> Uri {
        self.uri.clone()
    }
}

/// Whether the host is this machine, by address or by its one reserved name (RFC 6761). Names that merely begin so
/// (`127.0.0.1.example`) are not.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{NotAllowed, Target};

    // Proves: S0-07
    #[test]
    fn plain_http_goes_nowhere_but_to_this_machine() {
        for url in [
            "http://127.0.0.1:3000/x",
            "http://127.8.8.8",
            "http://localhost:9/y",
            "http://[::1]:80/",
            "HTTP://LOCALHOST/",
        ] {
            assert!(Target::parse(url).is_ok(), "{url}");
        }
        for url in [
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://169.254.169.254/latest/meta-data",
            "http://[::ffff:127.0.0.1]/",
            "http://localhost.example/",
        ] {
            assert_eq!(Target::parse(url), Err(NotAllowed::NotEncrypted), "{url}");
        }
    }

    #[test]
    fn https_goes_anywhere() {
        assert!(Target::parse("https://payments.example/v1?x=1").is_ok());
    }

    #[test]
    fn what_is_no_url_goes_nowhere() {
        for url in [
            "",
            "/v1",
            "example.com",
            "ftp://localhost/",
            "http://127.0.0.1@example.com/",
            "https://u:p@example.com/",
            "http://",
        ] {
            assert_eq!(Target::parse(url), Err(NotAllowed::NotAUrl), "{url}");
        }
    }
}
