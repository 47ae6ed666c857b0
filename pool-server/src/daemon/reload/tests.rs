//! What becomes of leases when the configuration is read again.

use std::path::Path;
use std::sync::Arc;

use rigel_protocol::control::{ProcessInfo, Token};

use super::super::books::{Entrant, OpenSession};
use super::super::lease::Asks;
use super::super::peer::Peer;
use super::super::placement::PhysicalGpu;
use super::*;

const GIB: u64 = 1 << 30;

struct Pool {
    leases: Leases,
    books: Arc<Books>,
    turns: Arc<Turns>,
    inventory: Inventory,
    config: Config,
}

fn parse(leases: &str) -> Config {
    Config::parse(leases, Path::new("rigel.toml")).unwrap()
}

fn pool(text: &str) -> Pool {
    let gpu = |ordinal| PhysicalGpu {
        ordinal,
        name: "soft".into(),
        memory_bytes: 8 * GIB,
    };
    let inventory = Inventory {
        gpus: vec![gpu(0), gpu(1)],
    };
    let config = parse(text);
    let leases = config.each_lease();
    let leases = leases.map(|lease| Lease::from_config(&lease).unwrap());
    let leases = Leases::new(leases.collect(), &inventory);
    Pool {
        books: Arc::new(Books::new(&leases, 8, u32::MAX).unwrap()),
        turns: Turns::start(leases.terms(), true).unwrap(),
        leases,
        inventory,
        config,
    }
}

impl Pool {
    fn reload(&mut self, text: &str) -> Result<Reloaded, String> {
        let after = parse(text);
        let parts = Parts {
            leases: &self.leases,
            books: &self.books,
            turns: &self.turns,
            inventory: &self.inventory,
        };
        let plan = plan(parts, &self.config, &after)?;
        let done = carry_out(parts, plan).map_err(|refusal| refusal.message)?;
        self.config = after;
        Ok(done)
    }

    fn opens(&self, token: &str) -> Option<String> {
        let token = Token(token.into());
        let found = self.leases.authorise(Some(&token), &Peer::stranger());
        found.ok().map(|placed| placed.lease.name.clone())
    }

    fn session(&self, lease: &str, token: &str) -> OpenSession {
        let entrant = Entrant {
            lease: self.books.lease_index(lease).unwrap(),
            asks: Asks::default(),
            process: ProcessInfo::default(),
            peer: Peer::stranger(),
            queued: std::time::Duration::ZERO,
        };
        let session = self.books.enter(entrant, &BTreeSet::new()).unwrap();
        let token = Token(token.into());
        self.leases.enter(Some(&token), &session.entry).unwrap();
        session
    }

    fn terms(&self, lease: &str) -> LiveTerms {
        self.leases.by_name(lease).unwrap().lease.terms()
    }
}

const A: &str = "[[lease]]\nname='a'\ntoken='x'\n";
const B: &str = "[[lease]]\nname='b'\ntoken='y'\n";

#[test]
fn lease_that_comes_is_open_and_one_that_goes_is_not() {
    let mut pool = pool(A);
    let open = pool.session("a", "x");
    let done = pool.reload(B).unwrap();
    assert_eq!(
        (done.added, done.removed),
        (vec!["b".into()], vec!["a".into()])
    );
    assert_eq!((pool.opens("y"), pool.opens("x")), (Some("b".into()), None));
    assert_eq!(done.sessions_ended, 1);
    assert!(open.entry.eviction.reason().unwrap().1.contains("removed"));
    assert!(pool.books.lease_index("a").is_none());
}

#[test]
fn lease_that_returns_is_the_same_one() {
    let mut pool = pool(&format!("{A}{B}"));
    let before = pool.books.lease_index("a");
    pool.reload(B).unwrap();
    let done = pool.reload(&format!("{A}memory='1GiB'\n{B}")).unwrap();
    assert_eq!(done.added, ["a"]);
    assert!(done.needs_restart.is_empty(), "{:?}", done.needs_restart);
    assert_eq!(pool.books.lease_index("a"), before);
    assert_eq!(pool.terms("a").memory, Some(GIB));
    assert_eq!(pool.opens("x"), Some("a".into()));
}

