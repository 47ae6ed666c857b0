//! What ops do with all lanes at once and the compiler does not turn into good vector code by itself:
//! choosing by a mask, collecting bits, gathering. Once in plain Rust, once for AVX2. It knows neither
//! registers nor memory. Read [`Vectors`].
//!
//! Rows are written in whole vectors, never word by word: a vector that is read from words just
//! written waits until they have left the store buffer, some 20 cycles.
#![expect(
    unsafe_code,
    reason = "intrinsics, and loads from addresses that were checked"
)]

use super::{
    access::Element,
    lanes::{Raw, in_mask},
};

/// Operations on rows of 32 lanes for one level of CPU features.
///
/// [`Avx2`] is only named by functions that are compiled for AVX2 and chosen where the CPU has it.
pub(super) trait Vectors: 'static {
    /// Keeps `new` in the lanes of `mask`.
    fn blend<R: Raw>(row: &mut [R; 32], new: &[R; 32], mask: u32);

    /// All ones in the lanes of `mask`, zeros elsewhere.
    fn spread(mask: u32) -> [u32; 32];

    /// Whether each of the 16 or 32 addresses is `step` behind the one before it.
    fn in_steps<A: Raw, const L: usize>(addresses: &[A; L], step: u64) -> bool;

    /// Whether all addresses are multiples of `bytes`, a power of two, and among the `span` from `low`
    /// on. A span is less than half of what an address can say, so that an address outside shows in a
    /// highest bit.
    fn within<A: Raw>(addresses: &[A; 32], low: u64, span: u64, bytes: u64) -> bool;

    /// Loads an element for each lane from `base` plus its address.
    ///
    /// # Safety
    /// An aligned, readable element must lie at each of them.
    unsafe fn gather<A: Raw, M: Element<R>, R: Raw>(
        base: *const u8,
        addresses: &[A; 32],
        out: &mut [R; 32],
    );
}

/// Any CPU.
pub(super) struct Plain;

impl Vectors for Plain {
    #[inline(always)]
    fn blend<R: Raw>(row: &mut [R; 32], new: &[R; 32], mask: u32) {
        for lane in 0..32 {
            row[lane] = R::pick(new[lane], row[lane], in_mask(mask, lane));
        }
    }

    #[inline(always)]
    fn spread(mask: u32) -> [u32; 32] {
        std::array::from_fn(|lane| 0u32.wrapping_sub((mask >> lane) & 1))
    }

    #[inline(always)]
    fn in_steps<A: Raw, const L: usize>(addresses: &[A; L], step: u64) -> bool {
        let ahead = |lane| addresses[0].plus(A::narrow(lane * step));
        (0u64..)
            .zip(addresses)
            .all(|(lane, address)| *address == ahead(lane))
    }

    #[inline(always)]
    fn within<A: Raw>(addresses: &[A; 32], low: u64, span: u64, bytes: u64) -> bool {
        let (low, last) = (A::narrow(low), A::narrow(span.wrapping_sub(1)));
        let (mut bits, mut outside) = (A::default(), A::default());
        for address in addresses {
            let offset = address.minus(low);
            bits = bits | *address;
            outside = outside | offset | last.minus(offset);
        }
        bits & A::narrow(bytes - 1) == A::default() && !outside.is_negative()
    }

    #[inline(always)]
    unsafe fn gather<A: Raw, M: Element<R>, R: Raw>(
        base: *const u8,
        addresses: &[A; 32],
        out: &mut [R; 32],
    ) {
        for lane in 0..32 {
            let at = base.wrapping_add(addresses[lane].widen() as usize);
            // SAFETY: as the caller promises.
            out[lane] = unsafe { M::read(at) }.to_raw();
        }
    }
}

/// A bit for each lane whose flag is `0xFF`; the others are 0.
#[inline(always)]
pub(super) fn bits(flags: &[u8; 32]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_movemask_epi8};
        let half = |from: usize| {
            let at = flags[from..from + 16].as_ptr().cast::<__m128i>();
            // SAFETY: 16 bytes lie there; every x86-64 CPU has SSE2.
            unsafe { _mm_movemask_epi8(_mm_loadu_si128(at)) as u32 }
        };
        half(0) | (half(16) << 16)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let set = |bits, (lane, flag): (usize, &u8)| bits | (u32::from(*flag & 1) << lane);
        flags.iter().enumerate().fold(0, set)
    }
}

