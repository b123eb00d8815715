//! The command line of gatekeeper-history.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(gatekeeper_history::cli::run())
}
