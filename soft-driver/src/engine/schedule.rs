//! Which operation may run next. Pure bookkeeping: no threads, no clocks, nothing is performed.
//! Read [`Schedule`].
//!
//! 1. Operations of a lane run one after another, in the order of submission.
//! 2. An operation may need places in other lanes; it runs once they are reached.
//! 3. An operation of the legacy lane needs everything issued to the blocking lanes of its group,
//!    and an operation of a blocking lane everything issued to the legacy lane, both as of the
//!    moment of submission.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use rigel_protocol::{CuError, CuResult};

use super::{
    lane::{Group, Lane, LaneKind},
    op::Op,
};

/// Most lanes at once.
const LANES_MAX: usize = 1 << 16;

/// A place in a lane that must be reached.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// The lane.
    pub(crate) lane: Arc<Lane>,
    /// The place.
    pub(crate) position: u64,
}

impl Need {
    fn is_met(&self) -> bool {
        self.lane.has_reached(self.position)
    }
}

/// An operation that may run now; its lane stands still until it is completed.
pub(super) struct Task {
    /// Its lane.
    pub(super) lane: Arc<Lane>,
    /// Its place there.
    pub(super) position: u64,
    /// What to do.
    pub(super) op: Op,
}

/// The lanes and what they hold.
#[derive(Default)]
pub(super) struct Schedule {
    lanes: Vec<Option<LaneState>>,
    free: Vec<u32>,
    groups: HashMap<u64, GroupLanes>,
    /// Lanes whose head may run, in the order in which they became so.
    ready: VecDeque<u32>,
}

struct LaneState {
    lane: Arc<Lane>,
    queue: VecDeque<Queued>,
    /// Its head is being performed, or stands in `ready`.
    busy: bool,
    closing: bool,
    /// Lanes whose head needs this lane to reach a place.
    waiters: Vec<(u64, u32)>,
    /// Place of the legacy lane that this lane has waited for already; for the legacy lane unused.
    legacy_seen: u64,
    /// Place of this lane that the legacy lane has waited for already.
    seen_by_legacy: u64,
}

struct Queued {
    position: u64,
    op: Op,
    needs: Vec<Need>,
}

#[derive(Default)]
struct GroupLanes {
    legacy: Option<u32>,
    blocking: Vec<u32>,
}

