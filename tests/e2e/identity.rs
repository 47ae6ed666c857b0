//! Certificates: what lets a client in, and what does not.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use rigel_tests::{Installation, Lease, RunningClient, Server, ServerOptions, missing};
use rigel_transport::pki::{Authority, Purpose, Wanted};
use tempfile::TempDir;

/// A pool that lets in who has the certificate of `alice`, by an authority of its own.
struct Pool {
    server: Server,
    files: TempDir,
    rigel: PathBuf,
    program: PathBuf,
}

fn pki(rigel: &Path, dir: &Path, arguments: &[&str]) -> Result<()> {
    let done = Command::new(rigel)
        .args(["pki", "--dir"])
        .arg(dir)
        .args(arguments)
        .output()
        .context("start `rigel pki`")?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "rigel pki {arguments:?}: {said}");
    Ok(())
}

impl Pool {
    fn start(settings: &[&str]) -> Result<Option<Self>> {
        let installation = Installation::find()?;
        let program = installation.cuda_program("cuda13", "static", "scripted");
        if !program.exists() && missing("`cargo xtask programs`") {
            return Ok(None);
        }
        let (rigel, files) = (installation.rigel(), TempDir::new()?);
        let dir = files.path();
        pki(&rigel, dir, &["init"])?;
        pki(
            &rigel,
            dir,
            &["issue", "--server", "localhost", "--also", "127.0.0.1"],
        )?;
        pki(&rigel, dir, &["issue", "alice"])?;
        pki(&rigel, dir, &["issue", "bob"])?;
        let mut lease = Lease::new("tests", &["certificates = [\"alice\"]"]);
        lease.has_token = false;
        let own = |key: &str, file: &str| format!("{key} = \"{}/{file}\"", dir.display());
        let mut all = vec![
            own("certificate", "server.crt"),
            own("key", "server.key"),
            own("client_ca", "ca.crt"),
        ];
        all.extend(settings.iter().map(|line| (*line).to_owned()));
        let server = Server::start_with(&ServerOptions {
            leases: vec![lease, Lease::new("by_token", &[])],
            settings: all,
            ..ServerOptions::default()
        })?;
        Ok(Some(Self {
            server,
            files,
            rigel,
            program,
        }))
    }

    fn file(&self, name: &str) -> String {
        self.files.path().join(name).display().to_string()
    }

    /// A client that checks the server by its authority and has these files.
    fn client(&self, certificate: Option<&str>, token: Option<&str>) -> Result<RunningClient> {
        let url = self.server.quic_url();
        let bare = url.split('?').next().unwrap_or(url);
        let mut command = Command::new(&self.rigel);
        command.args(["run", "--pool", bare, "--ca", &self.file("ca.crt")]);
        if let Some(name) = certificate {
            let (crt, key) = (format!("{name}.crt"), format!("{name}.key"));
            command.args(["--cert", &self.file(&crt), "--key", &self.file(&key)]);
        }
        if let Some(lease) = token {
            command
                .arg("--token-file")
                .arg(self.server.token_file(lease));
        }
        command.arg("--").arg(&self.program);
        RunningClient::start(&mut command)
    }

    fn works(&self, certificate: Option<&str>, token: Option<&str>) -> Result<RunningClient> {
        let mut client = self.client(certificate, token)?;
        let said = client.ask("init")?;
        ensure!(said == "ok", "{said}");
        ensure!(client.ask("alloc 1024")? == "ok");
        Ok(client)
    }

    /// What `rigel run` says to who is not let in.
    fn refused(&self, certificate: Option<&str>) -> Result<String> {
        let output = self.client(certificate, None)?.finish()?;
        ensure!(!output.status.success(), "it was let in");
        Ok(output.stderr)
    }

    /// A certificate that `rigel pki` would not make.
    fn forge(&self, name: &str, authority: &Authority, ended: bool) -> Result<()> {
        let (hour, now) = (Duration::from_secs(3600), SystemTime::now());
        let validity = match ended {
            true => now - 2 * hour..now - hour,
            false => now - hour..now + hour,
        };
        let wanted = Wanted {
            name: "alice",
            also: &[],
            purpose: Purpose::Client,
            validity,
        };
        let file = |kind: &str| self.files.path().join(format!("{name}.{kind}"));
        authority
            .issue(&wanted)?
            .write(&file("crt"), &file("key"))?;
        Ok(())
    }
}

