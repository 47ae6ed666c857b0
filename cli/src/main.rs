//! The `rigel` command: one binary for users (`run`, `soft`, `status`), operators (`serve`,
//! `lease`) and for our
//! own processes (`worker`, `watch`). Each subcommand is a file; what they do is `pool-server`'s and `transport`'s.

mod capability;
mod client;
mod device_files;
mod lease;
mod libraries;
mod logging;
mod run;
mod serve;
mod soft;
mod status;
mod table;
mod watch;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Use GPUs that are elsewhere, and share those that are here.
///
/// On the machine with the GPUs (or on any machine, with the soft driver):
///
///     rigel serve
///
/// On the machine of the program, which runs unmodified:
///
///     rigel run -- python train.py
///
/// With no GPU and no server at all, kernels run on the CPU:
///
///     rigel soft -- python test.py
#[derive(Debug, Parser)]
#[command(name = "rigel", version, verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Lease(lease::LeaseArguments),
    Run(run::RunArguments),
    Serve(serve::ServeArguments),
    Soft(soft::SoftArguments),
    Status(status::StatusArguments),
    #[command(hide = true)]
    Watch(watch::WatchArguments),
    #[command(hide = true)]
    Worker(worker::WorkerArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Lease(arguments) => lease::main(&arguments),
        Command::Run(arguments) => run::main(arguments),
        Command::Serve(arguments) => serve::main(arguments),
        Command::Soft(arguments) => soft::main(arguments),
        Command::Status(arguments) => status::main(&arguments),
        Command::Watch(arguments) => watch::main(&arguments),
        Command::Worker(arguments) => worker::main(arguments),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rigel: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_definition_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
