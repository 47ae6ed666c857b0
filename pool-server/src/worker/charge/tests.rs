//! Charges against a model, and against a driver that takes more than it is asked for.

use super::*;
use std::sync::atomic::{AtomicU64, Ordering};

const GPU: VirtualGpu = VirtualGpu(0);
const CONTEXT: Context = Context::mint(0);

fn charges(lease: u64, session: u64) -> Charges {
    held_against(lease, session, Box::new(|_| None))
}

fn held_against(lease: u64, session: u64, account: Account) -> Charges {
    let (ledger, _) = Ledger::create(&[lease], 1).unwrap();
    let (meter, _) = Meter::create().unwrap();
    let quotas = vec![Quota {
        limit_bytes: session,
        line: GPU,
    }];
    Charges::new(ledger, LedgerSlot(0), quotas, Arc::new(meter), account)
}

fn used(charges: &Charges) -> u64 {
    let used = charges.ledger.usage(GPU).unwrap().used_bytes;
    assert_eq!(charges.meter.read(Counter::MemoryBytes), used);
    used
}

/// A driver that has memory: for allocations, for frees that wait, and for itself.
#[derive(Clone, Default)]
struct Driver {
    bytes: Arc<AtomicU64>,
}

impl Driver {
    fn account(&self) -> Account {
        let bytes = Arc::clone(&self.bytes);
        Box::new(move |_| Some(bytes.load(Ordering::SeqCst)))
    }

    fn take(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
    }

    fn give(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::SeqCst);
    }
}

#[test]
fn charge_not_kept_is_given_back() {
    let charges = charges(4096, u64::MAX);
    drop(charges.charge(GPU, 4096).unwrap());
    assert_eq!(used(&charges), 0);
}

#[test]
fn charge_kept_is_given_back_once() {
    let charges = charges(4096, u64::MAX);
    charges.charge(GPU, 1000).unwrap().keep(0x1000, CONTEXT);
    assert_eq!(used(&charges), 1024);
    charges.refund(0x1000);
    charges.refund(0x1000);
    assert_eq!(used(&charges), 0);
}

#[test]
fn charge_over_the_lease_or_the_session_is_out_of_memory() {
    for (lease, session) in [(1024, u64::MAX), (1 << 20, 1024)] {
        let charges = charges(lease, session);
        charges.charge(GPU, 1024).unwrap().keep(1, CONTEXT);
        assert_eq!(charges.charge(GPU, 1).unwrap_err(), CuError::OUT_OF_MEMORY);
        assert_eq!(used(&charges), 1024);
    }
    assert!(charges(0, u64::MAX).charge(GPU, u64::MAX).is_err());
}

#[test]
fn context_that_ends_gives_its_memory_back() {
    let charges = charges(1 << 20, u64::MAX);
    charges.charge(GPU, 512).unwrap().keep(1, CONTEXT);
    charges.charge(GPU, 512).unwrap().keep(2, Context::mint(70));
    charges.refund_context(CONTEXT);
    assert_eq!(used(&charges), 512);
    charges.refund_all();
    assert_eq!(used(&charges), 0);
}

#[test]
fn info_shows_the_smallest_of_driver_lease_and_session() {
    let charges = charges(10_240, 8192);
    charges.charge(GPU, 1024).unwrap().keep(1, CONTEXT);
    assert_eq!(charges.info(GPU, 1 << 30, 1 << 31), (7168, 8192));
    assert_eq!(charges.info(GPU, 100, 4096), (100, 4096));
}

#[test]
fn physical_memory_is_charged_until_its_last_mapping_is_gone() {
    let charges = charges(8192, u64::MAX);
    charges.charge(GPU, 4096).unwrap().keep_physical(7);
    charges.map(7, 0x10_0000, 2048);
    charges.map(7, 0x20_0000, 2048);
    charges.release(7);
    assert_eq!(used(&charges), 4096, "it is still mapped");
    // The driver may give the handle to other memory meanwhile.
    charges.charge(GPU, 512).unwrap().keep_physical(7);
    charges.unmap(0x10_0000, 2048);
    assert_eq!(used(&charges), 4608);
    charges.unmap(0x20_0000, 2048);
    assert_eq!(used(&charges), 512);
    charges.release(7);
    charges.release(7);
    charges.unmap(0, u64::MAX);
    assert_eq!(used(&charges), 0);
}

#[test]
fn what_the_driver_takes_by_itself_is_charged_and_lets_nothing_pass() {
    let driver = Driver::default();
    let charges = held_against(4096, u64::MAX, driver.account());
    charges.charge(GPU, 1024).unwrap().keep(1, CONTEXT);
    driver.take(1024);
    assert!(!charges.reconcile());
    assert_eq!(used(&charges), 1024);
    driver.take(5000);
    assert!(charges.reconcile(), "the quota is exceeded");
    assert_eq!(used(&charges), 6024);
    assert_eq!(charges.charge(GPU, 1).unwrap_err(), CuError::OUT_OF_MEMORY);
    assert_eq!(charges.info(GPU, u64::MAX, u64::MAX), (0, 4096));
    driver.give(5000);
    assert!(!charges.reconcile());
    assert_eq!(used(&charges), 1024);
}

#[test]
fn freed_memory_stays_charged_until_the_driver_lets_it_go() {
    let driver = Driver::default();
    let charges = held_against(1024, u64::MAX, driver.account());
    charges.charge(GPU, 1024).unwrap().keep(1, CONTEXT);
    driver.take(1024);
    // It stands in a stream.
    charges.refund(1);
    assert_eq!(used(&charges), 1024);
    driver.give(1024);
    charges.charge(GPU, 1024).unwrap().keep(2, CONTEXT);
    assert_eq!(used(&charges), 1024);
}

