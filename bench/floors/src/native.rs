//! The floor of kernels: the same work in plain Rust on one thread, as vectors where the CPU has AVX2.
//! Read [`sgemm_ms`] and [`saxpy_ms`].
#![expect(unsafe_code, reason = "calls functions compiled for AVX2")]

use std::hint::black_box;
use std::time::Instant;

use crate::median;

/// `c = a b` for square matrices by rows: ms.
pub fn sgemm_ms(a: &[f32], b: &[f32], c: &mut [f32], edge: usize, rounds: usize) -> f64 {
    let times = (0..rounds).map(|_| {
        let started = Instant::now();
        run_sgemm(black_box(a), black_box(b), c, edge);
        black_box(&*c);
        started.elapsed().as_secs_f64() * 1e3
    });
    median(times.collect())
}

/// `y = 2 x + y`, once more than `rounds` times: ms.
pub fn saxpy_ms(x: &[f32], y: &mut [f32], rounds: usize) -> f64 {
    run_saxpy(x, y);
    let times = (0..rounds).map(|_| {
        let started = Instant::now();
        run_saxpy(black_box(x), y);
        black_box(&*y);
        started.elapsed().as_secs_f64() * 1e3
    });
    median(times.collect())
}

/// Defines a function that runs the version of a loop for this CPU: fused and wide, or plain.
macro_rules! widest {
    ($name:ident($($arg:ident: $ty:ty),*), $add:ident => $body:block) => {
        fn $name($($arg: $ty),*) {
            #[inline(always)]
            fn work($($arg: $ty,)* $add: impl Fn(f32, f32, f32) -> f32) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn wide($($arg: $ty),*) {
                    work($($arg,)* |a, b, c| f32::mul_add(a, b, c));
                }
                if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                    // SAFETY: the CPU has just been found to have both.
                    unsafe { wide($($arg),*) };
                    return;
                }
            }
            work($($arg,)* |a, b, c| a * b + c);
        }
    };
}

widest! {
    run_sgemm(a: &[f32], b: &[f32], c: &mut [f32], edge: usize), add => {
        for (a, c) in a.chunks_exact(edge).zip(c.chunks_exact_mut(edge)) {
            c.fill(0.0);
            for (scale, b) in a.iter().zip(b.chunks_exact(edge)) {
                for (c, b) in c.iter_mut().zip(b) {
                    *c = add(*scale, *b, *c);
                }
            }
        }
    }
}

widest! {
    run_saxpy(x: &[f32], y: &mut [f32]), add => {
        for (y, x) in y.iter_mut().zip(x) {
            *y = add(2.0, *x, *y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sgemm_multiplies() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
        let mut c = [0.0; 4];
        assert!(sgemm_ms(&a, &b, &mut c, 2, 1) >= 0.0);
        assert_eq!(c, [19.0, 22.0, 43.0, 50.0]);
    }

    #[test]
    fn saxpy_adds_once_more_than_asked() {
        let mut y = [1.0, 1.0];
        saxpy_ms(&[1.0, 2.0], &mut y, 1);
        assert_eq!(y, [5.0, 9.0]);
    }
}
