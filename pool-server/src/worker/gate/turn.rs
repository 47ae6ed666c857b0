//! What comes next in a turn: how much work is under way, and when a window is closed. Pure arithmetic. Read
//! [`next_in_turn`].

use super::Step;
use super::flight::{Flight, Work};

/// Most work under way in a turn, if the daemon does not allow more, and the most that it may allow.
const WINDOW_NS: u64 = 1_000_000;
const WINDOW_MAX_NS: u64 = 5_000_000;
/// Longest window in a turn.
const CLOSE_MAX_NS: u64 = 1_250_000;
/// So long before a long piece of work ends, the next may follow.
const AHEAD_NS: u64 = 200_000;
/// Most windows that fly in a turn, whatever is expected of them.
const FLYING_MAX: usize = 8;

/// What the issue thread does so that a piece of work may pass, of which so much may be under way.
pub(super) fn next_in_turn(flight: &Flight, now: u64, work: Work, window: u64) -> Step {
    let window = window.clamp(WINDOW_NS, WINDOW_MAX_NS);
    // Two such windows keep the GPU busy.
    let close = (window / 2).min(CLOSE_MAX_NS);
    let (remaining, expected) = (flight.remaining_ns(now), flight.expected_ns(work));
    if !flight.is_open_empty() && flight.open_ns().saturating_add(expected) > close {
        return Step::Close;
    }
    let fits = remaining.saturating_add(expected) <= window || remaining <= AHEAD_NS;
    match flight.head() {
        Some(head) if flight.n_flying() >= FLYING_MAX => Step::Await(head),
        _ if fits => Step::Pass,
        Some(head) if flight.n_flying() == 1 && head.expected_ns > 2 * window => {
            Step::Sleep(remaining - AHEAD_NS)
        }
        Some(head) => Step::Await(head),
        None => Step::Close,
    }
}
