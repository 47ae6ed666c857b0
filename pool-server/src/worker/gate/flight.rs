//! What a session has issued to a GPU and is not known to be done: windows of work, with the time each
//! is expected to take. Pure bookkeeping. Read [`Flight`] first.
//!
//! 1. Work is added to the open window. Closed, it flies; windows land in order, at rest the open one too.
//! 2. A window has landed when its streams are idle. Before anything else is issued to one of them, a stamp (an
//!    event) is recorded behind the window's work there, and asked about from then on.
//! 3. How long work takes is learnt from windows that were seen to land, by what it is and how large. One that
//!    had landed before anybody looked ended at a time that is not known: it is learnt together with the next.

use std::collections::{HashMap, VecDeque};

use rigel_protocol::handle::{Context, Event, Stream};

/// Work of which nothing is known is expected to take this long.
pub(super) const UNKNOWN_NS: u64 = 1_000_000;
/// Most kinds of work of which durations are remembered.
const KINDS_MAX: usize = 1 << 14;

/// Most windows that land before one has to be seen landing.
const UNSEEN_MAX: usize = 16;

/// A piece of work, as far as it tells how long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::worker) struct Work {
    /// What runs: a function, a graph.
    pub(in crate::worker) what: u64,
    /// How much of it.
    pub(in crate::worker) size: u64,
}

/// A stream with its context.
pub(super) type Place = (Context, Stream);

/// Pieces of work that are looked at as one.
#[derive(Debug, Default)]
struct Window {
    number: u64,
    sign: Sign,
    work: Vec<(Work, u64)>,
    n: u64,
    expected_ns: u64,
}

/// Work that is done, and the time from its beginning to when that was known.
#[derive(Debug, Default)]
struct Landed {
    windows: usize,
    work: Vec<(Work, u64)>,
    n: u64,
    expected_ns: u64,
    took_ns: u64,
}

/// How to see that a window has landed: all of this is so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sign {
    /// These are idle.
    pub(super) places: Vec<Place>,
    /// These are reached.
    pub(super) stamps: Vec<(Context, Event)>,
}

/// What is to be seen for the first window to have landed.
#[derive(Clone, Debug)]
pub(super) struct Head {
    number: u64,
    n: u64,
    pub(super) sign: Sign,
    /// Since when it runs, and how long it should.
    pub(super) since_ns: u64,
    pub(super) expected_ns: u64,
    /// How long what is under way behind it should take: so long nobody waits for its end.
    pub(super) behind_ns: u64,
}

/// The windows of a session on one GPU.
#[derive(Debug, Default)]
pub(super) struct Flight {
    open: Window,
    flying: VecDeque<Window>,
    /// Since when the first window runs.
    head_since_ns: u64,
    expected: HashMap<Work, u64>,
    /// Average time of a piece of work, whatever it is.
    average_ns: u64,
    /// What landed since a window was last seen to land, and how long that took as far as is known.
    unseen: Landed,
    /// When a window was last seen to land.
    pub(super) landed_ns: u64,
}

impl Flight {
    /// How long a piece of work should take.
    pub(super) fn expected_ns(&self, work: Work) -> u64 {
        self.expected.get(&work).copied().unwrap_or(UNKNOWN_NS)
    }

    /// Average time of a piece of work; 0 if none was seen.
    pub(super) fn average_ns(&self) -> u64 {
        self.average_ns
    }

    /// Adds work to the open window.
    pub(super) fn add(&mut self, place: Place, work: Work, now_ns: u64) {
        if self.flying.is_empty() && self.open.n == 0 {
            self.head_since_ns = now_ns;
        }
        let expected_ns = self.expected_ns(work);
        let open = &mut self.open;
        if !open.sign.places.contains(&place) {
            open.sign.places.push(place);
        }
        match open.work.iter_mut().find(|(of, _)| *of == work) {
            Some((_, n)) => *n += 1,
            None => open.work.push((work, 1)),
        }
        open.n += 1;
        open.expected_ns = open.expected_ns.saturating_add(expected_ns);
    }

    /// Adds work of which only the number is known.
    pub(super) fn add_uncounted(&mut self, n: u64) {
        self.open.n += n;
        let expected = n.saturating_mul(self.average_ns);
        self.open.expected_ns = self.open.expected_ns.saturating_add(expected);
    }

    /// Closes the open window. If there is nowhere to look, nothing is known of its end.
    pub(super) fn close(&mut self) {
        let window = self.take_open();
        if window.sign != Sign::default() {
            self.flying.push_back(window);
        }
    }

