//! `cargo run -p local`: the whole shop on one machine, until Ctrl-C or SIGTERM.

use kernel::Role;
use local::command_line::{Asked, USAGE, parse};
use local::{Local, Options};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match parse(std::env::args_os().skip(1)) {
        Ok(Asked::Help) => {
            print(USAGE);
            ExitCode::SUCCESS
        }
        Ok(Asked::Run(options)) => run(&options).map_or_else(|why| refuse(&why), |()| ExitCode::SUCCESS),
        Err(why) => refuse(&why),
    }
}

fn refuse(why: &str) -> ExitCode {
    // A closed standard error leaves the exit code.
    drop(writeln!(std::io::stderr(), "{why}"));
    ExitCode::FAILURE
}

/// A closed standard output is no reason to end the shop.
fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

fn run(options: &Options) -> Result<(), String> {
    let waiting = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let waiting = waiting.map_err(|error| format!("The system gives no threads: {error}."))?;
    let end = waiting.block_on(async { signals() })?;
    let local = local::start(options, &print)?;
    tell(&local, options);
    waiting.block_on(end);
    local.stop();
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM, from now on.
fn signals() -> Result<impl Future<Output = ()>, String> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| format!("Signals cannot be listened to: {error}."));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn tell(local: &Local, options: &Options) {
    let url = local.url();
    let data = options.data.as_ref().map_or_else(|| "in memory".to_owned(), |folder| folder.display().to_string());
    print(&format!("shop      {url}/"));
    print(&format!("api       {url}/api/products"));
    print(&format!("mailbox   {url}/_sandbox/mail"));
    print(&format!("payments  {url}/_sandbox/payments/ledger"));
    print(&format!("data      {data}"));
    if !local.staff_tokens().is_empty() {
        print("staff tokens, shown this once:");
        for role in [Role::Support, Role::Warehouse, Role::Finance, Role::Admin] {
            if let Some(token) = local.staff_tokens().get(&role) {
                print(&format!("  {:<10}{token}", role.name()));
            }
        }
    }
    print("for cargo lambda watch:");
    for (name, value) in local.exports() {
        print(&format!("  export {name}={value}"));
    }
    print(&format!("  eval \"$(curl -s {url}/_sandbox/environment)\"   # and the names of tables, queues …"));
    print(&format!("ready {url}"));
}
