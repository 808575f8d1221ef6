//! A partner's endpoint: an HTTP server on this machine that answers as a test says, and remembers what came.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One request that came.
#[derive(Debug, Clone)]
pub struct Got {
    /// Its headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Vec<u8>,
}

/// What an endpoint does with a request.
#[derive(Debug, Clone, Copy)]
pub enum Answers {
    /// Answers with that status and those lines of headers, each ended by CRLF.
    With(u16, &'static str),
    /// Says nothing, until the other side hangs up.
    Never,
    /// Hangs up.
    HangsUp,
}

/// The endpoint. It is gone when it is dropped.
pub struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// An endpoint that answers the first request with the first answer and so on, and all others with the last.
    ///
    /// # Panics
    /// When it finds no port.
    pub fn start(answers: &[Answers]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of this machine");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (got, answers) = (Arc::new(Mutex::new(Vec::new())), answers.to_vec());
        let seen = Arc::clone(&got);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answers) = (Arc::clone(&seen), answers.clone());
                std::thread::spawn(move || converse(stream, &seen, &answers));
            }
        });
        Self { url, got }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What came so far.
    #[must_use]
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What came, once there are so many, within that time.
    #[must_use]
    pub fn wait_for(&self, count: usize, within: Duration) -> Vec<Got> {
        crate::eventually(within, || self.got(), |got| got.len() >= count)
    }
}

impl Got {
    /// A header, or an empty text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether it is signed with that secret.
    #[must_use]
    pub fn is_signed_with(&self, secret: &str, now: kernel::Instant) -> bool {
        let secret = webhooks::Secret::parse(secret).expect("a secret of ours");
        let header = |name: &str| self.headers.get(name).map(String::as_str);
        webhooks::verify(&[secret], header, &self.body, now).is_ok()
    }
}

fn converse(mut stream: TcpStream, got: &Mutex<Vec<Got>>, answers: &[Answers]) {
    let Ok(reading) = stream.try_clone() else { return };
    let mut reading = BufReader::new(reading);
    while let Some(one) = read(&mut reading) {
        let number = {
            let mut got = got.lock().unwrap_or_else(PoisonError::into_inner);
            got.push(one);
            got.len() - 1
        };
        match answers.get(number).or(answers.last()) {
            Some(Answers::With(status, lines)) => {
                let head = format!("HTTP/1.1 {status} So\r\n{lines}content-length: 0\r\n\r\n");
                if stream.write_all(head.as_bytes()).is_err() {
                    return;
                }
            }
            Some(Answers::Never) => {
                // Until the other side hangs up.
                drop(reading.read(&mut [0]));
                return;
            }
            Some(Answers::HangsUp) | None => return,
        }
    }
}

fn read(reading: &mut BufReader<TcpStream>) -> Option<Got> {
    let (mut headers, mut line) = (BTreeMap::new(), String::new());
    reading.read_line(&mut line).ok().filter(|read| *read > 0)?;
    loop {
        line.clear();
        reading.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reading.read_exact(&mut body).ok()?;
    Some(Got { headers, body })
}
