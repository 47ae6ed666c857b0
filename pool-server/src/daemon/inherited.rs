//! Descriptors that this process was started with: those that a service manager has kept for it, and those
//! that a daemon which started this one in its place has left open. Read [`take`] first.
#![expect(unsafe_code, reason = "takes ownership of inherited descriptors")]

use std::collections::BTreeSet;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

/// What a daemon tells the one that it starts in its place: `PID:NAME=NUMBER,NAME=NUMBER,…`.
pub(crate) const VARIABLE: &str = "RIGEL_LEFT";
/// The first descriptor of a service manager.
const FIRST: RawFd = 3;
/// Most descriptors that are taken.
const TAKEN_MAX: usize = 65_536;

/// Takes them, each with its name. Called once, before any other descriptor is opened or process started.
pub(crate) fn take() -> Vec<(String, OwnedFd)> {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let pid = std::process::id();
    let mut wanted = of_predecessor(&variable(VARIABLE), pid);
    let manager = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"].map(variable);
    wanted.extend(of_manager(&manager, pid));
    let mut seen = BTreeSet::new();
    wanted
        .into_iter()
        .filter(|(_, number)| seen.insert(*number))
        .filter_map(|(name, number)| Some((name, own(number)?)))
        .collect()
}

/// Leaves a descriptor open for the next daemon.
pub(crate) fn leave_open(descriptor: BorrowedFd<'_>) -> nix::Result<()> {
    fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::empty())).map(drop)
}

/// The value of [`VARIABLE`] for these.
pub(crate) fn announce(pid: u32, left: &[(String, RawFd)]) -> String {
    let each: Vec<_> = left
        .iter()
        .map(|(name, fd)| format!("{name}={fd}"))
        .collect();
    format!("{pid}:{}", each.join(","))
}

fn of_predecessor(said: &str, pid: u32) -> Vec<(String, RawFd)> {
    let list = match said.split_once(':') {
        Some((of, list)) if of.parse() == Ok(pid) => list,
        _ => return Vec::new(),
    };
    let each = list.split(',').filter_map(|one| {
        let (name, number) = one.split_once('=')?;
        Some((name.to_owned(), number.parse().ok()?))
    });
    each.take(TAKEN_MAX).collect()
}

fn of_manager([of, count, names]: &[String; 3], pid: u32) -> Vec<(String, RawFd)> {
    let count = count.parse::<usize>().unwrap_or(0).min(TAKEN_MAX);
    if of.parse() != Ok(pid) || count == 0 {
        return Vec::new();
    }
    let names = names.split(':').map(str::to_owned);
    let names = names.chain(std::iter::repeat("unknown".to_owned()));
    names.zip(FIRST..).take(count).collect()
}

fn own(number: RawFd) -> Option<OwnedFd> {
    if number < FIRST {
        return None;
    }
    // SAFETY: only looks whether the descriptor is open; the borrow ends with the call.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    fcntl(borrowed.as_fd(), FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).ok()?;
    // SAFETY: it is open, was opened for this process by whoever started it, as said in its environment
    // under its own process id, and each number is taken once.
    Some(unsafe { OwnedFd::from_raw_fd(number) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_of_a_predecessor_are_those_it_has_announced() {
        let left = [("turns".to_owned(), 9), ("session-1".to_owned(), 12)];
        let said = announce(77, &left);
        assert_eq!(of_predecessor(&said, 77), left);
        for (said, pid) in [(said.as_str(), 78), ("", 77), ("77", 77), ("x:turns=9", 77)] {
            assert!(of_predecessor(said, pid).is_empty(), "{said}");
        }
        assert!(of_predecessor("77:turns=x,=,turns", 77).is_empty());
    }

    #[test]
    fn descriptors_of_the_manager_begin_at_three_with_their_names() {
        let said = |of: &str, count: &str, names: &str| {
            of_manager(&[of, count, names].map(str::to_owned), 5)
        };
        let one = ("turns".to_owned(), 3);
        let two = [one, ("unknown".to_owned(), 4)];
        assert_eq!(said("5", "1", "turns:more"), two[..1]);
        assert_eq!(said("5", "2", "turns"), two);
        assert!(
            said("6", "1", "turns").is_empty(),
            "those of another process"
        );
        assert!(said("5", "-1", "turns").is_empty());
        assert!(said("", "", "").is_empty());
    }

    #[test]
    fn number_that_is_not_open_or_a_standard_one_is_left_alone() {
        assert!(own(1).is_none());
        assert!(own(RawFd::MAX).is_none());
    }
}
