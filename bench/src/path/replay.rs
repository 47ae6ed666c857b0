//! Steps of unmodified programs, by the calls that they were recorded to make: what a step waits for does not
//! depend on what its kernels compute. Read [`Replay`] first.
//!
//! The recordings: PyTorch 2.15, two linear layers and Adam, its batch from the host; XGBoost 3.2.0, one round
//! of `hist` with trees of depth 6, taken from the notes of `rigel trace`.

use std::time::Instant;

use anyhow::Result;
use rigel_bench_floors::median;

use super::client::Figures;
use super::cuda::{Cuda, Handle};

/// A program whose steps are made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Replay {
    /// A training step of PyTorch.
    Torch,
    /// A round of XGBoost.
    Xgboost,
    /// 324 launches and a readback of 4 bytes.
    Launches,
}

/// Launches of the step that is nothing else.
const LAUNCHES: usize = 324;
/// Launches of XGBoost at each level of a tree: one a node, with their histograms.
const LEVELS: [usize; 5] = [2, 4, 8, 16, 32];
/// Dynamic shared memory that XGBoost sets before it builds histograms, in every round.
const SHARED_BYTES: u32 = 40_000;

/// What the steps are made of.
struct Program<'a> {
    cuda: &'a Cuda,
    function: Handle,
    event: Handle,
    device: u64,
}

/// Makes so many steps and says how long one takes.
pub(super) fn replay(cuda: &Cuda, what: Replay, steps: usize) -> Result<Figures> {
    let program = Program {
        cuda,
        function: cuda.kernel()?,
        event: cuda.event()?,
        device: cuda.allocate(1 << 20)?,
    };
    let mut times = Vec::new();
    for _ in 0..steps {
        let started = Instant::now();
        match what {
            Replay::Torch => program.torch()?,
            Replay::Xgboost => program.xgboost()?,
            Replay::Launches => program.launches_and_readback()?,
        }
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok([("step_us".to_owned(), median(times))].into())
}

impl Program<'_> {
    /// 21 launches, two copies from the host, a fill, two waits, and some three hundred questions that need
    /// no server.
    fn torch(&self) -> Result<()> {
        let batch = [1_u8; 64 << 10];
        for _ in 0..2 {
            self.cuda.upload(self.device, &batch)?;
        }
        self.cuda.fill(self.device, 4096)?;
        for _ in 0..21 {
            for _ in 0..4 {
                self.cuda.ask_locally()?;
            }
            self.launch(1)?;
        }
        self.wait()?;
        self.wait()
    }

    fn launches_and_readback(&self) -> Result<()> {
        self.launch(LAUNCHES)?;
        self.read()
    }

    /// A round: the root's histogram, the levels, the tree's leaves, and the new predictions.
    fn xgboost(&self) -> Result<()> {
        self.cuda.set_shared_bytes(self.function, SHARED_BYTES)?;
        self.cuda.occupancy(self.function)?;
        self.launch(1)?;
        self.split()?;
        self.read()?;
        self.record(2)?;
        self.partition()?;
        for (level, nodes) in LEVELS.into_iter().enumerate() {
            self.launch(nodes)?;
            self.split()?;
            self.write(64)?;
            self.record(3)?;
            self.wait()?;
            if level + 1 < LEVELS.len() {
                self.partition()?;
            }
        }
        self.wait()?;
        self.finish_tree()?;
        self.predict()
    }

    /// The best split of each node.
    fn split(&self) -> Result<()> {
        self.write(64)?;
        self.launch(3)?;
        self.record(2)?;
        self.launch(1)?;
        self.record(1)
    }

    /// Rows go to the new nodes.
    fn partition(&self) -> Result<()> {
        self.write(64)?;
        self.launch(4)?;
        self.write(64)?;
        self.wait()?;
        self.record(2)
    }

    fn finish_tree(&self) -> Result<()> {
        let tree = self.cuda.allocate(8192)?;
        self.write(4760)?;
        self.write(64)?;
        self.launch(1)?;
        self.record(2)?;
        self.write(64)?;
        self.launch(1)?;
        self.record(1)?;
        self.cuda.free(tree)?;
        self.read()?;
        self.write(64)
    }

    fn predict(&self) -> Result<()> {
        self.launch(3)?;
        self.wait()?;
        self.read()?;
        self.wait()?;
        self.record(1)?;
        self.write(64)?;
        self.wait()?;
        self.launch(3)?;
        let scratch = self.cuda.allocate(4096)?;
        self.write(64)?;
        self.cuda.free(scratch)?;
        self.launch(1)?;
        self.record(1)?;
        self.launch(2)?;
        self.wait()?;
        self.read()?;
        self.wait()?;
        self.record(1)
    }

    fn launch(&self, count: usize) -> Result<()> {
        self.cuda.burst(self.function, Handle::NONE)?(count)
    }

    fn record(&self, count: usize) -> Result<()> {
        (0..count).try_for_each(|_| self.cuda.record(self.event))
    }

    fn write(&self, bytes: usize) -> Result<()> {
        self.cuda.upload_async(self.device, &vec![1; bytes])
    }

    fn read(&self) -> Result<()> {
        self.cuda.download(&mut [0; 4], self.device)
    }

    fn wait(&self) -> Result<()> {
        self.cuda.synchronize_stream()
    }
}