#[test]
fn refused_allocations_are_counted_by_reason() {
    let charges = charges(2048, 1024);
    assert!(charges.charge(GPU, 1025).is_err());
    charges.charge(GPU, 512).unwrap().keep(1, CONTEXT);
    charges.ledger.set_limit(GPU, 512);
    assert!(charges.charge(GPU, 512).is_err());
    charges.ledger.set_limit(GPU, 1024);
    drop(charges.charge(GPU, 512).unwrap());
    let denied = [
        Counter::DeniedBySession,
        Counter::DeniedByLease,
        Counter::DeniedByDriver,
    ];
    assert_eq!(denied.map(|reason| charges.meter.read(reason)), [1, 1, 1]);
}

/// What a model of the session holds: plain allocations, physical memory with its mappings, frees that
/// wait, and what the driver has for itself.
#[derive(Default)]
struct Model {
    plain: Vec<(u64, u64)>,
    physical: Vec<(u64, u64, Vec<u64>, bool)>,
    waiting: Vec<u64>,
    overhead: u64,
}

impl Model {
    fn bytes(&self) -> u64 {
        let plain: u64 = self.plain.iter().map(|(_, bytes)| bytes).sum();
        let physical: u64 = self.physical.iter().map(|(_, bytes, ..)| bytes).sum();
        plain + physical + self.waiting.iter().sum::<u64>() + self.overhead
    }
}

/// Long random sequences of every way to take and to give: ledger, model and the driver's account agree
/// after each step, and nothing passes that does not fit.
#[test]
fn random_sequences_agree_with_the_model_and_the_driver() {
    for seed in 1..=20 {
        random_sequence(seed);
    }
}

const LIMIT: u64 = 1 << 20;

fn random_sequence(seed: u64) {
    let driver = Driver::default();
    let charges = held_against(LIMIT, u64::MAX, driver.account());
    let (mut model, mut random) = (Model::default(), Random(seed));
    for step in 0..3000 {
        random_step(&charges, &driver, &mut model, &mut random, step + 1);
        charges.reconcile();
        assert_eq!(used(&charges), model.bytes(), "seed {seed}, step {step}");
        assert_eq!(driver.bytes.load(Ordering::SeqCst), model.bytes());
        let taken_over = model.overhead;
        assert!(model.bytes() <= LIMIT + taken_over, "seed {seed}");
    }
    charges.refund_all();
    assert_eq!(used(&charges), 0);
}

fn random_step(
    charges: &Charges,
    driver: &Driver,
    model: &mut Model,
    random: &mut Random,
    step: u64,
) {
    let bytes = 512 * (1 + random.below(200));
    match random.below(9) {
        0 | 1 => {
            if let Some(charge) = try_charge(charges, model, bytes) {
                charge.keep(step, CONTEXT);
                driver.take(bytes);
                model.plain.push((step, bytes));
            }
        }
        2 if !model.plain.is_empty() => {
            let (at, bytes) = model.plain.swap_remove(random.index(model.plain.len()));
            driver.give(bytes);
            charges.refund(at);
        }
        3 if !model.plain.is_empty() => {
            let (at, bytes) = model.plain.swap_remove(random.index(model.plain.len()));
            charges.refund(at);
            model.waiting.push(bytes);
        }
        4 => {
            driver.give(model.waiting.pop().unwrap_or(0));
        }
        5 => {
            if let Some(charge) = try_charge(charges, model, bytes) {
                charge.keep_physical(step);
                driver.take(bytes);
                model.physical.push((step, bytes, Vec::new(), true));
            }
        }
        6 | 7 if !model.physical.is_empty() => step_physical(charges, driver, model, random, step),
        8 => {
            let now = if random.below(2) == 0 { bytes } else { 0 };
            driver.take(now);
            driver.give(model.overhead);
            model.overhead = now;
        }
        _ => {}
    }
}

/// Maps physical memory once more, or takes a mapping or the handle of it away.
fn step_physical(
    charges: &Charges,
    driver: &Driver,
    model: &mut Model,
    random: &mut Random,
    step: u64,
) {
    let at = random.index(model.physical.len());
    let (handle, bytes, mappings, has_handle) = &mut model.physical[at];
    if random.below(2) == 0 {
        if *has_handle {
            charges.map(*handle, step << 20, 512);
            mappings.push(step << 20);
        }
        return;
    }
    // The driver lets the memory go before the books hear of it.
    let is_last = mappings.len() + usize::from(*has_handle) == 1;
    if is_last {
        driver.give(*bytes);
    }
    match mappings.pop() {
        Some(address) => charges.unmap(address, 512),
        None => {
            charges.release(*handle);
            *has_handle = false;
        }
    }
    if is_last {
        model.physical.swap_remove(at);
    }
}

fn try_charge<'a>(charges: &'a Charges, model: &Model, bytes: u64) -> Option<Charge<'a>> {
    let fits = model.bytes() + bytes <= LIMIT;
    // Refused with overhead on the books, it would wait for frees.
    if !fits && model.bytes() > model.plain.iter().map(|(_, bytes)| bytes).sum() {
        return None;
    }
    let charge = charges.charge(GPU, bytes).ok();
    assert_eq!(charge.is_some(), fits);
    charge
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    fn index(&mut self, n: usize) -> usize {
        self.below(n as u64) as usize
    }
}
