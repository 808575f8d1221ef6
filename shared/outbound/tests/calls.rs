//! Calls to servers that behave in every way a server can.
#![allow(clippy::unwrap_used, reason = "a test")]

use outbound::{Ask, Client, Failure, Method, NotAllowed, Reach};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Serves every connection with `answer`: it is given the request's text, and its answer is written as it is. `None` hangs
/// up.
async fn server(answer: fn(&str) -> Option<String>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (url, connections) = (format!("http://{}", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(converse(stream, answer));
        }
    });
    (url, connections)
}

async fn converse(mut stream: TcpStream, answer: fn(&str) -> Option<String>) {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() < length.unwrap_or(0) {
            continue;
        }
        let Some(answer) = answer(&text) else { return };
        text.clear();
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn ok(body: &str) -> Option<String> {
    Some(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

fn ask(url: &str) -> Ask<'_> {
    Ask {
        method: Method::POST,
        url,
        headers: &[],
        body: b"{}".to_vec(),
        traceparent: None,
        within: Duration::from_secs(2),
    }
}

#[tokio::test]
async fn an_answer_comes_back_with_its_status_and_body_over_one_connection() {
    let (url, connections) = server(ok_echo).await;
    let client = Client::new();
    for _ in 0..3 {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let headers = [("authorization", "Bearer key")];
        let answer = client.send(Ask { headers: &headers, traceparent: Some(trace), ..ask(&url) }).await.unwrap();
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert_eq!(answer.status, 200);
        for line in ["POST / HTTP/1.1", "content-type: application/json", "authorization: Bearer key", trace] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

fn ok_echo(request: &str) -> Option<String> {
    ok(request)
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (url, connections) =
        server(|_| Some("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".to_owned())).await;
    let answer = Client::new().send(ask(&url)).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.headers["location"]), (302, &"/elsewhere".parse().unwrap()));
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let failure = Client::new().send(ask(&format!("http://{nobody}/"))).await.unwrap_err();
    assert!(matches!(&failure, Failure::NotSent(cause) if cause.contains("refused")), "{failure}");
}

#[tokio::test]
async fn who_hangs_up_may_have_received_it() {
    let (url, _) = server(|_| None).await;
    let failure = Client::new().send(ask(&url)).await.unwrap_err();
    assert!(matches!(failure, Failure::Unanswered(_)), "{failure}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let (url, _) = server(|request| {
        request
            .starts_with("POST /head")
            .then(|| "HTTP/1.1 200 OK\r\ncontent-le".to_owned())
            .or_else(|| Some("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned()))
    })
    .await;
    for path in ["/head", "/body"] {
        let url = format!("{url}{path}");
        let failure = Client::new().send(Ask { within: Duration::from_millis(300), ..ask(&url) }).await.unwrap_err();
        assert!(matches!(failure, Failure::Unanswered(_)), "{failure}");
    }
}

#[tokio::test]
async fn the_deadline_holds_from_connection_to_last_byte() {
    let (url, _) = server(|_| Some("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nslow".to_owned())).await;
    let began = Instant::now();
    let failure = Client::new().send(Ask { within: Duration::from_millis(200), ..ask(&url) }).await.unwrap_err();
    assert_eq!(failure, Failure::Unanswered("no answer within 200 ms".to_owned()));
    assert!(began.elapsed() < Duration::from_millis(1000));
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let (url, _) = server(|_| ok(&"x".repeat(1024 * 1024 + 1))).await;
    let failure = Client::new().send(ask(&url)).await.unwrap_err();
    assert_eq!(failure, Failure::Unanswered("more than 1048576 bytes".to_owned()));
}

// Proves: S0-07
#[tokio::test]
async fn plain_http_to_elsewhere_and_headers_that_break_the_line_are_never_sent() {
    let client = Client::new();
    let failure = client.send(ask("http://example.com/")).await.unwrap_err();
    assert!(matches!(failure, Failure::NotAllowed(_)), "{failure}");
    let (url, connections) = server(ok_echo).await;
    let headers = [("authorization", "Bearer a\r\nevil: yes")];
    let failure = client.send(Ask { headers: &headers, ..ask(&url) }).await.unwrap_err();
    assert!(matches!(failure, Failure::NotSent(_)), "{failure}");
    assert_eq!(connections.load(Ordering::Relaxed), 0);
    assert_eq!(format!("{client:?}"), "Client");
}

// Proves: S0-07
#[tokio::test]
async fn nothing_is_sent_over_https_to_who_does_not_speak_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    });
    let failure = Client::new().send(ask(&url)).await.unwrap_err();
    assert!(matches!(failure, Failure::NotSent(_)), "{failure}");
}

/// A client for strangers' addresses, in whose world every name stands for these.
fn strangers(reach: Reach, addresses: &'static [&'static str]) -> Client {
    Client::naming(Arc::new(|_| addresses.iter().map(|address| address.parse().unwrap()).collect())).reaching(reach)
}

#[tokio::test]
async fn a_name_that_stands_for_an_address_inside_is_not_called() {
    for addresses in [&["10.0.0.1"][..], &["169.254.169.254"], &["::1"], &["127.0.0.1"], &["1.1.1.1", "10.0.0.1"]] {
        let client = strangers(Reach::Public, addresses);
        let refused = client.tell(ask("https://hooks.example/x")).await.unwrap_err();
        assert_eq!(refused, Failure::NotAllowed(NotAllowed::NotPublic), "{addresses:?}");
    }
}

#[tokio::test]
async fn a_name_that_comes_to_stand_for_an_address_inside_is_called_no_more() {
    fn hang_up(_: &str) -> Option<String> {
        Some("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_owned())
    }
    let (url, connections) = server(hang_up).await;
    let url = url.replace("127.0.0.1", "hooks.localhost");
    let times = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&times);
    let names = Arc::new(move |_: &str| {
        let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
        vec![if first { "127.0.0.1" } else { "10.0.0.1" }.parse().unwrap()]
    });
    let client = Client::naming(names).reaching(Reach::PublicOrLoopback);
    assert_eq!(client.tell(ask(&url)).await.unwrap().status, 204);
    let refused = client.tell(ask(&url)).await.unwrap_err();
    assert_eq!(refused, Failure::NotAllowed(NotAllowed::NotPublic));
    assert_eq!((times.load(Ordering::Relaxed), connections.load(Ordering::Relaxed)), (2, 1));
}

#[tokio::test]
async fn of_whoever_is_told_the_status_counts_however_long_they_talk() {
    fn endless(_: &str) -> Option<String> {
        Some("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\nand so on".to_owned())
    }
    let (url, _) = server(endless).await;
    let client = Client::new().reaching(Reach::PublicOrLoopback);
    assert_eq!(client.tell(ask(&url)).await.unwrap().status, 200);
}
