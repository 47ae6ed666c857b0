//! A unit, when it is compiled, and how its code is entered. Read [`enter`].
#![expect(unsafe_code, reason = "enters machine code")]

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use super::template::Template;
#[cfg(target_arch = "x86_64")]
use super::{build, memory::Code};
use crate::exec::{
    op::{Flow, Op},
    warp::Warp,
};

/// Times a unit is reached by whole warps before it is compiled.
const HOT: u32 = 64;
/// Eight times how often code leaves early, less how often it does not, before careful code takes its place.
const EARLY_MAX: u32 = 256;

/// When units are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compile {
    /// Never: everything is interpreted.
    Off,
    /// Once they have been reached often.
    #[default]
    Hot,
    /// When they are first reached, for tests.
    Always,
}

impl Compile {
    /// What `RIGEL_SOFT_COMPILE` says (`off`, `hot`, `always`) and the CPU allows.
    pub(in crate::exec) fn of_process() -> Self {
        static OF_PROCESS: OnceLock<Compile> = OnceLock::new();
        *OF_PROCESS.get_or_init(|| match std::env::var("RIGEL_SOFT_COMPILE").as_deref() {
            _ if !Self::is_possible() => Self::Off,
            Ok("off") => Self::Off,
            Ok("always") => Self::Always,
            _ => Self::Hot,
        })
    }

    /// Whether the CPU has what the code needs.
    #[cfg(target_arch = "x86_64")]
    pub(in crate::exec) fn is_possible() -> bool {
        let base = std::env::var("RIGEL_SOFT_CPU").is_ok_and(|level| level == "base");
        !base && is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
    }

    /// There is no code for other CPUs.
    #[cfg(not(target_arch = "x86_64"))]
    pub(in crate::exec) fn is_possible() -> bool {
        false
    }
}

/// One op of a unit.
#[derive(Debug, Clone, Copy)]
pub(in crate::exec) struct Step {
    /// What it does.
    pub(in crate::exec) template: Template,
    /// Nobody reads its result after the unit.
    pub(in crate::exec) dies: bool,
}

/// A register that an op reads or writes which only its closure knows.
#[derive(Debug, Clone, Copy)]
pub(in crate::exec) struct Touch {
    /// Which op of the unit.
    pub(in crate::exec) step: u32,
    /// Where the register is.
    pub(in crate::exec) slot: u32,
    pub(in crate::exec) writes: bool,
}

/// A run of ops that is entered at its start only.
#[derive(Debug)]
pub(in crate::exec) struct Unit {
    /// Its first op, behind the marker.
    pub(in crate::exec) start: u32,
    /// An entry for each op.
    pub(in crate::exec) steps: Box<[Step]>,
    /// What closures among them touch, in order.
    pub(in crate::exec) touched: Box<[Touch]>,
    reached: AtomicU32,
    early: AtomicU32,
    #[cfg(target_arch = "x86_64")]
    code: OnceLock<Option<Code>>,
    /// Code for warps some of whose lanes are elsewhere, and for when the other has failed too often.
    #[cfg(target_arch = "x86_64")]
    careful: OnceLock<Option<Code>>,
    #[cfg(not(target_arch = "x86_64"))]
    code: OnceLock<Option<()>>,
}

impl Unit {
    /// A unit that nobody has reached.
    pub(in crate::exec) fn new(start: u32, steps: Box<[Step]>, touched: Box<[Touch]>) -> Self {
        Self {
            start,
            steps,
            touched,
            reached: AtomicU32::new(0),
            early: AtomicU32::new(0),
            code: OnceLock::new(),
            #[cfg(target_arch = "x86_64")]
            careful: OnceLock::new(),
        }
    }

    /// Whether there is code.
    #[cfg(test)]
    pub(in crate::exec) fn is_compiled(&self) -> bool {
        self.code.get().is_some_and(Option::is_some)
    }

    /// The op behind its last one.
    pub(in crate::exec) fn end(&self) -> u32 {
        self.start + self.steps.len() as u32
    }
}

/// How the `%tid` of a warp's lanes follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(in crate::exec) enum Layout {
    /// In some other way.
    Irregular,
    /// `x` counts up, `y` and `z` are the same for all lanes.
    Whole,
    /// The same within each half of the warp.
    Halves,
}

impl Layout {
    /// Looks at the thread numbers.
    pub(in crate::exec) fn of(tid: &[[u32; 32]; 3]) -> Self {
        let follows = |lanes: usize| {
            (0..32).all(|lane| {
                let (first, behind) = (lane / lanes * lanes, (lane % lanes) as u32);
                tid[0][lane] == tid[0][first].wrapping_add(behind)
                    && tid[1][lane] == tid[1][first]
                    && tid[2][lane] == tid[2][first]
            })
        };
        match () {
            () if follows(32) => Self::Whole,
            () if follows(16) => Self::Halves,
            () => Self::Irregular,
        }
    }
}

/// The marker in front of unit `ext`: runs its code if there is some and the warp is whole. It is no
/// instruction of the program and does not count as one.
pub(in crate::exec) fn enter(w: &mut Warp, op: &Op) -> Flow {
    w.uncount();
    #[cfg(target_arch = "x86_64")]
    {
        let unit = w.unit(op.ext);
        if !w.is_alone_until(unit.end()) {
            return Flow::Next;
        }
        let whole = w.active == u32::MAX;
        let code = if whole { &unit.code } else { &unit.careful };
        match code.get() {
            Some(Some(code)) if whole => return unit.execute(w, code),
            Some(Some(code)) => return unit.run(w, code, false),
            Some(None) => {}
            None => unit.warm(w),
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = op;
    Flow::Next
}

#[cfg(target_arch = "x86_64")]
impl Unit {
    /// Counts, and compiles when it is time.
    #[cold]
    fn warm(&self, w: &Warp) {
        let hot = match w.program().compile {
            Compile::Off => {
                let _ = self.code.set(None);
                let _ = self.careful.set(None);
                return;
            }
            Compile::Hot => HOT,
            Compile::Always => 0,
        };
        // Which rows to expect is seen where all lanes are there.
        let whole = w.active == u32::MAX;
        let reached = self.reached.load(Ordering::Relaxed);
        self.reached.store(reached + 1, Ordering::Relaxed);
        if reached >= hot {
            let code = if whole { &self.code } else { &self.careful };
            code.get_or_init(|| build::compile(self, w, !whole));
        }
    }

    fn execute(&self, w: &mut Warp, code: &Code) -> Flow {
        if self.early.load(Ordering::Relaxed) > EARLY_MAX {
            let careful = self.careful.get_or_init(|| build::compile(self, w, true));
            let Some(careful) = careful else {
                return Flow::Next;
            };
            return self.run(w, careful, false);
        }
        self.run(w, code, true)
    }

    #[inline(always)]
    fn run(&self, w: &mut Warp, code: &Code, expects: bool) -> Flow {
        // SAFETY: it was compiled for this unit of the program that the warp runs, on this CPU; all lanes are
        // active, or it is careful.
        let left = unsafe { code.run(w) };
        w.count_executed(left.executed);
        if left.flow == Flow::Fault {
            w.locate_fault(left.pc);
        }
        let early = self.early.load(Ordering::Relaxed);
        // A lost update is as good as none: this only tells often from seldom.
        if expects && left.early {
            self.early.store(early + 8, Ordering::Relaxed);
        } else if expects && early > 0 && early <= EARLY_MAX {
            self.early.store(early - 1, Ordering::Relaxed);
        }
        w.next = left.pc;
        left.flow
    }
}
