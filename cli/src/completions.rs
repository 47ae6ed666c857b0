//! `rigel completions` and `rigel man`: what shells and readers are told, made from the command line's own
//! definition. Read [`completions`] first.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Command};
use clap_complete::Shell;

/// Print a shell's completions of this command.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell.
    shell: Shell,
}

/// Write the manual pages, one for each command.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// The folder for them.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Prints the completions.
pub(crate) fn completions(
    arguments: &CompletionsArguments,
    mut rigel: Command,
) -> anyhow::Result<ExitCode> {
    clap_complete::generate(arguments.shell, &mut rigel, "rigel", &mut io::stdout());
    Ok(ExitCode::SUCCESS)
}

/// Writes the pages.
pub(crate) fn man(arguments: &ManArguments, rigel: Command) -> anyhow::Result<ExitCode> {
    fs::create_dir_all(&arguments.folder)
        .with_context(|| format!("make {}", arguments.folder.display()))?;
    clap_mangen::generate_to(rigel.disable_help_subcommand(true), &arguments.folder)
        .with_context(|| format!("write into {}", arguments.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}
