//! A device for tests: memory, services that note what they are asked, and a kernel around a snippet.
//! Read [`Device`] for whole kernels and [`check`] for single forms.
#![expect(unsafe_code, reason = "reads and writes the memory that kernels use")]

use std::{
    ops::Range,
    sync::{Arc, Mutex},
};

use crate::exec::{
    Access, Compile, DeviceMemory, DeviceServices, ExecError, Fault, GlobalDecl, Launch, LaunchEnv,
    LaunchShape, LinkedModule, Outcome, Poll, RunState,
};

/// Memory and services, shared with the executor.
#[derive(Default)]
struct Board {
    ranges: Mutex<Vec<Range<u64>>>,
    printed: Mutex<Vec<u8>>,
    buffers: Mutex<Vec<Vec<u64>>>,
}

impl Board {
    fn allocate(&self, bytes: u64) -> u64 {
        let words = (bytes as usize).div_ceil(8) + 32;
        let mut buffer = vec![0u64; words];
        let start = (buffer.as_mut_ptr() as u64).next_multiple_of(64);
        self.buffers.lock().unwrap().push(buffer);
        self.ranges.lock().unwrap().push(start..start + bytes);
        start
    }
}

impl DeviceMemory for Board {
    fn accessible(&self, address: u64, bytes: u64, _: Access) -> Option<Range<u64>> {
        let end = address.checked_add(bytes)?;
        let ranges = self.ranges.lock().unwrap();
        let found = ranges.iter().find(|r| r.start <= address && end <= r.end);
        found.cloned()
    }

    fn nearest(&self, address: u64) -> Option<Range<u64>> {
        let ranges = self.ranges.lock().unwrap();
        let distance = |r: &&Range<u64>| {
            let below = r.start.saturating_sub(address);
            below.max(address.saturating_sub(r.end))
        };
        ranges.iter().min_by_key(distance).cloned()
    }
}

impl DeviceServices for Board {
    fn print(&self, text: &[u8]) {
        self.printed.lock().unwrap().extend_from_slice(text);
    }

    fn allocate(&self, bytes: u64) -> Option<u64> {
        Some(Board::allocate(self, bytes))
    }

    fn free(&self, address: u64) -> bool {
        let mut ranges = self.ranges.lock().unwrap();
        let before = ranges.len();
        ranges.retain(|range| range.start != address);
        ranges.len() < before
    }
}

/// A device with one module.
pub(super) struct Device {
    board: Arc<Board>,
    module: LinkedModule,
}

impl Device {
    /// Loads `body`, which lacks only the header.
    pub(super) fn new(body: &str) -> Self {
        Self::with(body, Compile::default())
    }

    /// The same, with machine code from when on.
    pub(super) fn with(body: &str, compile: Compile) -> Self {
        let text = format!(".version 8.8\n.target sm_120\n.address_size 64\n{body}\n");
        let board = Arc::new(Board::default());
        let mut place = |decl: &GlobalDecl| Ok(board.allocate(decl.bytes));
        let module = LinkedModule::new(text.into(), &mut place).unwrap();
        let module = module.compiled(compile);
        for data in module.initial_data() {
            // SAFETY: the variable was placed in a buffer of this size.
            unsafe {
                std::ptr::copy_nonoverlapping(
                    data.bytes.as_ptr(),
                    data.address as *mut u8,
                    data.bytes.len(),
                );
            }
        }
        Self { board, module }
    }

    /// The address of a variable.
    pub(super) fn symbol(&self, name: &str) -> u64 {
        let globals = self.module.globals();
        let found = globals.iter().find(|global| global.decl.name == name);
        found.unwrap().address
    }

    /// How many units of a kernel have become machine code.
    pub(super) fn n_compiled(&self, kernel: &str) -> usize {
        let kernel = self.module.kernel(kernel).unwrap();
        let program = kernel.program.as_ref().unwrap();
        let compiled = program.units.iter().filter(|unit| unit.is_compiled());
        compiled.count()
    }

    /// A zeroed buffer.
    pub(super) fn zeroed(&self, bytes: u64) -> u64 {
        self.board.allocate(bytes)
    }