impl Schedule {
    /// Adds a lane.
    pub(super) fn open(&mut self, group: &Arc<Group>, kind: LaneKind) -> CuResult<Arc<Lane>> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.lanes.len() < LANES_MAX => {
                self.lanes.push(None);
                self.lanes.len() as u32 - 1
            }
            None => return Err(CuError::OUT_OF_MEMORY),
        };
        let lane = Arc::new(Lane::new(slot, Arc::clone(group), kind));
        let siblings = self.groups.entry(group.id).or_default();
        match kind {
            LaneKind::Legacy => siblings.legacy = Some(slot),
            LaneKind::Blocking => siblings.blocking.push(slot),
            LaneKind::NonBlocking => {}
        }
        self.lanes[slot as usize] = Some(LaneState {
            lane: Arc::clone(&lane),
            queue: VecDeque::new(),
            busy: false,
            closing: false,
            waiters: Vec::new(),
            legacy_seen: 0,
            seen_by_legacy: 0,
        });
        Ok(lane)
    }

    /// Removes a lane once all it holds is done.
    pub(super) fn close(&mut self, lane: &Lane) {
        if let Some(state) = self.state(lane) {
            state.closing = true;
        }
        self.remove_if_over(lane.slot);
    }

    /// Appends an operation and returns its place; `None` if the lane is closed.
    pub(super) fn submit(&mut self, lane: &Lane, op: Op, mut needs: Vec<Need>) -> Option<u64> {
        self.add_implied_needs(lane, &mut needs);
        let state = self.state(lane)?;
        let position = lane.issue();
        state.queue.push_back(Queued {
            position,
            op,
            needs,
        });
        if state.queue.len() == 1 {
            self.advance(lane.slot);
        }
        Some(position)
    }

    /// If nothing stands before an operation submitted now, takes its place without queueing: the
    /// caller performs it and calls [`Self::complete`].
    pub(super) fn begin(&mut self, lane: &Lane) -> Option<u64> {
        let mut needs = Vec::new();
        if !lane.is_idle() || self.state(lane).is_none_or(|state| state.busy) {
            return None;
        }
        self.add_implied_needs(lane, &mut needs);
        if !needs.iter().all(Need::is_met) {
            // Nothing was submitted: the next operation must find these needs again.
            self.forget_implied_needs(lane);
            return None;
        }
        self.state(lane)?.busy = true;
        Some(lane.issue())
    }

    /// The operation that has been able to run for the longest time.
    pub(super) fn next(&mut self) -> Option<Task> {
        let slot = self.ready.pop_front()?;
        self.take_head(slot)
    }

    /// The head of this lane, if it may run.
    pub(super) fn next_of(&mut self, lane: &Lane) -> Option<Task> {
        let index = self.ready.iter().position(|slot| *slot == lane.slot)?;
        let held = self.lanes[lane.slot as usize].as_ref()?;
        if !std::ptr::eq(Arc::as_ptr(&held.lane), lane) {
            return None;
        }
        self.ready.remove(index);
        self.take_head(lane.slot)
    }

    /// How many lanes have an operation that may run.
    pub(super) fn n_ready(&self) -> usize {
        self.ready.len()
    }

    /// An operation is done: its lane moves on, and those that waited for it.
    pub(super) fn complete(&mut self, lane: &Lane, position: u64) {
        lane.reach(position);
        let Some(state) = self.state(lane) else {
            return;
        };
        state.busy = false;
        let mut woken = Vec::new();
        state.waiters.retain(|(place, slot)| {
            let met = *place <= position;
            if met {
                woken.push(*slot);
            }
            !met
        });
        self.advance(lane.slot);
        woken.into_iter().for_each(|slot| self.advance(slot));
        self.remove_if_over(lane.slot);
    }

    /// All lanes of a group.
    pub(super) fn lanes_of(&self, group: &Group) -> Vec<Arc<Lane>> {
        let lanes = self.lanes.iter().flatten().map(|state| &state.lane);
        lanes
            .filter(|lane| lane.group.id == group.id)
            .cloned()
            .collect()
    }

    /// All lanes.
    pub(super) fn all_lanes(&self) -> Vec<Arc<Lane>> {
        self.lanes
            .iter()
            .flatten()
            .map(|state| Arc::clone(&state.lane))
            .collect()
    }

    fn state(&mut self, lane: &Lane) -> Option<&mut LaneState> {
        let state = self.lanes.get_mut(lane.slot as usize)?.as_mut()?;
        std::ptr::eq(Arc::as_ptr(&state.lane), lane).then_some(state)
    }

    fn slot(&mut self, slot: u32) -> Option<&mut LaneState> {
        self.lanes.get_mut(slot as usize)?.as_mut()
    }

    fn take_head(&mut self, slot: u32) -> Option<Task> {
        let state = self.slot(slot)?;
        let head = state.queue.pop_front()?;
        Some(Task {
            lane: Arc::clone(&state.lane),
            position: head.position,
            op: head.op,
        })
    }

    /// Makes a lane ready if its head's needs are met, else has it woken when one of them is.
    fn advance(&mut self, slot: u32) {
        let Some(state) = self.slot(slot) else { return };
        if state.busy {
            return;
        }
        let Some(head) = state.queue.front_mut() else {
            return;
        };
        head.needs.retain(|need| !need.is_met());
        let Some(need) = head.needs.first().cloned() else {
            state.busy = true;
            self.ready.push_back(slot);
            return;
        };
        if let Some(needed) = self.state(&need.lane) {
            needed.waiters.push((need.position, slot));
        }
    }

    fn add_implied_needs(&mut self, lane: &Lane, needs: &mut Vec<Need>) {
        let Some(siblings) = self.groups.get(&lane.group.id) else {
            return;
        };
        match lane.kind {
            LaneKind::NonBlocking => {}
            LaneKind::Blocking => {
                let Some(legacy) = siblings.legacy else {
                    return;
                };
                let Some(legacy) = self.slot(legacy).map(|state| Arc::clone(&state.lane)) else {
                    return;
                };
                let position = legacy.issued();
                let Some(state) = self.state(lane) else {
                    return;
                };
                if state.legacy_seen < position && !legacy.has_reached(position) {
                    state.legacy_seen = position;
                    needs.push(Need {
                        lane: legacy,
                        position,
                    });
                }
            }
            LaneKind::Legacy => {
                for slot in siblings.blocking.clone() {
                    let Some(state) = self.slot(slot) else {
                        continue;
                    };
                    let position = state.lane.issued();
                    if state.seen_by_legacy < position && !state.lane.has_reached(position) {
                        state.seen_by_legacy = position;
                        needs.push(Need {
                            lane: Arc::clone(&state.lane),
                            position,
                        });
                    }
                }
            }
        }
    }

    fn forget_implied_needs(&mut self, lane: &Lane) {
        if let Some(state) = self.state(lane) {
            state.legacy_seen = 0;
        }
        let siblings = self
            .groups
            .get(&lane.group.id)
            .map(|group| group.blocking.clone());
        if lane.kind == LaneKind::Legacy {
            for slot in siblings.into_iter().flatten() {
                if let Some(state) = self.slot(slot) {
                    state.seen_by_legacy = 0;
                }
            }
        }
    }

    fn remove_if_over(&mut self, slot: u32) {
        let over = |state: &&mut LaneState| state.closing && !state.busy && state.queue.is_empty();
        let Some(group) = self
            .slot(slot)
            .filter(over)
            .map(|state| state.lane.group.id)
        else {
            return;
        };
        self.lanes[slot as usize] = None;
        self.free.push(slot);
        if let Some(siblings) = self.groups.get_mut(&group) {
            siblings.blocking.retain(|other| *other != slot);
            siblings.legacy = siblings.legacy.filter(|other| *other != slot);
            if siblings.blocking.is_empty() && siblings.legacy.is_none() {
                self.groups.remove(&group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::op::Health;

    fn group() -> Arc<Group> {
        Arc::new(Group {
            id: 1,
            device: 0,
            health: Health::default(),
        })
    }

    fn submit(schedule: &mut Schedule, lane: &Lane) -> u64 {
        schedule.submit(lane, Op::Nothing, Vec::new()).unwrap()
    }

    /// Performs everything, and says which lane's which place came when.
    fn run(schedule: &mut Schedule) -> Vec<(u32, u64)> {
        let mut order = Vec::new();
        while let Some(task) = schedule.next() {
            order.push((task.lane.slot, task.position));
            schedule.complete(&task.lane, task.position);
        }
        order
    }

    #[test]
    fn next_of_one_lane_keeps_its_order() {
        let mut schedule = Schedule::default();
        let lane = schedule.open(&group(), LaneKind::NonBlocking).unwrap();
        for place in 1..=3 {
            assert_eq!(submit(&mut schedule, &lane), place);
        }
        assert_eq!(run(&mut schedule), [(0, 1), (0, 2), (0, 3)]);
        assert!(lane.is_idle());
    }

    #[test]
    fn next_while_the_head_runs_is_none() {
        let mut schedule = Schedule::default();
        let lane = schedule.open(&group(), LaneKind::NonBlocking).unwrap();
        submit(&mut schedule, &lane);
        submit(&mut schedule, &lane);
        let first = schedule.next().unwrap();
        assert!(schedule.next().is_none());
        schedule.complete(&first.lane, first.position);
        assert!(schedule.next().is_some());
    }

    #[test]
    fn next_waits_for_a_need_in_another_lane() {
        let mut schedule = Schedule::default();
        let (group, kind) = (group(), LaneKind::NonBlocking);
        let (a, b) = (
            schedule.open(&group, kind).unwrap(),
            schedule.open(&group, kind).unwrap(),
        );
        submit(&mut schedule, &a);
        let running = schedule.next().unwrap();
        let need = Need {
            lane: Arc::clone(&a),
            position: 1,
        };
        schedule.submit(&b, Op::Nothing, vec![need]).unwrap();
        assert!(schedule.next().is_none());
        schedule.complete(&running.lane, running.position);
        assert_eq!(run(&mut schedule), [(b.slot, 1)]);
    }

    #[test]
    fn legacy_lane_waits_for_blocking_lanes_and_they_for_it() {
        let mut schedule = Schedule::default();
        let group = group();
        let legacy = schedule.open(&group, LaneKind::Legacy).unwrap();
        let blocking = schedule.open(&group, LaneKind::Blocking).unwrap();
        let free = schedule.open(&group, LaneKind::NonBlocking).unwrap();
        submit(&mut schedule, &blocking);
        submit(&mut schedule, &legacy);
        submit(&mut schedule, &blocking);
        submit(&mut schedule, &free);
        let order = run(&mut schedule);
        let place = |wanted: (u32, u64)| order.iter().position(|step| *step == wanted).unwrap();
        assert!(place((blocking.slot, 1)) < place((legacy.slot, 1)));
        assert!(place((legacy.slot, 1)) < place((blocking.slot, 2)));
        assert!(
            place((free.slot, 1)) < place((legacy.slot, 1)),
            "a non-blocking lane never waits"
        );
    }

    #[test]
    fn legacy_lanes_of_two_groups_are_independent() {
        let mut schedule = Schedule::default();
        let other = Arc::new(Group {
            id: 2,
            device: 0,
            health: Health::default(),
        });
        let blocking = schedule.open(&group(), LaneKind::Blocking).unwrap();
        let legacy = schedule.open(&other, LaneKind::Legacy).unwrap();
        submit(&mut schedule, &blocking);
        let running = schedule.next().unwrap();
        submit(&mut schedule, &legacy);
        assert_eq!(run(&mut schedule), [(legacy.slot, 1)]);
        schedule.complete(&running.lane, running.position);
    }

    #[test]
    fn begin_on_an_idle_lane_holds_back_what_follows() {
        let mut schedule = Schedule::default();
        let lane = schedule.open(&group(), LaneKind::Blocking).unwrap();
        let place = schedule.begin(&lane).unwrap();
        submit(&mut schedule, &lane);
        assert!(schedule.next().is_none());
        assert!(schedule.begin(&lane).is_none());
        schedule.complete(&lane, place);
        assert_eq!(run(&mut schedule), [(lane.slot, 2)]);
    }

    #[test]
    fn begin_behind_other_lanes_is_refused_and_changes_nothing() {
        let mut schedule = Schedule::default();
        let group = group();
        let legacy = schedule.open(&group, LaneKind::Legacy).unwrap();
        let blocking = schedule.open(&group, LaneKind::Blocking).unwrap();
        submit(&mut schedule, &blocking);
        assert!(schedule.begin(&legacy).is_none());
        submit(&mut schedule, &legacy);
        assert_eq!(run(&mut schedule), [(blocking.slot, 1), (legacy.slot, 1)]);
    }

    #[test]
    fn close_with_work_left_removes_the_lane_afterwards() {
        let mut schedule = Schedule::default();
        let group = group();
        let lane = schedule.open(&group, LaneKind::Blocking).unwrap();
        submit(&mut schedule, &lane);
        schedule.close(&lane);
        assert_eq!(schedule.lanes_of(&group).len(), 1);
        run(&mut schedule);
        assert!(schedule.lanes_of(&group).is_empty());
        assert!(schedule.submit(&lane, Op::Nothing, Vec::new()).is_none());
    }
}