#[cfg(all(target_arch = "x86_64", any(test, not(debug_assertions))))]
pub(super) use avx2::Avx2;

#[cfg(all(target_arch = "x86_64", any(test, not(debug_assertions))))]
mod avx2 {
    #[allow(
        clippy::wildcard_imports,
        reason = "the names say that they are intrinsics"
    )]
    use std::arch::x86_64::*;

    use super::{Element, Raw, Vectors};

    /// CPUs with AVX2.
    pub(in super::super) struct Avx2;

    /// By how much to shift a mask so that the bit of each lane becomes the sign.
    const TO_SIGN_32: [u32; 32] = {
        let mut shifts = [0; 32];
        let mut lane = 0;
        while lane < 32 {
            shifts[lane] = 31 - lane as u32;
            lane += 1;
        }
        shifts
    };

    const TO_SIGN_64: [u64; 32] = {
        let mut shifts = [0; 32];
        let mut lane = 0;
        while lane < 32 {
            shifts[lane] = 63 - lane as u64;
            lane += 1;
        }
        shifts
    };

    impl Vectors for Avx2 {
        #[inline(always)]
        fn blend<R: Raw>(row: &mut [R; 32], new: &[R; 32], mask: u32) {
            let (row, new) = (row.as_mut_ptr(), new.as_ptr());
            // SAFETY: both point to 32 lanes of the width that is chosen, and the CPU has AVX2, as
            // the trait says.
            unsafe {
                if size_of::<R>() == 4 {
                    blend32(row.cast(), new.cast(), mask);
                } else {
                    blend64(row.cast(), new.cast(), mask);
                }
            }
        }

        #[inline(always)]
        fn spread(mask: u32) -> [u32; 32] {
            // SAFETY: the CPU has AVX2, as the trait says.
            unsafe { spread(mask) }
        }

        #[inline(always)]
        fn in_steps<A: Raw, const L: usize>(addresses: &[A; L], step: u64) -> bool {
            const { assert!(L == 16 || L == 32, "whole vectors") };
            // SAFETY: the array has `L` addresses of the width that is chosen, and the CPU has AVX2, as
            // the trait says.
            unsafe {
                if size_of::<A>() == 4 {
                    in_steps32(addresses.as_ptr().cast(), L, step as u32)
                } else {
                    in_steps64(addresses.as_ptr().cast(), L, step)
                }
            }
        }

        #[inline(always)]
        fn within<A: Raw>(addresses: &[A; 32], low: u64, span: u64, bytes: u64) -> bool {
            let last = span.wrapping_sub(1);
            // SAFETY: as in `in_steps`.
            unsafe {
                if size_of::<A>() == 4 {
                    let at = addresses.as_ptr().cast();
                    within32(at, low as u32, last as u32, bytes as u32 - 1)
                } else {
                    within64(addresses.as_ptr().cast(), low, last, bytes - 1)
                }
            }
        }

        #[inline(always)]
        unsafe fn gather<A: Raw, M: Element<R>, R: Raw>(
            base: *const u8,
            addresses: &[A; 32],
            out: &mut [R; 32],
        ) {
            for (from, to) in addresses.chunks_exact(8).zip(out.chunks_exact_mut(8)) {
                let values: [R; 8] = std::array::from_fn(|lane| {
                    let at = base.wrapping_add(from[lane].widen() as usize);
                    // SAFETY: as the caller promises.
                    unsafe { M::read(at) }.to_raw()
                });
                to.copy_from_slice(&values);
            }
        }
    }

    /// # Safety
    /// 32 lanes must lie at both; the CPU must have AVX2.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn blend32(row: *mut f32, new: *const f32, mask: u32) {
        let mask = _mm256_set1_epi32(mask as i32);
        for part in 0..4 {
            // SAFETY: eight lanes from here on lie within the 32.
            unsafe {
                let shifts = _mm256_loadu_si256(TO_SIGN_32.as_ptr().add(part * 8).cast());
                let chosen = _mm256_castsi256_ps(_mm256_sllv_epi32(mask, shifts));
                let (at, new) = (row.add(part * 8), _mm256_loadu_ps(new.add(part * 8)));
                _mm256_storeu_ps(at, _mm256_blendv_ps(_mm256_loadu_ps(at), new, chosen));
            }
        }
    }

    /// # Safety
    /// 32 lanes must lie at both; the CPU must have AVX2.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn blend64(row: *mut f64, new: *const f64, mask: u32) {
        let mask = _mm256_set1_epi64x(i64::from(mask));
        for part in 0..8 {
            // SAFETY: four lanes from here on lie within the 32.
            unsafe {
                let shifts = _mm256_loadu_si256(TO_SIGN_64.as_ptr().add(part * 4).cast());
                let chosen = _mm256_castsi256_pd(_mm256_sllv_epi64(mask, shifts));
                let (at, new) = (row.add(part * 4), _mm256_loadu_pd(new.add(part * 4)));
                _mm256_storeu_pd(at, _mm256_blendv_pd(_mm256_loadu_pd(at), new, chosen));
            }
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn spread(mask: u32) -> [u32; 32] {
        let mut out = [0u32; 32];
        let mask = _mm256_set1_epi32(mask as i32);
        for part in 0..4 {
            // SAFETY: eight lanes from here on lie within the 32.
            unsafe {
                let shifts = _mm256_loadu_si256(TO_SIGN_32.as_ptr().add(part * 8).cast());
                let words = _mm256_srai_epi32::<31>(_mm256_sllv_epi32(mask, shifts));
                _mm256_storeu_si256(out.as_mut_ptr().add(part * 8).cast::<__m256i>(), words);
            }
        }
        out
    }

    /// # Safety
    /// `count` addresses, a multiple of 8, must lie at `at`; the CPU must have AVX2.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn in_steps32(at: *const u32, count: usize, step: u32) -> bool {
        let ahead = |lane: u32| lane.wrapping_mul(step) as i32;
        let (mut differs, each) = (_mm256_setzero_si256(), _mm256_set1_epi32(ahead(8)));
        // SAFETY: there is a first one.
        let first = _mm256_set1_epi32(unsafe { at.read() } as i32);
        let [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(ahead);
        let mut expected = _mm256_add_epi32(first, _mm256_setr_epi32(a, b, c, d, e, f, g, h));
        for part in 0..count / 8 {
            // SAFETY: eight addresses from here on lie within the count.
            let addresses = unsafe { _mm256_loadu_si256(at.add(part * 8).cast()) };
            differs = _mm256_or_si256(differs, _mm256_xor_si256(addresses, expected));
            expected = _mm256_add_epi32(expected, each);
        }
        _mm256_testz_si256(differs, differs) == 1
    }

    /// # Safety
    /// `count` addresses, a multiple of 4, must lie at `at`; the CPU must have AVX2.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn in_steps64(at: *const u64, count: usize, step: u64) -> bool {
        let ahead = |lane: u64| lane.wrapping_mul(step) as i64;
        let (mut differs, each) = (_mm256_setzero_si256(), _mm256_set1_epi64x(ahead(4)));
        // SAFETY: there is a first one.
        let first = _mm256_set1_epi64x(unsafe { at.read() } as i64);
        let [a, b, c, d] = [0, 1, 2, 3].map(ahead);
        let mut expected = _mm256_add_epi64(first, _mm256_setr_epi64x(a, b, c, d));
        for part in 0..count / 4 {
            // SAFETY: four addresses from here on lie within the count.
            let addresses = unsafe { _mm256_loadu_si256(at.add(part * 4).cast()) };
            differs = _mm256_or_si256(differs, _mm256_xor_si256(addresses, expected));
            expected = _mm256_add_epi64(expected, each);
        }
        _mm256_testz_si256(differs, differs) == 1
    }

    /// # Safety
    /// 32 addresses must lie at `at`; the CPU must have AVX2.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn within32(at: *const u32, low: u32, last: u32, below: u32) -> bool {
        let (low, last) = (
            _mm256_set1_epi32(low as i32),
            _mm256_set1_epi32(last as i32),
        );
        let (mut bits, mut outside) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for part in 0..4 {
            // SAFETY: eight addresses from here on lie within the 32.
            let addresses = unsafe { _mm256_loadu_si256(at.add(part * 8).cast()) };
            let offset = _mm256_sub_epi32(addresses, low);
            bits = _mm256_or_si256(bits, addresses);
            outside = _mm256_or_si256(outside, offset);
            outside = _mm256_or_si256(outside, _mm256_sub_epi32(last, offset));
        }
        let aligned = _mm256_testz_si256(bits, _mm256_set1_epi32(below as i32)) == 1;
        aligned && _mm256_movemask_ps(_mm256_castsi256_ps(outside)) == 0
    }

    /// # Safety
    /// 32 addresses must lie at `at`; the CPU must have AVX2.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn within64(at: *const u64, low: u64, last: u64, below: u64) -> bool {
        let (low, last) = (
            _mm256_set1_epi64x(low as i64),
            _mm256_set1_epi64x(last as i64),
        );
        let (mut bits, mut outside) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for part in 0..8 {
            // SAFETY: four addresses from here on lie within the 32.
            let addresses = unsafe { _mm256_loadu_si256(at.add(part * 4).cast()) };
            let offset = _mm256_sub_epi64(addresses, low);
            bits = _mm256_or_si256(bits, addresses);
            outside = _mm256_or_si256(outside, offset);
            outside = _mm256_or_si256(outside, _mm256_sub_epi64(last, offset));
        }
        let aligned = _mm256_testz_si256(bits, _mm256_set1_epi64x(below as i64)) == 1;
        aligned && _mm256_movemask_pd(_mm256_castsi256_pd(outside)) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_takes_one_of_each_flag() {
        for mask in [0, 1, 0x8000_0000, 0x1234_5678, u32::MAX] {
            let flags = std::array::from_fn(|lane| 0u8.wrapping_sub((mask >> lane) as u8 & 1));
            assert_eq!(bits(&flags), mask);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn avx2_agrees_with_plain() {
        if !is_x86_feature_detected!("avx2") {
            return;
        }
        let table: [u32; 64] = std::array::from_fn(|index| index as u32 * 0x0101_0107);
        let addresses: [u64; 32] = std::array::from_fn(|lane| (lane as u64 * 7 % 64) * 4);
        let base = table.as_ptr().cast();
        for mask in [0, 1, 0x8000_0000, 0x7FFF_0001, 0x8765_4321, u32::MAX] {
            assert_eq!(Avx2::spread(mask), Plain::spread(mask));
            let new: [u64; 32] = std::array::from_fn(|lane| lane as u64 * 0x1_0000_0003);
            let (mut ours, mut plain) = ([5u64; 32], [5u64; 32]);
            Avx2::blend(&mut ours, &new, mask);
            Plain::blend(&mut plain, &new, mask);
            assert_eq!(ours, plain);
            let new = new.map(|value| value as u32);
            let (mut ours, mut plain) = ([5u32; 32], [5u32; 32]);
            Avx2::blend(&mut ours, &new, mask);
            Plain::blend(&mut plain, &new, mask);
            assert_eq!(ours, plain);
        }
        for (addresses, low, span) in [
            (addresses, 0, 253),
            (addresses, 0, 252),
            (addresses, 4, 253),
            (addresses, 0, 0),
            (addresses.map(|a| a + (7 << 40)), 7 << 40, 253),
            (addresses.map(|a| a + (7 << 40)), 7 << 40, 100),
            (addresses.map(|a| a * 2 + 2), 0, 600),
        ] {
            let narrow = addresses.map(|a| a as u32);
            for bytes in [1, 4, 8] {
                let ours = Avx2::within(&addresses, low, span, bytes);
                assert_eq!(ours, Plain::within(&addresses, low, span, bytes));
                let ours = Avx2::within(&narrow, low, span, bytes);
                assert_eq!(ours, Plain::within(&narrow, low, span, bytes));
            }
        }
        for odd in [0, 1, 17, 31] {
            let mut steps: [u64; 32] =
                std::array::from_fn(|lane| (8 * lane as u64).wrapping_sub(21));
            let narrow = steps.map(|a| a as u32);
            assert!(Avx2::in_steps(&steps, 8) && Avx2::in_steps(&narrow, 8));
            assert!(!Avx2::in_steps(&steps, 0) && !Avx2::in_steps(&narrow, 4));
            steps[odd] ^= 1 << odd;
            let narrow = steps.map(|a| a as u32);
            assert!(!Avx2::in_steps(&steps, 8) && !Avx2::in_steps(&narrow, 8));
        }
        let (mut ours, mut plain) = ([0u64; 32], [0u64; 32]);
        // SAFETY: all addresses lie within the table.
        unsafe {
            Avx2::gather::<u64, i32, u64>(base, &addresses, &mut ours);
            Plain::gather::<u64, i32, u64>(base, &addresses, &mut plain);
        }
        assert_eq!(ours, plain);
    }
}
