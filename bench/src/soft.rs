//! `cargo xtask bench soft`: the driver that executes kernels on the CPU: instructions a second, time
//! against the same work in native Rust, launches, loading of modules, and XGBoost's training.
//!
//! The driver is called through its C library in `driver.rs`, on all cores it takes. The training is that
//! of the demo, in `training.rs`. Read [`run`] first.

mod driver;
mod module_text;
mod training;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, ensure};
use rigel_bench_floors::{median, native};

use self::driver::{Buffer, Driver, Function, Shape};
use crate::report::{Output, Results};

/// The soft driver: kernels, launches, modules, training.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder made by `cargo xtask layout`.
    #[arg(long, value_name = "DIR")]
    layout: PathBuf,

    /// Rounds of each measurement; the median counts.
    #[arg(long, default_value_t = 9)]
    rounds: usize,

    #[command(flatten)]
    output: Output,
}

/// The kernels that are measured.
const KERNELS: &str = include_str!("soft/kernels.ptx");
/// Edge of the square matrices.
const EDGE: usize = 256;
/// Elements of the vectors.
const COUNT: usize = 1 << 22;
/// Launches of the empty kernel.
const LAUNCHES: usize = 10_000;
/// Bytes of the module that is loaded.
const MODULE_BYTES: usize = 35 << 20;

/// `soft`.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut results = Results::new("soft")?;
    let driver = Driver::open(&args.layout.join("soft/libcuda.so.1"))?;
    let module = driver.load(KERNELS)?;
    eprintln!("kernels");
    sgemm(
        &mut results,
        &driver,
        driver.function(module, "sgemm")?,
        args.rounds,
    )?;
    saxpy(
        &mut results,
        &driver,
        driver.function(module, "saxpy")?,
        args.rounds,
    )?;
    for name in ["polynomial", "histogram"] {
        let function = driver.function(module, name)?;
        let (x, y) = (driver.floats(&ramp(COUNT))?, driver.floats(&ramp(COUNT))?);
        let figure = kernel(
            &driver,
            args.rounds,
            function,
            vector(),
            &[x.0, y.0, COUNT as u64],
        )?;
        results.add(&format!("{name}: instructions"), "G/s", figure.rate, None);
    }
    eprintln!("launches, modules");
    let empty = driver.function(module, "empty")?;
    results.add(
        "empty kernel: launches",
        "1/s",
        launches(&driver, empty, args.rounds)?,
        None,
    );
    let text = module_text::of_bytes(MODULE_BYTES);
    results.add(
        "module of 35 MiB: load",
        "s",
        loading(&driver, &text)?,
        None,
    );
    results.add(
        "module of 35 MiB: load and launch",
        "s",
        first_launch(&driver, &text)?,
        None,
    );
    eprintln!("training: 50,000 x 30, 60 rounds, depth 6");
    let trained = training::measure(&args.layout)?;
    results.add("XGBoost training", "s", trained.soft_s, Some(trained.cpu_s));
    results.finish(&args.output)
}

/// A kernel's time and the instructions that its threads executed a second.
struct Figure {
    ms: f64,
    rate: f64,
}

fn kernel(
    driver: &Driver,
    rounds: usize,
    function: Function,
    shape: Shape,
    parameters: &[u64],
) -> Result<Figure> {
    driver.launch(function, shape, parameters)?;
    driver.synchronize()?;
    let (mut times, before) = (Vec::new(), driver.instructions()?);
    for _ in 0..rounds {
        let started = Instant::now();
        driver.launch(function, shape, parameters)?;
        driver.synchronize()?;
        times.push(started.elapsed().as_secs_f64());
    }
    let each = (driver.instructions()? - before) as f64 / rounds as f64;
    let seconds = median(times);
    Ok(Figure {
        ms: seconds * 1e3,
        rate: each / seconds / 1e9,
    })
}

fn sgemm(results: &mut Results, driver: &Driver, function: Function, rounds: usize) -> Result<()> {
    let (a, b) = (ramp(EDGE * EDGE), ramp(EDGE * EDGE));
    let mut c = vec![0.0; EDGE * EDGE];
    let floor = native::sgemm_ms(&a, &b, &mut c, EDGE, rounds);
    let buffers = [
        driver.floats(&a)?,
        driver.floats(&b)?,
        driver.floats(&vec![0.0; c.len()])?,
    ];
    let shape = Shape {
        grid: [EDGE as u32 / 16; 2],
        block: [16; 2],
    };
    let parameters = [buffers[0].0, buffers[1].0, buffers[2].0, EDGE as u64];
    let figure = kernel(driver, rounds, function, shape, &parameters)?;
    ensure!(
        close(&driver.read(buffers[2], c.len())?, &c),
        "sgemm computes another product"
    );
    results.add("tiled sgemm: instructions", "G/s", figure.rate, None);
    results.add("tiled sgemm 256: time", "ms", figure.ms, Some(floor));
    Ok(())
}

/// What it computes changes `y`, so both sides do it equally often.
fn saxpy(results: &mut Results, driver: &Driver, function: Function, rounds: usize) -> Result<()> {
    let (x, mut y) = (ramp(COUNT), ramp(COUNT));
    let buffers: [Buffer; 2] = [driver.floats(&x)?, driver.floats(&y)?];
    let floor = native::saxpy_ms(&x, &mut y, rounds);
    let parameters = [buffers[0].0, buffers[1].0, COUNT as u64];
    let figure = kernel(driver, rounds, function, vector(), &parameters)?;
    ensure!(
        close(&driver.read(buffers[1], COUNT)?, &y),
        "saxpy computes another sum"
    );
    results.add("saxpy: instructions", "G/s", figure.rate, None);
    results.add("saxpy 4 Mi: time", "ms", figure.ms, Some(floor));
    Ok(())
}

fn launches(driver: &Driver, function: Function, rounds: usize) -> Result<f64> {
    let shape = Shape {
        grid: [1; 2],
        block: [32, 1],
    };
    let mut rates = Vec::new();
    for _ in 0..rounds {
        let started = Instant::now();
        for _ in 0..LAUNCHES {
            driver.launch(function, shape, &[])?;
        }
        driver.synchronize()?;
        rates.push(LAUNCHES as f64 / started.elapsed().as_secs_f64());
    }
    Ok(median(rates))
}

fn loading(driver: &Driver, text: &str) -> Result<f64> {
    let started = Instant::now();
    let module = driver.load(text)?;
    let seconds = started.elapsed().as_secs_f64();
    driver.unload(module)?;
    Ok(seconds)
}

fn first_launch(driver: &Driver, text: &str) -> Result<f64> {
    let shape = Shape {
        grid: [1; 2],
        block: [32, 1],
    };
    let out = driver.floats(&[0.0; 32])?;
    let started = Instant::now();
    let module = driver.load(text)?;
    let function = driver.function(module, module_text::FIRST)?;
    driver.launch(function, shape, &[out.0])?;
    driver.synchronize()?;
    let seconds = started.elapsed().as_secs_f64();
    driver.unload(module)?;
    Ok(seconds)
}

fn vector() -> Shape {
    Shape {
        grid: [COUNT as u32 / 256, 1],
        block: [256, 1],
    }
}

fn ramp(count: usize) -> Vec<f32> {
    (0..count).map(|index| (index % 13) as f32).collect()
}

/// Sums are rounded in another order.
fn close(ours: &[f32], theirs: &[f32]) -> bool {
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-4 * b.abs().max(1.0);
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(near)
}
