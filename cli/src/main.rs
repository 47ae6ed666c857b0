//! The `rigel` command: one binary for users (`run`, `soft`, `status`, `top`, `why`, `queue`, `usage`),
//! operators (`serve`, `lease`) and for our own processes (`worker`, `watch`). Each subcommand is a file; what they do is `pool-server`'s and `transport`'s.

mod capability;
mod cdi;
mod client;
mod completions;
mod container;
mod device_files;
mod doctor;
mod gpu;
mod hook;
mod k8s;
mod lease;
mod libraries;
mod logging;
mod pki;
mod queue;
mod reload;
mod rootfs;
mod run;
mod serve;
mod soft;
mod status;
mod table;
mod token;
mod top;
mod trace;
mod usage;
mod watch;
mod why;
mod worker;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

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
    Cdi(cdi::CdiArguments),
    Completions(completions::CompletionsArguments),
    Doctor(doctor::DoctorArguments),
    Gpu(gpu::GpuArguments),
    Hook(hook::HookArguments),
    K8s(k8s::K8sArguments),
    Lease(lease::LeaseArguments),
    Pki(pki::PkiArguments),
    Queue(queue::QueueArguments),
    Reload(reload::ReloadArguments),
    Run(run::RunArguments),
    Serve(serve::ServeArguments),
    Soft(soft::SoftArguments),
    Spans(trace::running::SpansArguments),
    #[command(hide = true)]
    Man(completions::ManArguments),
    Status(status::StatusArguments),
    Token(token::TokenArguments),
    Top(top::TopArguments),
    Trace(trace::TraceArguments),
    Usage(usage::UsageArguments),
    Why(why::WhyArguments),
    #[command(hide = true)]
    Watch(watch::WatchArguments),
    #[command(hide = true)]
    Worker(worker::WorkerArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Cdi(arguments) => cdi::main(&arguments),
        Command::Completions(arguments) => {
            completions::completions(&arguments, Arguments::command())
        }
        Command::Doctor(arguments) => doctor::main(&arguments),
        Command::Gpu(arguments) => gpu::main(&arguments),
        Command::Hook(arguments) => hook::main(&arguments),
        Command::K8s(arguments) => k8s::main(arguments),
        Command::Lease(arguments) => lease::main(&arguments),
        Command::Pki(arguments) => pki::main(&arguments),
        Command::Queue(arguments) => queue::main(&arguments),
        Command::Reload(arguments) => reload::main(&arguments),
        Command::Run(arguments) => run::main(arguments),
        Command::Serve(arguments) => serve::main(arguments),
        Command::Soft(arguments) => soft::main(arguments),
        Command::Spans(arguments) => trace::running::main(&arguments),
        Command::Man(arguments) => completions::man(&arguments, Arguments::command()),
        Command::Token(arguments) => token::main(&arguments),
        Command::Status(arguments) => status::main(&arguments),
        Command::Top(arguments) => top::main(&arguments),
        Command::Trace(arguments) => trace::main(&arguments),
        Command::Usage(arguments) => usage::main(&arguments),
        Command::Why(arguments) => why::main(&arguments),
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
