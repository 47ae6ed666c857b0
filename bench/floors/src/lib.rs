//! The floors: what this machine gives without us. Nothing here is ours: threads, memory, bare quinn.
//!
//! It depends on no other crate of the project, so that a floor cannot inherit a fault of what it is
//! compared with. Every figure is the best of its kind that a few lines reach. Read [`Spread`] first.

pub mod memory;
pub mod native;
pub mod quic;
pub mod ring;
pub mod tcp;

/// What repeated measurements gave, in the unit of whoever measured.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The one in the middle.
    pub p50: f64,
    /// The one that a hundredth exceeds.
    pub p99: f64,
}

impl Spread {
    /// Of these values.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |share: usize| {
            values
                .get(values.len() * share / 100)
                .copied()
                .unwrap_or(f64::NAN)
        };
        Self {
            p50: at(50),
            p99: at(99),
        }
    }
}

/// The value in the middle.
pub fn median(values: Vec<f64>) -> f64 {
    Spread::of(values).p50
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_of_a_hundred_values_is_the_middle_and_the_last() {
        let spread = Spread::of((0..100).rev().map(f64::from).collect());
        assert_eq!((spread.p50, spread.p99), (50.0, 99.0));
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
