//! The payment sandbox alone, for shops that run elsewhere: `provider PORT [EVENTS_TO]`, with `API_KEY` and `WEBHOOK_SECRET` in the
//! environment.

use std::process::ExitCode;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), String> {
    let mut words = std::env::args().skip(1);
    let port: u16 = words.next().and_then(|port| port.parse().ok()).ok_or("provider PORT [EVENTS_TO]")?;
    let secret = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let options = sandbox::Options {
        storage: sandbox::Storage::Memory,
        api_key: secret("API_KEY")?,
        webhook_secret: secret("WEBHOOK_SECRET")?,
        events_to: words.next(),
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let router = sandbox::router(options).map_err(|error| error.to_string())?;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
        axum::serve(listener, router).await.map_err(|error| error.to_string())
    })
}
