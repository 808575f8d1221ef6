//! The program as a developer runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A folder that is gone when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("russet-command-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn program(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(words).arg("--no-web").stdin(Stdio::null());
    command
}

fn refused(words: &[&str]) -> String {
    let Output { status, stdout, stderr } = program(words).output().unwrap();
    assert_eq!((status.code(), stdout.len()), (Some(1), 0));
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    said
}

/// A run, with what it said until it said the word.
struct Run {
    child: Child,
    said: Vec<String>,
}

impl Run {
    fn until(word: &str, data: &Path) -> Self {
        let mut child =
            program(&["--port", "0", "--data", data.to_str().unwrap()]).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            said.push(line);
            if said.last().is_some_and(|line| line.starts_with(word)) {
                return Self { child, said };
            }
        }
        panic!("it ended and never said {word}: {said:?}, {:?}", child.wait());
    }

    fn port(&self) -> u16 {
        self.said.last().unwrap().rsplit(':').next().unwrap().parse().unwrap()
    }

    fn token(&self, role: &str) -> Option<String> {
        let line = self.said.iter().find(|line| line.trim().starts_with(role))?;
        line.split_whitespace().nth(1).map(str::to_owned)
    }

    fn get(&self, path: &str, token: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a signal and waits for the end.
    fn end(mut self, signal: &str) -> Option<i32> {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let status = self.child.wait().unwrap();
        status.code()
    }
}

#[test]
fn a_port_in_use_is_one_clear_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert!(refused(&["--memory", "--port", &port]).starts_with(&format!("Port {port} is in use")));
}

#[test]
fn a_data_folder_that_can_not_be_used_is_one_clear_sentence() {
    let folder = Folder::new();
    std::fs::write(&folder.0, "a file").unwrap();
    assert!(refused(&["--port", "0", "--data", folder.0.to_str().unwrap()]).contains(folder.0.to_str().unwrap()));
    std::fs::remove_file(&folder.0).unwrap();
}

#[test]
fn a_word_that_is_not_understood_is_one_clear_sentence() {
    assert!(refused(&["--prot", "3000"]).contains("--prot"));
}

#[test]
fn tokens_are_shown_once_data_stays_and_signals_end_it_cleanly() {
    let folder = Folder::new();
    let first = Run::until("ready", &folder.0);
    let token = first.token("admin").unwrap();
    assert!(first.get("/admin/orders", &token).starts_with("HTTP/1.1 200"));
    let taken = refused(&["--port", "0", "--data", folder.0.to_str().unwrap()]);
    assert!(taken.contains("in use"), "{taken}");
    assert_eq!(first.end("-TERM"), Some(0));

    let begun = Instant::now();
    let second = Run::until("ready", &folder.0);
    println!("ready again after {:?}", begun.elapsed());
    assert_eq!(second.token("admin"), None);
    assert!(second.get("/admin/orders", &token).starts_with("HTTP/1.1 200"));
    assert!(second.get("/api/products?limit=all", "").contains("\"total\":60"));
    let begun = Instant::now();
    assert_eq!(second.end("-INT"), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(6));
}

#[test]
fn a_run_that_was_killed_while_it_filled_the_shop_goes_on_with_it() {
    let folder = Folder::new();
    let first = Run::until("filling", &folder.0);
    std::thread::sleep(Duration::from_millis(150));
    assert_eq!(first.end("-KILL"), None);
    let second = Run::until("ready", &folder.0);
    assert!(second.get("/api/products?limit=all", "").contains("\"total\":60"));
    assert_eq!(second.end("-TERM"), Some(0));
    let third = Run::until("ready", &folder.0);
    assert!(!third.said.iter().any(|line| line.starts_with("filling")), "{:?}", third.said);
    assert_eq!(third.end("-TERM"), Some(0));
}