    /// A buffer with these values.
    pub(super) fn buffer<T: Copy>(&self, values: &[T]) -> u64 {
        let at = self.zeroed(size_of_val(values) as u64);
        // SAFETY: the buffer was just allocated with this size.
        unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), at as *mut T, values.len()) };
        at
    }

    /// `count` values from `address`.
    pub(super) fn read<T: Copy>(&self, address: u64, count: usize) -> Vec<T> {
        // SAFETY: tests read buffers they allocated, with types of plain bits.
        unsafe { std::slice::from_raw_parts(address as *const T, count).to_vec() }
    }

    /// What kernels have printed.
    pub(super) fn printed(&self) -> String {
        String::from_utf8(self.board.printed.lock().unwrap().clone()).unwrap()
    }

    /// A launch that nobody runs yet.
    pub(super) fn launch(
        &self,
        kernel: &str,
        shape: LaunchShape,
        params: &[u64],
    ) -> Result<Launch, ExecError> {
        let kernel = self.module.kernel(kernel)?;
        let bytes: Vec<u8> = params.iter().flat_map(|p| p.to_le_bytes()).collect();
        let env = LaunchEnv {
            memory: self.board.clone(),
            services: self.board.clone(),
            grid_id: 7,
            n_multiprocessors: 4,
            grid_workspace: 0,
            stack_bytes: 4096,
        };
        Launch::new(kernel, shape, bytes.into(), env)
    }

    /// Runs a kernel on `threads` CPU threads; parameters have eight bytes each.
    pub(super) fn run_on(
        &self,
        threads: usize,
        kernel: &str,
        shape: LaunchShape,
        params: &[u64],
    ) -> Outcome {
        let launch = self.launch(kernel, shape, params).unwrap();
        let finished: usize = std::thread::scope(|scope| {
            let run = || {
                let state = launch.run_blocks(&mut || Poll::Continue);
                usize::from(state == RunState::Finished)
            };
            let helpers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
            helpers.into_iter().map(|h| h.join().unwrap()).sum()
        });
        assert_eq!(finished, 1, "exactly one thread reports the end");
        launch.outcome()
    }

    /// Runs a kernel that must not fault.
    pub(super) fn run(&self, kernel: &str, grid: u32, block: u32, params: &[u64]) -> Outcome {
        let shape = LaunchShape::new([grid, 1, 1], [block, 1, 1]);
        let outcome = self.run_on(1, kernel, shape, params);
        assert_eq!(outcome.fault, None);
        outcome
    }

    /// Runs a kernel that must fault.
    pub(super) fn fault(&self, kernel: &str, block: u32, params: &[u64]) -> Fault {
        let shape = LaunchShape::new([1; 3], [block, 1, 1]);
        self.run_on(1, kernel, shape, params).fault.unwrap()
    }
}

/// One lane's operands and its result: `a`, `b`, `c`, expected.
pub(super) type Case = [u64; 4];

/// Registers that snippets may use, loaded from the operands.
const PROLOGUE: &str = "
    .reg .b64 %a64, %b64, %c64, %d64, %ta, %tb, %tc, %td, %x64, %y64;
    .reg .b32 %a32, %b32, %c32, %d32, %i, %x32, %y32;
    .reg .f32 %fa, %fb, %fc, %fd;
    .reg .f64 %da, %db, %dc, %dd;
    .reg .b16 %a16, %b16, %c16, %d16;
    .reg .pred %pa, %pb, %pc, %pd, %pe, %skip;
    ld.param.u64 %ta, [pa];
    ld.param.u64 %tb, [pb];
    ld.param.u64 %tc, [pc];
    ld.param.u64 %td, [pd];
    mov.u32 %i, %tid.x;
    mad.wide.u32 %ta, %i, 8, %ta;
    mad.wide.u32 %tb, %i, 8, %tb;
    mad.wide.u32 %tc, %i, 8, %tc;
    mad.wide.u32 %td, %i, 8, %td;
    ld.global.b64 %a64, [%ta];
    ld.global.b64 %b64, [%tb];
    ld.global.b64 %c64, [%tc];
    cvt.u32.u64 %a32, %a64;
    cvt.u32.u64 %b32, %b64;
    cvt.u32.u64 %c32, %c64;
    cvt.u16.u64 %a16, %a64;
    cvt.u16.u64 %b16, %b64;
    cvt.u16.u64 %c16, %c64;
    mov.b32 %fa, %a32;
    mov.b32 %fb, %b32;
    mov.b32 %fc, %c32;
    mov.b64 %da, %a64;
    mov.b64 %db, %b64;
    mov.b64 %dc, %c64;
    and.b32 %x32, %a32, 1;
    setp.ne.u32 %pa, %x32, 0;
    and.b32 %x32, %b32, 1;
    setp.ne.u32 %pb, %x32, 0;
    and.b32 %x32, %c32, 1;
    setp.ne.u32 %pc, %x32, 0;
    mov.b64 %d64, 0;
    mov.b32 %d32, 0;
    mov.b16 %d16, 0;
    mov.b32 %fd, 0;
    mov.b64 %dd, 0;
