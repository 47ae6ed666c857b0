//! Handles and device addresses as newtypes. To C they are opaque pointers; here they are numbers.
//!
//! A handle minted by Rigel is `kind << 40 | index + 1`: never null, never one of the small numbers
//! that CUDA gives a meaning (streams 1 and 2), below 2^47 so that it looks like an address, and
//! recognisable by kind where C passes one kind as another (a `CUkernel` as a `CUfunction`).

/// Bits below the kind.
const KIND_SHIFT: u32 = 40;

/// Defines one newtype per kind of handle.
macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident = $kind:literal,)*) => {
        /// The kinds of handle, with the number that minted handles carry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum HandleKind {
            $($(#[$doc])* $name = $kind,)*
        }

        impl HandleKind {
            /// The kind with this number, if there is one.
            pub fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($kind => Some(Self::$name),)*
                    _ => None,
                }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
            #[repr(transparent)]
            pub struct $name(pub u64);

            impl $name {
                /// The null handle.
                pub const NONE: Self = Self(0);

                /// The handle with this index.
                pub const fn mint(index: u32) -> Self {
                    Self(($kind as u64) << KIND_SHIFT | (index as u64 + 1))
                }

                /// The index it was minted with; `None` for null, magic and foreign handles.
                pub const fn index(self) -> Option<u32> {
                    let low = self.0 & ((1 << KIND_SHIFT) - 1);
                    if self.0 >> KIND_SHIFT != $kind || low == 0 || low > u32::MAX as u64 + 1 {
                        return None;
                    }
                    Some((low - 1) as u32)
                }

                /// Whether it is the null handle.
                pub const fn is_none(self) -> bool {
                    self.0 == 0
                }
            }

            impl Handle for $name {
                const KIND: HandleKind = HandleKind::$name;
                fn from_raw(raw: u64) -> Self { Self(raw) }
                fn raw(self) -> u64 { self.0 }
                fn mint(index: u32) -> Self { Self::mint(index) }
            }
        )*
    };
}

/// What all kinds of handle share.
pub trait Handle: Copy {
    /// Its kind.
    const KIND: HandleKind;
    /// The handle with this value, as C passed it.
    fn from_raw(raw: u64) -> Self;
    /// The value C sees.
    fn raw(self) -> u64;
    /// A handle of Rigel's own numbering.
    fn mint(index: u32) -> Self;
}

handles! {
    /// `CUcontext`. Indices below [`Context::PRIMARY_MAX`] are the primary contexts of the devices.
    Context = 1,
    /// `CUstream`.
    Stream = 2,
    /// `CUevent`.
    Event = 3,
    /// `CUmodule`.
    Module = 4,
    /// `CUlibrary`.
    Library = 5,
    /// `CUfunction`.
    Function = 6,
    /// `CUkernel`; C passes it wherever a `CUfunction` is expected.
    Kernel = 7,
    /// `CUmemoryPool`.
    MemPool = 8,
    /// `CUmemGenericAllocationHandle`.
    MemAllocation = 9,
    /// `CUgraph`.
    Graph = 10,
    /// `CUgraphExec`.
    GraphExec = 11,
    /// `CUgraphNode`.
    GraphNode = 12,
    /// `CUarray`.
    Array = 13,
    /// `CUmipmappedArray`.
    MipmappedArray = 14,
    /// `CUlinkState`.
    LinkState = 15,
    /// `CUtexObject` and `CUtexref`.
    Texture = 16,
    /// `CUsurfObject` and `CUsurfref`.
    Surface = 17,
    /// `CUgreenCtx`.
    GreenContext = 18,
    /// `CUuserObject`.
    UserObject = 19,
    /// `CUgraphConditionalHandle`.
    GraphConditional = 20,
    /// `CUexternalMemory`.
    ExternalMemory = 21,
    /// `CUexternalSemaphore`.
    ExternalSemaphore = 22,
    /// `CUasyncCallbackHandle`, `CUlogsCallbackHandle`.
    CallbackRegistration = 23,
}

impl Stream {
    /// The legacy default stream (`CU_STREAM_LEGACY`); a plain entry point's null stream.
    pub const LEGACY: Self = Self(1);
    /// The calling thread's default stream (`CU_STREAM_PER_THREAD`); the null stream of the
    /// `_ptds` and `_ptsz` entry points.
    pub const PER_THREAD: Self = Self(2);
}

impl Context {
    /// How many devices a process can see at most, and so how many primary contexts.
    pub const PRIMARY_MAX: u32 = 64;

    /// The primary context of a device. The handle exists before the context is retained.
    pub const fn primary(device: Device) -> Self {
        Self::mint(device.0 as u32)
    }

    /// The device whose primary context this is.
    pub const fn primary_device(self) -> Option<Device> {
        match self.index() {
            Some(index) if index < Self::PRIMARY_MAX => Some(Device(index as i32)),
            _ => None,
        }
    }
}

/// `CUdevice`: an ordinal among the devices the process sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Device(pub i32);

/// `CUdeviceptr`: an address in device memory (or unified with the host's).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct DevicePtr(pub u64);

impl DevicePtr {
    /// The address `bytes` further on, or `None` on overflow.
    pub fn checked_add(self, bytes: u64) -> Option<Self> {
        self.0.checked_add(bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mint_any_index_gives_it_back() {
        for index in [0, 1, 63, u32::MAX] {
            assert_eq!(Stream::mint(index).index(), Some(index));
        }
    }

    #[test]
    fn index_of_foreign_handles_is_none() {
        for raw in [0, 1, 2, Event::mint(3).0, u64::MAX, 2 << KIND_SHIFT] {
            assert_eq!(Stream(raw).index(), None, "{raw:#x}");
        }
    }

    #[test]
    fn primary_context_names_its_device() {
        assert_eq!(
            Context::primary(Device(5)).primary_device(),
            Some(Device(5))
        );
        assert_eq!(Context::mint(Context::PRIMARY_MAX).primary_device(), None);
        assert_eq!(Context::NONE.primary_device(), None);
    }
}
