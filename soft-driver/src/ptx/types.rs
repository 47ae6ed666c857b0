//! The vocabulary of PTX: scalar types, state spaces, linkage and special registers, with their
//! spellings. Nothing here parses text beyond one word; `parser.rs` does. Read [`ScalarType`] first.

/// Declares an enum whose variants each have one spelling, with `parse` and `name`.
macro_rules! spelled {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$inner])* #[doc = concat!("`", $text, "`")] $variant,)+
        }

        impl $name {
            /// The value spelled `text` (without a leading dot), if there is one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The spelling, without a leading dot.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

spelled! {
    /// The type of a register, a variable or an instruction.
    ScalarType {
        B8 = "b8", B16 = "b16", B32 = "b32", B64 = "b64", B128 = "b128",
        U8 = "u8", U16 = "u16", U32 = "u32", U64 = "u64",
        S8 = "s8", S16 = "s16", S32 = "s32", S64 = "s64",
        U16x2 = "u16x2", S16x2 = "s16x2", U8x4 = "u8x4", S8x4 = "s8x4",
        U4 = "u4", S4 = "s4", B1 = "b1", B4x16 = "b4x16",
        F16 = "f16", F16x2 = "f16x2", Bf16 = "bf16", Bf16x2 = "bf16x2", Tf32 = "tf32",
        F32 = "f32", F32x2 = "f32x2", F64 = "f64",
        E4m3 = "e4m3", E5m2 = "e5m2", E4m3x2 = "e4m3x2", E5m2x2 = "e5m2x2",
        E4m3x4 = "e4m3x4", E5m2x4 = "e5m2x4",
        E2m3 = "e2m3", E3m2 = "e3m2", E2m1 = "e2m1",
        E2m3x2 = "e2m3x2", E3m2x2 = "e3m2x2", E2m1x2 = "e2m1x2",
        E2m3x4 = "e2m3x4", E3m2x4 = "e3m2x4", E2m1x4 = "e2m1x4",
        Ue8m0 = "ue8m0", Ue8m0x2 = "ue8m0x2", Ue4m3 = "ue4m3",
        Pred = "pred",
        Texref = "texref", Samplerref = "samplerref", Surfref = "surfref",
    }
}

/// What the bits of a [`ScalarType`] mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// Untyped bits, `.bN`.
    Bits,
    /// Unsigned integers, one or several packed.
    Unsigned,
    /// Signed integers, one or several packed.
    Signed,
    /// Floating point, one or several packed.
    Float,
    /// A predicate.
    Pred,
    /// A texture, sampler or surface handle.
    Opaque,
}

impl ScalarType {
    /// Width in bits of a value of this type; a predicate counts 1, a handle 64.
    #[must_use]
    pub fn size_bits(self) -> u32 {
        use ScalarType as T;
        match self {
            T::Pred | T::B1 => 1,
            T::U4 | T::S4 | T::E2m1 => 4,
            T::E2m3 | T::E3m2 => 6,
            T::B8 | T::U8 | T::S8 | T::E4m3 | T::E5m2 | T::E2m1x2 | T::Ue8m0 | T::Ue4m3 => 8,
            T::B16 | T::U16 | T::S16 | T::F16 | T::Bf16 => 16,
            T::E4m3x2 | T::E5m2x2 | T::E2m3x2 | T::E3m2x2 | T::E2m1x4 | T::Ue8m0x2 => 16,
            T::B32 | T::U32 | T::S32 | T::F32 | T::Tf32 => 32,
            T::U16x2 | T::S16x2 | T::U8x4 | T::S8x4 | T::F16x2 | T::Bf16x2 => 32,
            T::E4m3x4 | T::E5m2x4 | T::E2m3x4 | T::E3m2x4 => 32,
            T::B64 | T::U64 | T::S64 | T::F64 | T::F32x2 | T::B4x16 => 64,
            T::Texref | T::Samplerref | T::Surfref => 64,
            T::B128 => 128,
        }
    }

    /// Bytes that a variable of this type occupies.
    #[must_use]
    pub fn size_bytes(self) -> u32 {
        self.size_bits().div_ceil(8)
    }

