//! The client's half: takes figures through the C library that the process was given. Each part is a
//! process of its own, so that one does not warm up the other. Read [`Part`] first.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Subcommand;
use rigel_bench_floors::{Spread, median};

use super::boxes::{self, Boxes, Shape};
use super::cuda::{Cuda, Handle};
use super::replay::{Replay, replay};

/// What a client measured, by name.
pub(super) type Figures = BTreeMap<String, f64>;

/// Launches in a burst, and in a training step of a small network.
const LAUNCHES: usize = 324;
/// Waiting calls a round.
const WAITS: usize = 2000;

/// What a client does.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Part {
    /// From the first `cuInit` to a current context.
    Start,
    /// The same; then waits for its standard input to end.
    Idle,
    /// Waiting calls of several threads.
    Waiting {
        #[arg(long)]
        threads: usize,
        #[arg(long)]
        rounds: usize,
    },
    /// Bursts of launches of several threads, each on a stream of its own.
    Launching {
        #[arg(long)]
        threads: usize,
        #[arg(long)]
        rounds: usize,
    },
    /// 324 launches and a readback of 4 bytes.
    Step {
        #[arg(long)]
        rounds: usize,
        #[arg(long, default_value_t = LAUNCHES)]
        launches: usize,
    },
    /// Copies of one size.
    Copies {
        #[arg(long)]
        bytes: usize,
        #[arg(long)]
        memory: HostKind,
        #[arg(long)]
        rounds: usize,
    },
    /// Copies of 16 MiB of pageable memory that is not one stretch.
    Boxes {
        #[arg(long)]
        shape: Shape,
        #[arg(long)]
        rounds: usize,
    },
    /// Small calls of one thread while another copies.
    Beside {
        #[arg(long)]
        rounds: usize,
    },
    /// Steps of a program, by its calls.
    Replay {
        #[arg(long)]
        what: Replay,
        #[arg(long)]
        steps: usize,
    },
    /// Loads a fat binary of so many bytes, always the same.
    Image {
        #[arg(long)]
        bytes: usize,
    },
    /// So many launches, and nothing else.
    Launches {
        #[arg(long)]
        count: usize,
    },
}

/// What host memory is to CUDA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum HostKind {
    /// Ordinary memory.
    Pageable,
    /// Allocated page-locked.
    Pinned,
    /// Ordinary memory that was page-locked later.
    Registered,
}

/// Does a part and says what it measured.
pub(super) fn measure(part: Part) -> Result<Figures> {
    let cuda = Cuda::load()?;
    let started = Instant::now();
    cuda.start()?;
    let start_ms = started.elapsed().as_secs_f64() * 1e3;
    match part {
        Part::Start => Ok(figures([("start_ms", start_ms)])),
        Part::Idle => idle(start_ms),
        Part::Waiting { threads, rounds } => waiting(&cuda, threads, rounds),
        Part::Launching { threads, rounds } => launching(&cuda, threads, rounds),
        Part::Step { rounds, launches } => step(&cuda, rounds, launches),
        Part::Copies {
            bytes,
            memory,
            rounds,
        } => copies(&cuda, bytes, memory, rounds),
        Part::Boxes { shape, rounds } => boxes(&cuda, shape, rounds),
        Part::Beside { rounds } => beside(&cuda, rounds),
        Part::Replay { what, steps } => replay(&cuda, what, steps),
        Part::Image { bytes } => image(&cuda, bytes),
        Part::Launches { count } => launches(&cuda, count),
    }
}

fn figures<const N: usize>(all: [(&str, f64); N]) -> Figures {
    all.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Says that it is ready, and sleeps.
fn idle(start_ms: f64) -> Result<Figures> {
    println!("ready");
    let _ = std::io::stdin()
        .read(&mut [0])
        .context("wait for the end")?;
    Ok(figures([("start_ms", start_ms)]))
}

/// Runs the same in several threads that begin together, and gathers what they return.
fn together<T: Send>(
    cuda: &Cuda,
    threads: usize,
    work: impl Fn(&Cuda) -> Result<Vec<T>> + Sync,
) -> Result<Vec<T>> {
    let gate = Barrier::new(threads);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let entered = cuda.enter();
                    gate.wait();
                    entered.and_then(|()| work(cuda))
                })
            })
            .collect();
        let mut all = Vec::new();
        for thread in running {
            let part = thread
                .join()
                .map_err(|_| anyhow::anyhow!("a thread panicked"))?;
            all.extend(part?);
        }
        Ok(all)
    })
}

fn waiting(cuda: &Cuda, threads: usize, rounds: usize) -> Result<Figures> {
    let times = together(cuda, threads, |cuda| {
        let call = cuda.waiting()?;
        let mut times = Vec::with_capacity(rounds * WAITS);
        for _ in 0..WAITS / 4 {
            call()?;
        }
        for _ in 0..rounds * WAITS {
            times.push(microseconds(&call)?);
        }
        Ok(times)
    })?;
    let spread = Spread::of(times);
    Ok(figures([("p50_us", spread.p50), ("p99_us", spread.p99)]))
}

/// The caller's time, in bursts that fit the ring.
fn launching(cuda: &Cuda, threads: usize, rounds: usize) -> Result<Figures> {
    let function = cuda.kernel()?;
    let costs = together(cuda, threads, |cuda| {
        let burst = cuda.burst(function, cuda.stream()?)?;
        let mut costs = Vec::new();
        for _ in 0..rounds * 40 {
            let us = microseconds(&|| burst(LAUNCHES))?;
            costs.push(us / LAUNCHES as f64);
            cuda.synchronize()?;
        }
        Ok(costs)
    })?;
    Ok(figures([("launch_us", median(costs))]))
}