#[test]
fn certificate_opens_the_lease_that_names_it_and_no_other() -> Result<()> {
    let Some(pool) = Pool::start(&[])? else {
        return Ok(());
    };
    pool.works(Some("alice"), None)?.finish()?.check("alice")?;
    let said = pool.refused(Some("bob"))?;
    ensure!(
        said.contains("no lease admits the certificate of bob"),
        "{said}"
    );
    let said = pool.refused(None)?;
    ensure!(
        said.contains("a token is needed, or a certificate"),
        "{said}"
    );
    pool.works(None, Some("by_token"))?
        .finish()?
        .check("a token")?;
    let log = pool.server.stop()?;
    ensure!(log.contains("session opened"), "{log}");
    Ok(())
}

#[test]
fn certificates_of_others_and_of_yesterday_are_refused() -> Result<()> {
    let Some(pool) = Pool::start(&["require_certificate = true"])? else {
        return Ok(());
    };
    let now = SystemTime::now();
    let hour = Duration::from_secs(3600);
    let other = Authority::create("others", now - hour..now + hour)?;
    pool.forge("stranger", &other, false)?;
    let path = |name: &str| pool.files.path().join(name);
    let own = Authority::open(&path("ca.crt"), &path("ca.key"))?;
    pool.forge("late", &own, true)?;
    let said = pool.refused(Some("stranger"))?;
    ensure!(said.contains("the server refused the client"), "{said}");
    let said = pool.refused(Some("late"))?;
    ensure!(said.contains("out of date"), "{said}");
    let said = pool.refused(None)?;
    ensure!(said.contains("it wants a certificate"), "{said}");
    pool.server
        .wait_for_log("a client's certificate was refused")?;
    pool.works(Some("alice"), None)?.finish()?.check("alice")?;
    Ok(())
}

#[test]
fn operator_elsewhere_is_who_the_configuration_names() -> Result<()> {
    let Some(pool) = Pool::start(&["operators = [\"bob\"]"])? else {
        return Ok(());
    };
    let url = pool.server.quic_url();
    let bare = url.split('?').next().unwrap_or(url);
    let ask = |name: &str| {
        let (crt, key) = (
            pool.file(&format!("{name}.crt")),
            pool.file(&format!("{name}.key")),
        );
        let done = Command::new(&pool.rigel)
            .args(["token", "--pool", bare, "--ca", &pool.file("ca.crt")])
            .args(["--cert", &crt, "--key", &key])
            .args(["new", "by_token", "--json"])
            .output()
            .context("start `rigel token`")?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        anyhow::Ok((done.status.success(), text(done.stdout), text(done.stderr)))
    };
    let (made, _, said) = ask("alice")?;
    ensure!(!made && said.contains("`operators` names"), "{said}");
    let (made, token, said) = ask("bob")?;
    ensure!(made && token.contains("\"token\""), "{said}");

    let file = pool.server.configuration();
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, text.replace("[\"bob\"]", "[\"carol\"]"))?;
    pool.server.operate(&["reload"])?;
    let (made, _, _) = ask("bob")?;
    ensure!(!made, "an operator that is none any more makes tokens");
    Ok(())
}

#[test]
fn client_is_let_in_no_more_when_its_name_is_removed() -> Result<()> {
    let Some(pool) = Pool::start(&[])? else {
        return Ok(());
    };
    let mut running = pool.works(Some("alice"), None)?;
    let file = pool.server.configuration();
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, text.replace("[\"alice\"]", "[\"carol\"]"))?;
    let done = pool.server.operate(&["reload"])?;
    ensure!(done.contains("sessions ended: 1"), "{done}");
    pool.server.wait_for("the session's end", |status| {
        let sessions = status["sessions"].as_array();
        sessions.is_some_and(|all| all.iter().all(|session| session["ended"] == true))
    })?;
    ensure!(running.ask("alloc 1024")? != "ok");
    pool.refused(Some("alice"))?;
    Ok(())
}

#[test]
fn certificates_are_rotated_while_sessions_go_on() -> Result<()> {
    let Some(pool) = Pool::start(&[])? else {
        return Ok(());
    };
    let mut running = pool.works(Some("alice"), None)?;
    let before = std::fs::read(pool.file("server.crt"))?;
    // The authority too: for a time both hold.
    pki(&pool.rigel, pool.files.path(), &["rotate", "--authority"])?;
    pool.server.operate(&["reload"])?;
    pool.works(Some("alice"), None)?
        .finish()?
        .check("the old certificate")?;
    pki(
        &pool.rigel,
        pool.files.path(),
        &["rotate", "server", "alice"],
    )?;
    ensure!(std::fs::read(pool.file("server.crt"))? != before);
    pool.server.operate(&["reload"])?;
    pool.works(Some("alice"), None)?
        .finish()?
        .check("the new certificate")?;
    ensure!(running.ask("alloc 1024")? == "ok");
    running.finish()?.check("the first session")
}