    fn take_open(&mut self) -> Window {
        let next = Window {
            number: self.open.number + 1,
            ..Window::default()
        };
        std::mem::replace(&mut self.open, next)
    }

    /// The window whose work in this stream has no stamp yet. There is at most one.
    pub(super) fn unstamped(&self, place: Place) -> Option<u64> {
        self.windows()
            .find(|window| window.sign.places.contains(&place))
            .map(|window| window.number)
    }

    /// Likewise, among closed windows.
    pub(super) fn unstamped_flying(&self, place: Place) -> Option<u64> {
        self.unstamped(place)
            .filter(|number| *number != self.open.number)
    }

    /// All of them.
    pub(super) fn all_unstamped(&self) -> Vec<(u64, Place)> {
        let of = |window: &Window| {
            let number = window.number;
            let places = window.sign.places.clone();
            places.into_iter().map(move |place| (number, place))
        };
        self.windows().flat_map(of).collect()
    }

    /// A window's work in a stream has got a stamp, or there is none to be had. Gives it back if the window
    /// has landed meanwhile.
    pub(super) fn stamp(
        &mut self,
        number: u64,
        place: Place,
        event: Option<Event>,
    ) -> Option<Event> {
        let windows = self.flying.iter_mut().chain([&mut self.open]);
        let mut windows = windows.filter(|window| window.number == number);
        let Some(window) = windows.next() else {
            return event;
        };
        window.sign.places.retain(|of| *of != place);
        let stamp = event.map(|event| (place.0, event));
        window.sign.stamps.extend(stamp);
        None
    }

    fn windows(&self) -> impl Iterator<Item = &Window> {
        self.flying.iter().chain([&self.open])
    }

    /// Expected time in the open window.
    pub(super) fn open_ns(&self) -> u64 {
        self.open.expected_ns
    }

    /// Pieces of work in the open window.
    pub(super) fn open_n(&self) -> u64 {
        self.open.n
    }

    /// Whether the open window has work.
    pub(super) fn is_open_empty(&self) -> bool {
        self.open.n == 0
    }

    /// Closed windows that have not landed.
    pub(super) fn n_flying(&self) -> usize {
        self.flying.len()
    }

    /// Whether nothing is issued that may not be done.
    pub(super) fn is_empty(&self) -> bool {
        self.flying.is_empty() && self.open.n == 0
    }

    /// Time after which all should be done.
    pub(super) fn remaining_ns(&self, now_ns: u64) -> u64 {
        let flying: u64 = self.flying.iter().map(|window| window.expected_ns).sum();
        let first = self
            .flying
            .front()
            .map_or(self.open.expected_ns, |w| w.expected_ns);
        let done = now_ns.saturating_sub(self.head_since_ns).min(first);
        (flying + self.open.expected_ns).saturating_sub(done)
    }

    /// Whether stamps are under way in a context.
    pub(super) fn has_stamp_in(&self, context: Context) -> bool {
        let mut stamps = self.windows().flat_map(|window| &window.sign.stamps);
        stamps.any(|(of, _)| *of == context)
    }

    /// The first closed window.
    pub(super) fn head(&self) -> Option<Head> {
        self.flying.front().map(|window| self.head_of(window))
    }

    /// The first window, which may be the open one: for when nobody issues.
    pub(super) fn head_at_rest(&self) -> Option<Head> {
        let open = (!self.is_open_empty()).then_some(&self.open);
        let first = self.flying.front().or(open);
        first.map(|window| self.head_of(window))
    }

    fn head_of(&self, window: &Window) -> Head {
        Head {
            number: window.number,
            n: window.n,
            sign: window.sign.clone(),
            since_ns: self.head_since_ns,
            expected_ns: window.expected_ns,
            behind_ns: self.flying.iter().skip(1).map(|w| w.expected_ns).sum(),
        }
    }

    /// Whether this is still the first window, as it was.
    pub(super) fn is_head(&self, head: &Head) -> bool {
        let first = self.flying.front().unwrap_or(&self.open);
        first.n > 0 && (first.number, first.n, &first.sign) == (head.number, head.n, &head.sign)
    }

