//! How many thread instructions a second the executor runs, on kernels of the usual kinds. Not a test:
//! it prints a table. Run it with `cargo run --release -p rigel-soft-driver --example exec_speed`.
#![expect(unsafe_code, reason = "fills and reads the buffers that kernels use")]

use std::{
    ops::Range,
    sync::{Arc, Mutex},
    time::Instant,
};

use rigel_soft::exec::{
    Access, DeviceMemory, DeviceServices, GlobalDecl, Launch, LaunchEnv, LaunchShape, LinkedModule,
    Outcome, Poll,
};

const KERNELS: &str = include_str!("exec_speed.ptx");

/// Edge of the square matrices.
const N: u32 = 256;
/// Elements of the vectors.
const COUNT: u32 = 1 << 22;

#[derive(Default)]
struct Memory {
    buffers: Mutex<Vec<Vec<u64>>>,
    ranges: Mutex<Vec<Range<u64>>>,
}

impl Memory {
    fn floats(&self, count: u32, value: impl Fn(u32) -> f32) -> u64 {
        let mut buffer = vec![0u64; count as usize / 2 + 32];
        let start = (buffer.as_mut_ptr() as u64).next_multiple_of(256);
        for index in 0..count {
            // SAFETY: the buffer has room for `count` floats behind its aligned start.
            unsafe { *(start as *mut f32).add(index as usize) = value(index) };
        }
        let end = start + u64::from(count) * 4;
        self.ranges
            .lock()
            .expect("nobody panics here")
            .push(start..end);
        self.buffers
            .lock()
            .expect("nobody panics here")
            .push(buffer);
        start
    }
}

impl DeviceMemory for Memory {
    fn accessible(&self, address: u64, bytes: u64, _: Access) -> Option<Range<u64>> {
        let end = address.checked_add(bytes)?;
        let ranges = self.ranges.lock().expect("nobody panics here");
        let found = ranges.iter().find(|r| r.start <= address && end <= r.end);
        found.cloned()
    }
}

impl DeviceServices for Memory {
    fn print(&self, _: &[u8]) {}

    fn allocate(&self, _: u64) -> Option<u64> {
        None
    }

    fn free(&self, _: u64) -> bool {
        false
    }
}

fn run(memory: &Arc<Memory>, module: &LinkedModule, case: &Case, threads: usize) -> Outcome {
    let params: Vec<u8> = case.params.iter().flat_map(|p| p.to_le_bytes()).collect();
    let env = LaunchEnv {
        memory: memory.clone(),
        services: memory.clone(),
        grid_id: 0,
        n_multiprocessors: 2,
        grid_workspace: 0,
        stack_bytes: 1024,
    };
    let kernel = module.kernel(case.name).expect("the kernel is there");
    let launch = Launch::new(kernel, case.shape, params.into(), env).expect("the launch fits");
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| launch.run_blocks(&mut || Poll::Continue));
        }
    });
    let outcome = launch.outcome();
    assert_eq!(outcome.fault, None, "{}", case.name);
    outcome
}

struct Case {
    name: &'static str,
    shape: LaunchShape,
    params: Vec<u64>,
}

fn main() {
    let memory = Arc::new(Memory::default());
    let mut place = |decl: &GlobalDecl| Ok(memory.floats(decl.bytes as u32 / 4, |_| 0.0));
    let module = LinkedModule::new(KERNELS.into(), &mut place).expect("the module loads");
    let square = |seed: u32| memory.floats(N * N, move |i| ((i * 7 + seed) % 13) as f32);
    let (a, b, c) = (square(1), square(2), square(0));
    let (x, y) = (
        memory.floats(COUNT, |i| i as f32),
        memory.floats(COUNT, |i| (i % 5) as f32),
    );
    let bins = memory.floats(256, |_| 0.0);
    let vector = LaunchShape::new([COUNT / 256, 1, 1], [256, 1, 1]);
    let cases = [
        Case {
            name: "sgemm",
            shape: LaunchShape::new([N / 16, N / 16, 1], [16, 16, 1]),
            params: vec![a, b, c, u64::from(N)],
        },
        Case {
            name: "saxpy",
            shape: vector,
            params: vec![x, y, u64::from(COUNT)],
        },
        Case {
            name: "polynomial",
            shape: vector,
            params: vec![x, y, u64::from(COUNT)],
        },
        Case {
            name: "collatz",
            shape: LaunchShape::new([256, 1, 1], [256, 1, 1]),
            params: vec![y],
        },
        Case {
            name: "histogram",
            shape: vector,
            params: vec![x, bins],
        },
    ];
    println!("kernel      threads       ms   thread instr.    G/s");
    for case in &cases {
        for threads in [1, 2] {
            run(&memory, &module, case, threads);
            let start = Instant::now();
            let outcome = run(&memory, &module, case, threads);
            let seconds = start.elapsed().as_secs_f64();
            let count = outcome.counters.thread_instructions;
            println!(
                "{:<11} {threads:>7} {:>8.2} {count:>15} {:>6.2}",
                case.name,
                seconds * 1e3,
                count as f64 / seconds / 1e9
            );
        }
    }
    // SAFETY: the buffer holds N * N floats.
    let first = unsafe { *(c as *const f32) };
    let expected: f32 = (0..N)
        .map(|k| ((k * 7 + 1) % 13) as f32 * ((k * N * 7 + 2) % 13) as f32)
        .sum();
    assert_eq!(first, expected, "sgemm computes the product");
}