";

/// Runs `snippet` on every case and compares the result, which the snippet leaves in `%d64`, `%d32`,
/// `%d16`, `%fd`, `%dd` or `%pd`; in full warps, in a partial warp, and with half of the lanes off.
///
/// Both by the interpreter and by machine code.
pub(super) fn check(snippet: &str, cases: &[Case]) {
    for compile in [Compile::Off, Compile::Always] {
        check_with(snippet, cases, compile);
    }
}

fn check_with(snippet: &str, cases: &[Case], compile: Compile) {
    let deliver = [
        ("%d64", ""),
        ("%d32", "cvt.u64.u32 %d64, %d32;"),
        ("%d16", "cvt.u64.u16 %d64, %d16;"),
        ("%fd", "mov.b32 %d32, %fd; cvt.u64.u32 %d64, %d32;"),
        ("%dd", "mov.b64 %d64, %dd;"),
        ("%pd", "selp.b64 %d64, 1, 0, %pd;"),
    ];
    let (_, deliver) = deliver
        .iter()
        .find(|(reg, _)| snippet.contains(reg))
        .unwrap();
    let body = format!(
        ".visible .entry all(.param .u64 pa, .param .u64 pb, .param .u64 pc, .param .u64 pd) {{
            {PROLOGUE} {snippet} {deliver} st.global.b64 [%td], %d64; ret;
        }}
        .visible .entry odd(.param .u64 pa, .param .u64 pb, .param .u64 pc, .param .u64 pd) {{
            {PROLOGUE}
            and.b32 %x32, %i, 1;
            setp.eq.u32 %skip, %x32, 0;
            @%skip bra DONE;
            {snippet} {deliver} st.global.b64 [%td], %d64;
            DONE: ret;
        }}"
    );
    let device = Device::with(&body, compile);
    let repeated: Vec<Case> = cases.iter().copied().cycle().take(96).collect();
    assert!(cases.len() <= 96, "too many cases for one block");
    let column = |index: usize| -> Vec<u64> { repeated.iter().map(|case| case[index]).collect() };
    let [a, b, c] = [0, 1, 2].map(|index| device.buffer(&column(index)));
    let verify = |kernel: &str, threads: usize, runs: &dyn Fn(usize) -> bool| {
        let d = device.buffer(&[0xDEAD_BEEFu64; 96]);
        device.run(kernel, 1, threads as u32, &[a, b, c, d]);
        let got = device.read::<u64>(d, 96);
        for (lane, case) in repeated.iter().enumerate() {
            let ran = lane < threads && runs(lane);
            let expected = if ran { case[3] } else { 0xDEAD_BEEF };
            assert_eq!(
                got[lane], expected,
                "{snippet} in {kernel}: a {:#x}, b {:#x}, c {:#x}, lane {lane}: got {:#x}, expected {expected:#x}",
                case[0], case[1], case[2], got[lane]
            );
        }
    };
    verify("all", 96, &|_| true);
    verify("all", 77, &|_| true);
    verify("odd", 96, &|lane| lane % 2 == 1);
    verify("odd", 85, &|lane| lane % 2 == 1);
}

/// Cases from every pair of `values`, with the result of `f`; the rest go to another table.
pub(super) fn pairs(values: &[u64], f: impl Fn(u64, u64) -> u64) -> Vec<Case> {
    let mut cases = Vec::new();
    for a in values {
        for b in values {
            cases.push([*a, *b, 0, f(*a, *b)]);
        }
    }
    cases
}

/// [`check`] on as many cases as there are.
pub(super) fn check_all(snippet: &str, cases: &[Case]) {
    for some in cases.chunks(96) {
        check(snippet, some);
    }
}

/// Bits of a float as an operand.
pub(super) fn f(value: f32) -> u64 {
    u64::from(value.to_bits())
}

/// Bits of a double as an operand.
pub(super) fn d(value: f64) -> u64 {
    value.to_bits()
}

/// Integers at the edges.
pub(super) const EDGES32: [u64; 9] = [
    0,
    1,
    2,
    31,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0xFFFF_FFFE,
    0x1234_5678,
];

/// Integers at the edges.
pub(super) const EDGES64: [u64; 8] = [
    0,
    1,
    3,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    u64::MAX,
    0x1_0000_0000,
    0x0123_4567_89AB_CDEF,
];
