//! One function in a process of its own whose every allocation is noted, with where it came from. The benchmark starts it.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if words.len() < 2 {
        eprintln!("the file for the allocations, then the words of `handler`");
        return ExitCode::FAILURE;
    }
    let notes = words.remove(0);
    match bench::handler::serve(&words, || dhat::Profiler::builder().file_name(notes).trim_backtraces(None).build()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