#[test]
fn changed_terms_hold_and_what_the_operator_changed_stays() {
    let mut pool = pool(&format!("{A}memory='4GiB'\nweight=5\n"));
    let by_hand = LiveTerms {
        weight: 7,
        state: LeaseState::Paused,
        ..pool.terms("a")
    };
    admin::put_in_force(&pool.books, &pool.turns, 0, by_hand);
    let done = pool
        .reload(&format!("{A}memory='2GiB'\nweight=5\n"))
        .unwrap();
    assert_eq!(done.changed["a"], ["memory"]);
    let expected = LiveTerms {
        memory: Some(2 * GIB),
        ..by_hand
    };
    assert_eq!(pool.terms("a"), expected);
    let ledger = &pool.books.leases()[0];
    assert_eq!(ledger.usage(0).unwrap().limit_bytes, 2 * GIB);
}

#[test]
fn changed_token_ends_what_the_old_one_opened() {
    let mut pool = pool(A);
    let old = pool.session("a", "x");
    let same = pool.reload(A).unwrap();
    assert_eq!(same.sessions_ended, 0);
    let done = pool.reload(&A.replace("'x'", "'z'")).unwrap();
    assert_eq!(done.sessions_ended, 1);
    assert!(old.entry.eviction.reason().is_some());
    assert_eq!((pool.opens("x"), pool.opens("z")), (None, Some("a".into())));
}

#[test]
fn what_cannot_be_kept_changes_nothing() {
    let mut pool = pool(&format!("{A}compute=60\n{B}"));
    let before = (pool.terms("a"), pool.terms("b"));
    for (text, word) in [
        (format!("{A}compute=60\nmemory='9GiB'\n{B}"), "9 GiB"),
        (
            format!("{A}compute=60\n{B}on=[7]\n[[lease]]\nname='c'\ntoken='c'\non=[7]\n"),
            "GPU 7",
        ),
        (
            format!(
                "{A}compute=60\non=[0]\n{B}compute=70\n[[lease]]\nname='c'\ntoken='c'\ngpus=2\ncompute=60\n"
            ),
            "%",
        ),
        (
            format!("{A}token_file='/nowhere'\n{B}").replace("token='x'\n", ""),
            "/nowhere",
        ),
        ("[server]\nsessions_max = 3\n".to_owned(), "no lease"),
    ] {
        let error = pool.reload(&text).unwrap_err();
        assert!(error.contains(word), "{text}: {error}");
        assert_eq!((pool.terms("a"), pool.terms("b")), before, "{text}");
        assert_eq!(pool.leases.iter().count(), 2, "{text}");
    }
}

#[test]
fn what_needs_a_restart_is_named() {
    let mut pool = pool(A);
    let done = pool
        .reload(&format!("{A}gpus=2\nsessions=1\nweight=3\n"))
        .unwrap();
    assert_eq!(
        done.needs_restart,
        ["lease `a`: gpus", "lease `a`: sessions"]
    );
    assert_eq!(pool.terms("a").weight, 3);
    let (live, restart) = server_keys(
        &parse("[server]\ndriver='soft'\ndrain_seconds=1.0\n"),
        &parse("[server]\ndriver='nvidia'\ndrain_seconds=2.0\n"),
    );
    assert_eq!(
        (live, restart),
        (
            vec!["drain_seconds".to_owned()],
            vec!["[server] driver".to_owned()]
        )
    );
}

#[test]
fn instances_come_and_go_by_their_number() {
    let mut pool = pool(&format!("{A}[[lease]]\nname='half'\ninstances=2\n"));
    let done = pool
        .reload(&format!("{A}[[lease]]\nname='half'\ninstances=3\n"))
        .unwrap();
    assert_eq!(done.added, ["half.3"]);
    assert!(done.needs_restart.is_empty());
    let done = pool
        .reload(&format!("{A}[[lease]]\nname='half'\ninstances=1\n"))
        .unwrap();
    assert_eq!(done.removed, ["half.2", "half.3"]);
}