fn step(cuda: &Cuda, rounds: usize, launches: usize) -> Result<Figures> {
    let (function, device) = (cuda.kernel()?, cuda.allocate(4)?);
    let burst = cuda.burst(function, Handle::NONE)?;
    let mut times = Vec::new();
    for _ in 0..rounds * 40 {
        times.push(microseconds(&|| {
            burst(launches)?;
            cuda.download(&mut [0; 4], device)
        })?);
    }
    Ok(figures([("step_ms", median(times) / 1e3)]))
}

fn copies(cuda: &Cuda, bytes: usize, memory: HostKind, rounds: usize) -> Result<Figures> {
    let device = cuda.allocate(bytes)?;
    let (mut pageable, mut locked) = (Vec::new(), None);
    let host: &mut [u8] = match memory {
        HostKind::Pinned => locked.insert(cuda.pinned(bytes)?).bytes(),
        HostKind::Pageable | HostKind::Registered => {
            pageable.resize(bytes, 1_u8);
            &mut pageable
        }
    };
    host.fill(1);
    if memory == HostKind::Registered {
        cuda.register(host)?;
    }
    // As many as move 1 GiB, within reason.
    let count = rounds * ((1 << 28) / bytes).clamp(1, 400);
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for _ in 0..count + 2 {
        up.push(microseconds(&|| {
            cuda.upload(device, host).and_then(|()| cuda.synchronize())
        })?);
        let started = Instant::now();
        cuda.download(host, device)?;
        down.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(rates(bytes, up, down))
}

fn boxes(cuda: &Cuda, shape: Shape, rounds: usize) -> Result<Figures> {
    let mut boxes = Boxes::new(cuda, shape)?;
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for _ in 0..rounds * 16 + 2 {
        for (times, goes_up) in [(&mut up, true), (&mut down, false)] {
            let started = Instant::now();
            boxes.copy(goes_up)?;
            times.push(started.elapsed().as_secs_f64() * 1e6);
        }
    }
    Ok(rates(boxes::BYTES, up, down))
}

/// Of copies of so many bytes, by their microseconds.
fn rates(bytes: usize, mut up: Vec<f64>, mut down: Vec<f64>) -> Figures {
    // The first copies touch pages for the first time.
    let (up, down) = (median(up.split_off(2)), median(down.split_off(2)));
    let rate = |us: f64| bytes as f64 / us / 1e3;
    figures([
        ("up_us", up),
        ("down_us", down),
        ("up_gb_s", rate(up)),
        ("down_gb_s", rate(down)),
    ])
}

/// For how long small calls are made beside a large copy, however slow they are.
const BESIDE_WITHIN: Duration = Duration::from_secs(3);

/// The slowest hundredth of small calls: alone, and while another thread copies.
fn beside(cuda: &Cuda, rounds: usize) -> Result<Figures> {
    let device = cuda.allocate(super::COPY_BYTES)?;
    let host = vec![1_u8; super::COPY_BYTES];
    cuda.upload(device, &host)?;
    let call = cuda.waiting()?;
    let small = || -> Result<Spread> {
        let began = Instant::now();
        let times: Result<Vec<f64>> = (0..rounds * WAITS)
            .take_while(|_| began.elapsed() < BESIDE_WITHIN)
            .map(|_| microseconds(&call))
            .collect();
        Ok(Spread::of(times?))
    };
    let alone = small()?;
    let over = AtomicBool::new(false);
    let beside = std::thread::scope(|scope| {
        let copier = scope.spawn(|| -> Result<()> {
            cuda.enter()?;
            while !over.load(Ordering::Relaxed) {
                cuda.upload(device, &host)?;
            }
            Ok(())
        });
        let beside = small();
        over.store(true, Ordering::Relaxed);
        copier
            .join()
            .map_err(|_| anyhow::anyhow!("the copying thread panicked"))??;
        beside
    })?;
    Ok(figures([
        ("alone_p99_us", alone.p99),
        ("beside_p99_us", beside.p99),
        ("beside_p50_us", beside.p50),
    ]))
}

/// The load alone: the connection stands, and the image has been touched.
fn image(cuda: &Cuda, bytes: usize) -> Result<Figures> {
    let image = fat_binary(bytes);
    let ms = microseconds(&|| cuda.load_image(&image))? / 1e3;
    Ok(figures([("load_ms", ms)]))
}

/// A fat binary that says how long it is, full of numbers.
fn fat_binary(bytes: usize) -> Vec<u8> {
    const HEAD_BYTES: usize = 16;
    let mut image = Vec::with_capacity(bytes + HEAD_BYTES);
    image.extend(0xBA55_ED50_u32.to_le_bytes());
    image.extend([1, 0, HEAD_BYTES as u8, 0]);
    let mut number = 1_u64;
    image.extend((bytes.next_multiple_of(8) as u64).to_le_bytes());
    for _ in 0..bytes.div_ceil(8) {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        image.extend(number.to_le_bytes());
    }
    image
}

fn launches(cuda: &Cuda, count: usize) -> Result<Figures> {
    let burst = cuda.burst(cuda.kernel()?, Handle::NONE)?;
    burst(count)?;
    cuda.synchronize()?;
    Ok(figures([]))
}

fn microseconds(work: &impl Fn() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_secs_f64() * 1e6)
}