    /// A window has landed. Gives its stamps back. `waited` says that it was seen at once: else it may have
    /// landed before.
    pub(super) fn land(&mut self, head: &Head, now_ns: u64, waited: bool) -> Vec<(Context, Event)> {
        if !self.is_head(head) {
            return Vec::new();
        }
        let window = match self.flying.pop_front() {
            Some(window) => window,
            None => self.take_open(),
        };
        let took = now_ns.saturating_sub(self.head_since_ns).max(1);
        self.unseen
            .add(window.work, window.n, window.expected_ns, took);
        // Of so many, when the last one ended does not matter much.
        let is_known = waited || self.unseen.windows >= UNSEEN_MAX;
        if is_known || self.is_empty() {
            let landed = std::mem::take(&mut self.unseen);
            // If nothing came behind it, it took at most this long.
            if is_known || landed.took_ns < landed.expected_ns || self.average_ns == 0 {
                self.learn(&landed);
            }
        }
        self.head_since_ns = now_ns;
        self.landed_ns = now_ns;
        window.sign.stamps
    }

    /// Forgets what is under way in a context, which ends.
    pub(super) fn forget(&mut self, context: Context) {
        for window in self.flying.iter_mut().chain([&mut self.open]) {
            window.sign.places.retain(|(of, _)| *of != context);
            window.sign.stamps.retain(|(of, _)| *of != context);
        }
        self.flying.retain(|window| window.sign != Sign::default());
        if self.open.sign == Sign::default() {
            self.take_open();
        }
    }

    fn learn(&mut self, landed: &Landed) {
        if self.expected.len() >= KINDS_MAX {
            self.expected.clear();
        }
        let took_ns = landed.took_ns;
        let each = took_ns / landed.n.max(1);
        self.average_ns = match self.average_ns {
            0 => each,
            before => (3 * before + each) / 4,
        };
        // All are scaled by what the window as a whole was wrong by.
        let ratio = took_ns as f64 / landed.expected_ns.max(1) as f64;
        let half_way = 1.0 + (ratio.clamp(0.01, 100.0) - 1.0) * 0.5;
        for (work, _) in &landed.work {
            let known = self.expected.get(work).copied();
            let expected = match known {
                Some(before) => (before as f64 * half_way) as u64,
                None => (UNKNOWN_NS as f64 * ratio) as u64,
            };
            self.expected
                .insert(*work, expected.clamp(100, 60_000_000_000));
        }
    }
}