    /// What the bits mean.
    #[must_use]
    pub fn kind(self) -> TypeKind {
        use ScalarType as T;
        match self {
            T::B1 | T::B8 | T::B16 | T::B32 | T::B64 | T::B128 | T::B4x16 => TypeKind::Bits,
            T::U4 | T::U8 | T::U16 | T::U32 | T::U64 | T::U16x2 | T::U8x4 => TypeKind::Unsigned,
            T::S4 | T::S8 | T::S16 | T::S32 | T::S64 | T::S16x2 | T::S8x4 => TypeKind::Signed,
            T::Pred => TypeKind::Pred,
            T::Texref | T::Samplerref | T::Surfref => TypeKind::Opaque,
            _ => TypeKind::Float,
        }
    }

    /// Whether this is a signed integer type.
    #[must_use]
    pub fn is_signed(self) -> bool {
        self.kind() == TypeKind::Signed
    }

    /// Whether this is a floating point type.
    #[must_use]
    pub fn is_float(self) -> bool {
        self.kind() == TypeKind::Float
    }
}

spelled! {
    /// Where a variable or parameter lives.
    Space {
        Reg = "reg", Const = "const", Global = "global", Local = "local", Param = "param",
        Shared = "shared", Tex = "tex",
    }
}

spelled! {
    /// The linkage a declaration asks for.
    Linkage {
        /// No linking directive: private to the module.
        None = "",
        Visible = "visible", Extern = "extern", Weak = "weak", Common = "common",
    }
}

/// A component of a vector special register such as `%tid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// `.x`
    X,
    /// `.y`
    Y,
    /// `.z`
    Z,
    /// `.w`, always 0
    W,
    /// No suffix: the whole vector, as in `mov.v4.u32 {…}, %tid`.
    All,
}

/// A special register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpecialReg {
    /// `%tid`
    Tid(Component),
    /// `%ntid`
    Ntid(Component),
    /// `%ctaid`
    Ctaid(Component),
    /// `%nctaid`
    Nctaid(Component),
    /// `%clusterid`
    Clusterid(Component),
    /// `%nclusterid`
    Nclusterid(Component),
    /// `%cluster_ctaid`
    ClusterCtaid(Component),
    /// `%cluster_nctaid`
    ClusterNctaid(Component),
    /// Any register that is not a vector.
    Scalar(ScalarSpecial),
    /// `%envregN`
    Envreg(u8),
    /// `%pmN`
    Pm(u8),
    /// `%pmN_64`
    Pm64(u8),
}

spelled! {
    /// A special register that is not a vector.
    ScalarSpecial {
        Laneid = "%laneid", Warpid = "%warpid", Nwarpid = "%nwarpid",
        Smid = "%smid", Nsmid = "%nsmid", Gridid = "%gridid",
        IsExplicitCluster = "%is_explicit_cluster",
        ClusterCtarank = "%cluster_ctarank", ClusterNctarank = "%cluster_nctarank",
        LanemaskEq = "%lanemask_eq", LanemaskLe = "%lanemask_le", LanemaskLt = "%lanemask_lt",
        LanemaskGe = "%lanemask_ge", LanemaskGt = "%lanemask_gt",
        Clock = "%clock", ClockHi = "%clock_hi", Clock64 = "%clock64",
        Globaltimer = "%globaltimer", GlobaltimerLo = "%globaltimer_lo",
        GlobaltimerHi = "%globaltimer_hi",
        ReservedSmemBegin = "%reserved_smem_offset_begin",
        ReservedSmemEnd = "%reserved_smem_offset_end",
        ReservedSmemCap = "%reserved_smem_offset_cap",
        ReservedSmem0 = "%reserved_smem_offset_0", ReservedSmem1 = "%reserved_smem_offset_1",
        TotalSmemSize = "%total_smem_size", AggrSmemSize = "%aggr_smem_size",
        DynamicSmemSize = "%dynamic_smem_size",
        CurrentGraphExec = "%current_graph_exec",
    }
}

