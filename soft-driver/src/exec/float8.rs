//! 8-bit floats: `e4m3` (no infinities, one NaN) and `e5m2` (the upper half of an `f16`). Read
//! [`Float8`].

/// A format of eight bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Float8 {
    mantissa: i32,
    bias: i32,
    /// Bits of the largest finite number.
    max: u8,
    /// Bits of the NaN that conversions give.
    nan: u8,
}

/// `e4m3`
pub(super) const E4M3: Float8 = Float8 {
    mantissa: 3,
    bias: 7,
    max: 0x7E,
    nan: 0x7F,
};
/// `e5m2`
pub(super) const E5M2: Float8 = Float8 {
    mantissa: 2,
    bias: 15,
    max: 0x7B,
    nan: 0x7F,
};

impl Float8 {
    /// The exact value.
    pub(super) fn wide(self, bits: u8) -> f32 {
        let sign = if bits & 0x80 != 0 { -1.0 } else { 1.0 };
        let magnitude = bits & 0x7F;
        if magnitude > self.max {
            let infinite = self == E5M2 && magnitude == 0x7C;
            return if infinite {
                sign * f32::INFINITY
            } else {
                f32::NAN
            };
        }
        let fraction = i32::from(magnitude) & ((1 << self.mantissa) - 1);
        let exponent = i32::from(magnitude) >> self.mantissa;
        let whole = if exponent == 0 {
            fraction
        } else {
            fraction | 1 << self.mantissa
        };
        let scale = exponent.max(1) - self.bias - self.mantissa;
        sign * whole as f32 * (scale as f32).exp2()
    }

    /// The nearest number, ties to even; beyond the largest it is the largest.
    pub(super) fn near(self, value: f32) -> u8 {
        let sign = if value.is_sign_negative() { 0x80 } else { 0 };
        if value.is_nan() {
            return self.nan;
        }
        let largest = self.wide(self.max);
        if value.abs() >= largest {
            return self.max | sign;
        }
        let exponent = ((value.abs().to_bits() >> 23) as i32 - 127).max(1 - self.bias);
        let unit = f64::from(exponent - self.mantissa).exp2();
        let steps = (f64::from(value.abs()) / unit).round_ties_even() as i32;
        let implicit = 1 << self.mantissa;
        let bits = if steps < implicit {
            steps
        } else {
            ((exponent + self.bias) << self.mantissa) + (steps - implicit)
        };
        (bits as u8).min(self.max) | sign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_survives_a_round_trip() {
        for format in [E4M3, E5M2] {
            for bits in 0..=u8::MAX {
                let value = format.wide(bits);
                if value.is_finite() {
                    assert_eq!(format.near(value), bits, "{format:?} {bits:#x} {value}");
                }
            }
        }
    }

    #[test]
    fn known_values_match() {
        assert_eq!(E4M3.wide(0x38), 1.0);
        assert_eq!(E4M3.wide(0x7E), 448.0);
        assert_eq!(E5M2.wide(0x3C), 1.0);
        assert_eq!(E5M2.wide(0x7B), 57344.0);
        assert_eq!(E4M3.near(1000.0), 0x7E);
        assert_eq!(E4M3.near(f32::NAN), 0x7F);
        assert_eq!(E4M3.near(1.0625), 0x38, "a tie goes to the even neighbour");
        assert_eq!(E4M3.near(-1.1875), 0xBA);
    }
}