impl Landed {
    fn add(&mut self, work: Vec<(Work, u64)>, n: u64, expected_ns: u64, took_ns: u64) {
        for (work, n) in work {
            match self.work.iter_mut().find(|(of, _)| *of == work) {
                Some((_, known)) => *known += n,
                None => self.work.push((work, n)),
            }
        }
        self.windows += 1;
        self.n += n;
        self.expected_ns = self.expected_ns.saturating_add(expected_ns);
        self.took_ns = self.took_ns.saturating_add(took_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = (Context(1), Stream(2));
    const OTHER: Place = (Context(1), Stream(3));
    const SHORT: Work = Work { what: 1, size: 1 };
    const US: u64 = 1000;

    fn fly(flight: &mut Flight, n: usize, now: u64) {
        (0..n).for_each(|_| flight.add(PLACE, SHORT, now));
        flight.close();
    }

    #[test]
    fn durations_are_learnt_from_windows_waited_for() {
        let mut flight = Flight::default();
        assert_eq!(flight.expected_ns(SHORT), UNKNOWN_NS);
        fly(&mut flight, 1, 0);
        let head = flight.head().unwrap();
        flight.land(&head, 50 * US, true);
        assert_eq!(flight.expected_ns(SHORT), 50 * US);
        for round in 1..20 {
            let now = round * 10_000 * US;
            fly(&mut flight, 10, now);
            let head = flight.head().unwrap();
            flight.land(&head, now + 100 * US, true);
        }
        let expected = flight.expected_ns(SHORT);
        assert!(expected.abs_diff(10 * US) < US, "{expected}");
        assert!(flight.is_empty());
    }

    #[test]
    fn window_that_landed_unseen_is_learnt_with_the_next() {
        let mut flight = Flight::default();
        fly(&mut flight, 1, 0);
        let head = flight.head().unwrap();
        flight.land(&head, 100 * US, true);
        // Both take 10 us a piece, and whoever looks comes when the second is nearly done.
        for round in 1..20 {
            let now = round * 10_000 * US;
            fly(&mut flight, 10, now);
            fly(&mut flight, 10, now);
            let head = flight.head().unwrap();
            flight.land(&head, now + 190 * US, false);
            let head = flight.head().unwrap();
            flight.land(&head, now + 200 * US, true);
        }
        let expected = flight.expected_ns(SHORT);
        assert!(expected.abs_diff(10 * US) < US, "{expected}");
    }

    #[test]
    fn last_window_that_landed_unseen_took_at_most_so_long() {
        let mut flight = Flight::default();
        fly(&mut flight, 1, 0);
        let head = flight.head().unwrap();
        flight.land(&head, 50 * US, true);
        fly(&mut flight, 1, 1000 * US);
        let head = flight.head().unwrap();
        flight.land(&head, 1500 * US, false);
        assert_eq!(flight.expected_ns(SHORT), 50 * US, "it may have been idle");
        fly(&mut flight, 1, 2000 * US);
        let head = flight.head().unwrap();
        flight.land(&head, 2020 * US, false);
        assert!(flight.expected_ns(SHORT) < 50 * US);
    }

    #[test]
    fn remaining_counts_down_while_the_first_window_runs() {
        let mut flight = Flight::default();
        fly(&mut flight, 1, 1000);
        flight.add(PLACE, SHORT, 1000);
        assert_eq!(flight.remaining_ns(1000), 2 * UNKNOWN_NS);
        assert_eq!(
            flight.remaining_ns(1000 + UNKNOWN_NS / 2),
            3 * UNKNOWN_NS / 2
        );
        // However late the first is, the second has all its time before it.
        assert_eq!(flight.remaining_ns(1000 + 9 * UNKNOWN_NS), UNKNOWN_NS);
    }

    #[test]
    fn window_seen_twice_lands_once() {
        let mut flight = Flight::default();
        fly(&mut flight, 1, 0);
        fly(&mut flight, 1, 0);
        let head = flight.head().unwrap();
        flight.land(&head, 10, true);
        flight.land(&head, 20, true);
        assert_eq!(flight.n_flying(), 1);
    }

    #[test]
    fn open_window_lands_if_nothing_was_added_meanwhile() {
        let mut flight = Flight::default();
        flight.add(PLACE, SHORT, 0);
        assert!(flight.head().is_none());
        let head = flight.head_at_rest().unwrap();
        assert_eq!(head.sign.places, [PLACE]);
        flight.add(PLACE, SHORT, 10);
        assert!(!flight.is_head(&head));
        flight.land(&head, 20 * US, true);
        assert!(!flight.is_empty());
        let head = flight.head_at_rest().unwrap();
        flight.land(&head, 40 * US, true);
        assert!(flight.is_empty());
        assert_eq!(flight.expected_ns(SHORT), 20 * US);
        // As much in the same stream, later.
        flight.add(PLACE, SHORT, 50 * US);
        flight.add(PLACE, SHORT, 50 * US);
        assert!(!flight.is_head(&head));
    }

    #[test]
    fn stamp_takes_the_place_of_the_stream() {
        let mut flight = Flight::default();
        fly(&mut flight, 1, 0);
        flight.add(OTHER, SHORT, 0);
        let before = flight.head_at_rest().unwrap();
        assert_eq!(
            flight.unstamped(OTHER),
            flight.all_unstamped().get(1).map(|of| of.0)
        );
        assert_eq!(flight.unstamped_flying(OTHER), None);
        let number = flight.unstamped_flying(PLACE).unwrap();
        assert_eq!(flight.stamp(number, PLACE, Some(Event(7))), None);
        assert!(
            !flight.is_head(&before),
            "its streams are not to be asked any more"
        );
        assert_eq!(flight.unstamped(PLACE), None);
        let head = flight.head_at_rest().unwrap();
        assert_eq!((head.sign.places.len(), head.sign.stamps.len()), (0, 1));
        assert!(flight.has_stamp_in(Context(1)));
        assert_eq!(flight.land(&head, 10, true), [(Context(1), Event(7))]);
        let late = flight.stamp(number, PLACE, Some(Event(8)));
        assert_eq!(late, Some(Event(8)), "the window has landed");
        let head = flight.head_at_rest().unwrap();
        assert_eq!(head.sign.places, [OTHER]);
        flight.land(&head, 20, true);
        assert!(flight.is_empty());
    }

    #[test]
    fn context_that_ends_takes_its_windows_along() {
        let mut flight = Flight::default();
        fly(&mut flight, 2, 0);
        flight.add(PLACE, SHORT, 0);
        flight.forget(Context(1));
        assert!(flight.is_empty());
    }
}
