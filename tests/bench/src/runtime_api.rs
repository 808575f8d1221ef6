//! The side of Lambda's Runtime API that a `bootstrap` asks: one connection, one invocation after the other.

use crate::Why;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time that one invocation may take, as the bootstrap is told.
const BUDGET: Duration = Duration::from_secs(10);
/// How long a bootstrap may keep silent.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Runtime API for one environment at a time.
pub struct RuntimeApi {
    listener: TcpListener,
}

/// One environment that has asked for its first event.
pub struct Polled {
    reader: BufReader<TcpStream>,
    /// When it asked.
    pub at: Instant,
}

impl RuntimeApi {
    /// On any free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn bind() -> Result<Self, Why> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        Ok(Self { listener })
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is to be.
    ///
    /// # Errors
    /// When the system does not know.
    pub fn address(&self) -> Result<String, Why> {
        self.listener.local_addr().map(|address| address.to_string()).map_err(|error| error.to_string())
    }

    /// Waits until an environment asks for its first event.
    ///
    /// # Errors
    /// When it asks for something else, or nothing.
    pub fn first_poll(&self) -> Result<Polled, Why> {
        let (stream, _) = self.listener.accept().map_err(|error| error.to_string())?;
        stream
            .set_nodelay(true)
            .and_then(|()| stream.set_read_timeout(Some(PATIENCE)))
            .map_err(|error| error.to_string())?;
        let mut reader = BufReader::new(stream);
        let (line, _) = asked(&mut reader)?;
        let at = Instant::now();
        if line.starts_with("GET /2018-06-01/runtime/invocation/next ") {
            Ok(Polled { reader, at })
        } else {
            Err(format!("the bootstrap asked {line}"))
        }
    }
}

impl Polled {
    /// Gives it one event, takes its answer and the next poll.
    ///
    /// # Errors
    /// When it fails the invocation, or breaks off.
    pub fn invoke(&mut self, number: usize, event: &[u8]) -> Result<Vec<u8>, Why> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let deadline = (now + BUDGET).as_millis();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlambda-runtime-aws-request-id: bench-{number}\r\n\
             lambda-runtime-deadline-ms: {deadline}\r\nlambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:000000000000:function:bench\r\n\
             content-length: {}\r\n\r\n",
            event.len()
        );
        self.write(&[head.as_bytes(), event].concat())?;
        let (line, answer) = asked(&mut self.reader)?;
        if !line.contains("/response ") {
            return Err(format!("the bootstrap told {line}: {}", String::from_utf8_lossy(&answer)));
        }
        self.write(
            b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{\"status\":\"OK\"}",
        )?;
        asked(&mut self.reader)?;
        Ok(answer)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Why> {
        self.reader.get_mut().write_all(bytes).map_err(|error| format!("the bootstrap hung up: {error}"))
    }
}

/// One request: its first line and its body.
fn asked(reader: &mut BufReader<TcpStream>) -> Result<(String, Vec<u8>), Why> {
    let silent = |error: std::io::Error| format!("the bootstrap broke off: {error}");
    let (mut first, mut length, mut chunked) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).map_err(silent)? == 0 {
            return Err("the bootstrap hung up".to_owned());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if first.is_empty() {
            // Names in the path are told apart by case nowhere here.
            first = line.replacen("get ", "GET ", 1);
        } else if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(|_| format!("a length of {value}"))?;
        } else if line.starts_with("transfer-encoding:") {
            chunked = line.ends_with("chunked");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).map_err(silent)?;
    while chunked {
        let mut line = String::new();
        reader.read_line(&mut line).map_err(silent)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(|_| format!("a chunk of {line}"))?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).map_err(silent)?;
        chunk.truncate(size);
        body.append(&mut chunk);
        chunked = size > 0;
    }
    Ok((first, body))
}