impl SpecialReg {
    /// The special register spelled `text`, for example `%tid.x` or `%laneid`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(scalar) = ScalarSpecial::parse(text) {
            return Some(Self::Scalar(scalar));
        }
        let (base, component) = match text.split_once('.') {
            None => (text, Component::All),
            Some((base, "x")) => (base, Component::X),
            Some((base, "y")) => (base, Component::Y),
            Some((base, "z")) => (base, Component::Z),
            Some((base, "w")) => (base, Component::W),
            Some(_) => return None,
        };
        Some(match base {
            "%tid" => Self::Tid(component),
            "%ntid" => Self::Ntid(component),
            "%ctaid" => Self::Ctaid(component),
            "%nctaid" => Self::Nctaid(component),
            "%clusterid" => Self::Clusterid(component),
            "%nclusterid" => Self::Nclusterid(component),
            "%cluster_ctaid" => Self::ClusterCtaid(component),
            "%cluster_nctaid" => Self::ClusterNctaid(component),
            _ => return Self::parse_numbered(text),
        })
    }

    fn parse_numbered(text: &str) -> Option<Self> {
        if let Some(number) = text.strip_prefix("%envreg") {
            return number.parse().ok().filter(|n| *n < 32).map(Self::Envreg);
        }
        let number = text.strip_prefix("%pm")?;
        match number.strip_suffix("_64") {
            Some(number) => number.parse().ok().filter(|n| *n < 8).map(Self::Pm64),
            None => number.parse().ok().filter(|n| *n < 8).map(Self::Pm),
        }
    }
}

/// A byte or half of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegPart {
    /// `.b0` to `.b3`
    Byte(u8),
    /// `.h0` and `.h1`
    Half(u8),
    /// `.h32`, `.b7531`: several parts, the highest first, as the SIMD video instructions select them.
    Several {
        /// Halves rather than bytes.
        halves: bool,
        /// The parts; only the first `count` mean something.
        digits: [u8; 4],
        /// How many there are.
        count: u8,
    },
}

impl RegPart {
    /// The part spelled `text` (`.b3`, `.h10`), if there is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (halves, digits) = match text.strip_prefix(".h") {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix(".b")?),
        };
        let (count_max, digit_max) = if halves { (2, 3) } else { (4, 7) };
        let mut parts = [0; 4];
        for (digit, part) in digits.bytes().zip(&mut parts) {
            *part = digit.checked_sub(b'0').filter(|d| *d <= digit_max)?;
        }
        match (digits.len(), halves, parts[0]) {
            (1, true, half @ 0..=1) => Some(Self::Half(half)),
            (1, false, byte @ 0..=3) => Some(Self::Byte(byte)),
            (2.., ..) if digits.len() <= count_max => Some(Self::Several {
                halves,
                digits: parts,
                count: digits.len() as u8,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalar_type_parse_inverts_name() {
        for name in ["b8", "s64", "f16x2", "bf16", "pred", "e4m3x2", "tf32"] {
            assert_eq!(ScalarType::parse(name).map(ScalarType::name), Some(name));
        }
        assert_eq!(ScalarType::parse("f128"), None);
    }

    #[test]
    fn scalar_type_size_matches_isa() {
        let check = |name: &str, bytes| {
            assert_eq!(
                ScalarType::parse(name).map(ScalarType::size_bytes),
                Some(bytes),
                "{name}"
            );
        };
        check("pred", 1);
        check("b8", 1);
        check("bf16", 2);
        check("f16x2", 4);
        check("f64", 8);
        check("b128", 16);
    }

    #[test]
    fn parts_of_registers_are_bytes_halves_or_several() {
        assert_eq!(RegPart::parse(".b3"), Some(RegPart::Byte(3)));
        assert_eq!(RegPart::parse(".h1"), Some(RegPart::Half(1)));
        let several = RegPart::Several {
            halves: true,
            digits: [3, 1, 0, 0],
            count: 2,
        };
        assert_eq!(RegPart::parse(".h31"), Some(several));
        for wrong in [
            ".b4", ".h2", ".h4", ".b", ".b01234", ".h012", ".x0", ".b8", ".b1x",
        ] {
            assert_eq!(RegPart::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn special_register_spellings_are_recognised() {
        let check = |text, expected| assert_eq!(SpecialReg::parse(text), expected, "{text}");
        check("%tid.x", Some(SpecialReg::Tid(Component::X)));
        check("%nctaid.z", Some(SpecialReg::Nctaid(Component::Z)));
        check("%tid", Some(SpecialReg::Tid(Component::All)));
        check("%laneid", Some(SpecialReg::Scalar(ScalarSpecial::Laneid)));
        check("%envreg31", Some(SpecialReg::Envreg(31)));
        check("%envreg32", None);
        check("%pm3_64", Some(SpecialReg::Pm64(3)));
        check("%tid.q", None);
        check("%r1", None);
    }
}
