//! Where a request may go.

use http::Uri;
use kernel::address::is_public;
use std::net::IpAddr;
use url::{Host, Url};

/// A URL that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    uri: Uri,
}

/// Whose addresses are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Those that we chose ourselves: https anywhere, or http on this machine.
    #[default]
    Ours,
    /// Those that strangers chose: https, and only to hosts on the open web. What a name stands for is checked when the
    /// connection is made, and the connection is made to what was checked.
    Public,
    /// The same, and this machine, over http as well: where the shop runs on one machine with those who try it.
    PublicOrLoopback,
}

impl Reach {
    /// Whether a connection may be made to that address.
    pub(crate) fn admits(self, address: IpAddr) -> bool {
        match self {
            Self::Ours => true,
            Self::Public => is_public(address),
            Self::PublicOrLoopback => is_public(address) || address.is_loopback(),
        }
    }
}

/// Why a URL is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// It is no absolute URL, or it holds a login.
    #[error("not an absolute URL of http or https without a login")]
    NotAUrl,
    /// It is neither https nor on this machine.
    #[error("only https leaves this machine")]
    NotEncrypted,
    /// Its host is not on the open web.
    #[error("the host is not on the open web")]
    NotPublic,
}

impl Target {
    /// The target in `url`, one that we chose ourselves.
    ///
    /// # Errors
    /// [`NotAllowed`] with what stands against it.
    pub fn parse(url: &str) -> Result<Self, NotAllowed> {
        Self::within(url, Reach::Ours)
    }

    /// The target in `url`. It is read as browsers read it, so that a host which is a number in any spelling (`2130706433`,
    /// `0x7f.1`, `0177.0.0.1`, `[::ffff:10.0.0.1]`) is the address that it stands for. A name that stands for an address
    /// beyond `reach` is noticed when it is called.
    ///
    /// # Errors
    /// [`NotAllowed`] with what stands against it.
    pub fn within(url: &str, reach: Reach) -> Result<Self, NotAllowed> {
        // Browsers take away what stands around an address and read `https:/x` with kindness; strangers get none.
        let plain = url.bytes().all(|byte| byte.is_ascii_graphic()) && url.contains("://") && !url.contains('\\');
        let mut parsed = Url::parse(url).ok().filter(|_| plain).ok_or(NotAllowed::NotAUrl)?;
        let host = parsed.host().ok_or(NotAllowed::NotAUrl)?;
        if !parsed.username().is_empty() || parsed.password().is_some() || !matches!(parsed.scheme(), "https" | "http")
        {
            return Err(NotAllowed::NotAUrl);
        }
        let (address, here) = match host {
            Host::Domain(name) => (None, is_this_machine(name)),
            Host::Ipv4(address) => (Some(IpAddr::from(address)), address.is_loopback()),
            Host::Ipv6(address) => (Some(IpAddr::from(address)), address.is_loopback()),
        };
        if parsed.scheme() == "http" && !here {
            return Err(NotAllowed::NotEncrypted);
        }
        if address.is_some_and(|address| !reach.admits(address)) || (here && reach == Reach::Public) {
            return Err(NotAllowed::NotPublic);
        }
        parsed.set_fragment(None);
        let uri = parsed.as_str().parse().map_err(|_| NotAllowed::NotAUrl)?;
        Ok(Self { uri })
    }

    pub(crate) fn uri(&self) -> Uri {
        self.uri.clone()
    }
}

/// Whether the name is this machine's: the one that is reserved for it, with all below it (RFC 6761).
fn is_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::{NotAllowed, Reach, Target};

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
    fn https_goes_anywhere_that_we_chose() {
        for url in ["https://payments.example/v1?x=1", "https://10.0.0.1/"] {
            assert!(Target::parse(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_goes_nowhere() {
        for url in [
            "",
            "/v1",
            "example.com",
            "ftp://localhost/",
            "file:///etc/passwd",
            "http://127.0.0.1@example.com/",
            "https://u:p@example.com/",
            "https://example.com\\@10.0.0.1/",
            " https://example.com/",
            "https:example.com",
            "https://exa mple.com/",
            "https://example.com/\r\nHost: x",
            "https://exämple.com/",
            "http://",
            "https://256.1.1.1/",
        ] {
            assert_eq!(Target::within(url, Reach::Public), Err(NotAllowed::NotAUrl), "{url}");
        }
    }

    #[test]
    fn a_stranger_reaches_the_open_web_alone() {
        for url in ["https://example.com/x?y=1", "https://1.1.1.1/", "https://[2606:4700::1111]:8443/"] {
            assert!(Target::within(url, Reach::Public).is_ok(), "{url}");
        }
        for url in [
            "https://10.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://2852039166/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[fd00:ec2::254]/",
            "https://0/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://shop.localhost/",
        ] {
            assert_eq!(Target::within(url, Reach::Public), Err(NotAllowed::NotPublic), "{url}");
        }
        assert_eq!(Target::within("http://example.com/", Reach::Public), Err(NotAllowed::NotEncrypted));
        assert_eq!(Target::within("http://127.0.0.1/", Reach::Public), Err(NotAllowed::NotPublic));
    }

    #[test]
    fn a_stranger_reaches_this_machine_where_that_is_allowed() {
        for url in ["http://127.0.0.1:9000/hook", "http://localhost:9000/hook", "https://example.com/"] {
            assert!(Target::within(url, Reach::PublicOrLoopback).is_ok(), "{url}");
        }
        for url in ["https://10.0.0.1/", "https://169.254.169.254/", "https://0.0.0.0/"] {
            assert_eq!(Target::within(url, Reach::PublicOrLoopback), Err(NotAllowed::NotPublic), "{url}");
        }
    }
}
