//! Which lanes of a warp run next: groups part, meet, wait and go on. Read [`Warp::settle`] first.

use super::{Group, ROTATION_OPS, Wait, Warp};

impl Warp {
    /// With the active lanes at `pc`: merges groups that are there too, and gives way to a group that
    /// goes before. Returns where to continue.
    pub(super) fn settle(&mut self, pc: u32) -> Option<u32> {
        if self.active == 0 {
            return self.choose();
        }
        self.absorb(pc);
        if self.rotation_left > 0 {
            self.rotation_left -= 1;
            self.limit = 0;
            return Some(pc);
        }
        if self.groups.is_empty() {
            self.limit = u32::MAX;
            return Some(pc);
        }
        if !self.rotate && self.goes_first(pc) {
            self.limit = self.next_meeting(pc);
            return Some(pc);
        }
        self.park(pc, self.active, Wait::Run);
        self.active = 0;
        self.choose()
    }

    /// Whether the active lanes, at `pc`, go before all groups that can run.
    fn goes_first(&self, pc: u32) -> bool {
        let order = |frame: u32, pc: u32| (u32::MAX - self.frames[frame as usize].depth, pc);
        let own = order(self.frame, pc);
        let mut runnable = self.groups.iter().filter(|group| group.wait == Wait::Run);
        runnable.all(|group| own < order(group.frame, group.pc))
    }

    /// Merges the groups at `pc` in the current frame into the active lanes.
    fn absorb(&mut self, pc: u32) {
        let frame = self.frame;
        let mut gained = 0;
        self.groups.retain(|group| {
            let joins = group.pc == pc
                && group.frame == frame
                && !matches!(group.wait, Wait::Barrier { .. });
            if joins {
                gained |= group.mask;
            }
            !joins
        });
        self.active |= gained;
        self.mask = self.active;
    }

    /// Makes the first runnable group active and returns its program counter.
    pub(super) fn choose(&mut self) -> Option<u32> {
        if self.groups.is_empty() {
            return None;
        }
        let rotate = std::mem::take(&mut self.rotate);
        self.rotation_left = 0;
        let first = match self.first_runnable() {
            Some(first) => first,
            None if self.only_lanes_wait() && self.force() => self.first_runnable()?,
            None => return None,
        };
        let chosen = if rotate {
            self.longest_waiting()?
        } else {
            first
        };
        if chosen != first {
            self.rotation_left = ROTATION_OPS;
        }
        let group = self.groups.swap_remove(chosen);
        if group.frame != self.frame {
            self.enter_frame(group.frame);
        }
        self.active = group.mask;
        self.absorb(group.pc);
        self.limit = if self.rotation_left > 0 {
            0
        } else {
            self.next_meeting(group.pc)
        };
        Some(group.pc)
    }

    fn only_lanes_wait(&self) -> bool {
        self.groups.iter().all(|group| group.wait == Wait::Lanes)
    }

    fn first_runnable(&self) -> Option<usize> {
        let runnable = self.groups.iter().enumerate();
        runnable
            .filter(|(_, group)| group.wait == Wait::Run)
            .min_by_key(|(_, group)| {
                let depth = self.frames[group.frame as usize].depth;
                (u32::MAX - depth, group.pc)
            })
            .map(|(index, _)| index)
    }

    fn longest_waiting(&self) -> Option<usize> {
        let runnable = self.groups.iter().enumerate();
        runnable
            .filter(|(_, group)| group.wait == Wait::Run)
            .min_by_key(|(_, group)| group.turn)
            .map(|(index, _)| index)
    }

    /// The lowest program counter beyond `pc` at which the current frame's depth has another group.
    fn next_meeting(&self, pc: u32) -> u32 {
        let depth = self.frames[self.frame as usize].depth;
        self.groups
            .iter()
            .filter(|group| !matches!(group.wait, Wait::Barrier { .. }))
            .filter(|group| self.frames[group.frame as usize].depth == depth && group.pc > pc)
            .map(|group| group.pc)
            .min()
            .unwrap_or(u32::MAX)
    }

    /// Lets the groups that wait at barrier `id` go on, and gives them the result of its reduction.
    /// True if there are any.
    pub(in crate::exec) fn release(&mut self, id: u8, value: u32) -> bool {
        let mut any = false;
        for index in 0..self.groups.len() {
            let Wait::Barrier { id: at, result } = self.groups[index].wait else {
                continue;
            };
            if at != id {
                continue;
            }
            any = true;
            self.groups[index].wait = Wait::Run;
            let Group { frame, mask, .. } = self.groups[index];
            if let Some(result) = result {
                self.enter_frame(frame);
                if result.is_pred {
                    self.commit_pred(result.slot, 0u32.wrapping_sub(value), mask);
                } else {
                    self.commit(result.slot, &[value; 32], mask);
                }
            }
        }
        any
    }

    /// The first lane of a group that ran last, and the line at which it stands: for messages, between turns.
    pub(in crate::exec) fn standing(&self) -> Option<([u32; 3], u32)> {
        let entry = self.begin.map(|pc| (pc, !self.idle));
        let parked = self.groups.iter().max_by_key(|group| group.turn);
        let (pc, mask) = entry.or(parked.map(|group| match group.wait {
            // It goes on after the barrier.
            Wait::Barrier { .. } => (group.pc.saturating_sub(1), group.mask),
            Wait::Run | Wait::Lanes => (group.pc, group.mask),
        }))?;
        let lane = mask.trailing_zeros() as usize;
        let thread = self.tid.map(|component| component[lane % 32]);
        let line = self.program().lines.get(pc as usize).copied();
        Some((thread, line.unwrap_or_default()))
    }

    /// If all groups wait for other lanes of the warp that will not come, lets the first go on with
    /// the lanes there are. False if no group waits so.
    pub(in crate::exec) fn force(&mut self) -> bool {
        let Some(group) = self.groups.iter_mut().find(|g| g.wait == Wait::Lanes) else {
            return false;
        };
        group.wait = Wait::Run;
        self.forced = true;
        true
    }
}
