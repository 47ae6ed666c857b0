//! Images on the wire: what is sent to load or link one, and what comes back of its functions.
//! Read [`ImageHead`] first.

use serde::{Deserialize, Serialize};

use super::{Payload, Transfer};
use crate::custom::{FunctionInfo, JitInput, JitOptions, ParamSlot, ParamSlots};
use crate::handle::{Function, Library, Module};
use crate::wire::{Get, Put, Wire, WireError};

/// Longest log that is sent back.
pub const LOG_BYTES_MAX: usize = 64 << 10;

/// `moduleLoad` (without `options`) and `libraryLoad`. The image is self-contained bytes.
#[derive(Clone, Debug)]
pub struct ImageHead<'a> {
    /// The handle the client has minted, of a module or of a library.
    pub handle: u64,
    /// What the compiler is told.
    pub jit: JitOptions,
    /// Options of the library.
    pub options: Vec<(u32, u64)>,
    /// The image.
    pub image: Payload<'a>,
}

impl<'a> ImageHead<'a> {
    /// Writes it.
    pub fn put(&self, out: &mut Put) {
        out.put(&self.handle);
        put_jit(out, &self.jit);
        out.list(&self.options);
        self.image.put(out);
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        Ok(Self {
            handle: from.get()?,
            jit: get_jit(from)?,
            options: from.list()?,
            image: Payload::get(from)?,
        })
    }
}

/// The answer to a load: logs, and as many of the image's functions as the worker finds without
/// effort; the others are asked for by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The information log.
    pub info_log: String,
    /// The error log.
    pub error_log: String,
    /// Functions.
    pub functions: Vec<FunctionRow>,
}

impl Wire for Loaded {
    fn put(&self, out: &mut Put) {
        put_log(out, &self.info_log);
        put_log(out, &self.error_log);
        out.list(&self.functions);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            info_log: from.text()?,
            error_log: from.text()?,
            functions: from.list()?,
        })
    }
}

/// A function and what is known of it: an answer of its own to `moduleFunction`, `libraryKernel` and
/// `kernelFunction`, an element of the answers to `moduleFunctions` and `libraryKernels`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionRow {
    /// Its handle, a number of the server's.
    pub handle: u64,
    /// Name.
    pub name: String,
    /// Parameters in order.
    pub params: ParamSlots,
    /// Attributes by number.
    pub attributes: [i32; FunctionInfo::ATTRIBUTES],
}

impl FunctionRow {
    /// What the worker's driver knows of a function.
    pub fn new(handle: Function, info: &FunctionInfo) -> Self {
        Self {
            handle: handle.0,
            name: info.name.clone(),
            params: info.params.clone(),
            attributes: info.attributes,
        }
    }

    /// The function as the client keeps it.
    pub fn into_info(
        self,
        module: Option<Module>,
        library: Option<Library>,
    ) -> (Function, FunctionInfo) {
        let info = FunctionInfo {
            name: self.name,
            params: self.params,
            attributes: self.attributes,
            module,
            library,
        };
        (Function(self.handle), info)
    }
}

impl Wire for FunctionRow {
    fn put(&self, out: &mut Put) {
        out.put(&self.handle);
        out.bytes(self.name.as_bytes());
        out.list(&self.params);
        out.put(&self.attributes);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            handle: from.get()?,
            name: from.text()?,
            params: from.list()?.into(),
            attributes: from.get()?,
        })
    }
}

impl Wire for ParamSlot {
    fn put(&self, out: &mut Put) {
        out.put(&self.offset);
        out.put(&self.size);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            offset: from.get()?,
            size: from.get()?,
        })
    }
}

/// `link`. The inputs travel as one payload, made by [`put_inputs`].
#[derive(Clone, Debug)]
pub struct LinkHead<'a> {
    /// What the linker is told.
    pub jit: JitOptions,
    /// The inputs.
    pub inputs: Payload<'a>,
    /// Number of the transfer in which the image comes back if it does not fit the answer.
    pub transfer: u64,
}

impl<'a> LinkHead<'a> {
    /// Writes it.
    pub fn put(&self, out: &mut Put) {
        put_jit(out, &self.jit);
        self.inputs.put(out);
        out.put(&self.transfer);
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        Ok(Self {
            jit: get_jit(from)?,
            inputs: Payload::get(from)?,
            transfer: from.get()?,
        })
    }
}

/// The answer to a link. The image is a transfer or inline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked<'a> {
    /// The information log.
    pub info_log: String,
    /// The error log.
    pub error_log: String,
    /// The image.
    pub image: Payload<'a>,
}

impl<'a> Linked<'a> {
    /// Writes it.
    pub fn put(&self, out: &mut Put) {
        put_log(out, &self.info_log);
        put_log(out, &self.error_log);
        self.image.put(out);
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        Ok(Self {
            info_log: from.text()?,
            error_log: from.text()?,
            image: Payload::get(from)?,
        })
    }

    /// The transfer of the image, if it is one.
    pub fn transfer(&self) -> Option<Transfer> {
        match self.image {
            Payload::Bulk(transfer) => Some(transfer),
            Payload::Inline(_) => None,
        }
    }
}

/// What an image is called everywhere: the BLAKE3 hash of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ImageName(pub [u8; 32]);

impl ImageName {
    /// The name of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = ImageHasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The name in hexadecimal, as files are called.
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The name that is written so.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut name = [0; 32];
        for (byte, pair) in name.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| (pair[at] as char).to_digit(16);
            *byte = (digit(0)? << 4 | digit(1)?) as u8;
        }
        Some(Self(name))
    }
}

impl std::fmt::Debug for ImageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImageName({})", &self.to_hex()[..16])
    }
}

/// Finds the name of bytes that come in parts.
#[derive(Debug, Default)]
pub struct ImageHasher(blake3::Hasher);

impl ImageHasher {
    /// The next part.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The name of all of them.
    pub fn finish(&self) -> ImageName {
        ImageName(*self.0.finalize().as_bytes())
    }
}

/// An image by its name: first without its bytes, then, if the server lacks it, with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedImage {
    /// The name.
    pub name: ImageName,
    /// How many bytes it has.
    pub bytes: u64,
    /// Number of the transfer that brings them; `None`: they stay with the client for now.
    pub transfer: Option<u64>,
}

impl NamedImage {
    /// The transfer of its bytes, if they come.
    pub fn transfer(&self) -> Option<Transfer> {
        let bytes = self.bytes;
        self.transfer.map(|number| Transfer { number, bytes })
    }
}

impl Wire for NamedImage {
    fn put(&self, out: &mut Put) {
        out.put(&self.name.0);
        out.put(&self.bytes);
        out.put(&self.transfer);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            name: ImageName(from.get()?),
            bytes: from.get()?,
            transfer: from.get()?,
        })
    }
}

/// `moduleLoadNamed` and `libraryLoadNamed`. The answer begins with a truth value: whether the server has
/// the image; if not, nothing was done.
#[derive(Clone, Debug)]
pub struct NamedHead {
    /// As in [`ImageHead::handle`].
    pub handle: u64,
    /// What the compiler is told.
    pub jit: JitOptions,
    /// Options of the library.
    pub options: Vec<(u32, u64)>,
    /// The image.
    pub image: NamedImage,
}

impl Wire for NamedHead {
    fn put(&self, out: &mut Put) {
        out.put(&self.handle);
        put_jit(out, &self.jit);
        out.list(&self.options);
        out.put(&self.image);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            handle: from.get()?,
            jit: get_jit(from)?,
            options: from.list()?,
            image: from.get()?,
        })
    }
}

/// `linkNamed`. The answer begins as that of a load by name.
#[derive(Clone, Debug)]
pub struct NamedLinkHead {
    /// What the linker is told.
    pub jit: JitOptions,
    /// The inputs, as [`put_inputs`] makes them.
    pub inputs: NamedImage,
    /// As in [`LinkHead::transfer`].
    pub transfer: u64,
}

impl Wire for NamedLinkHead {
    fn put(&self, out: &mut Put) {
        put_jit(out, &self.jit);
        out.put(&self.inputs);
        out.put(&self.transfer);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            jit: get_jit(from)?,
            inputs: from.get()?,
            transfer: from.get()?,
        })
    }
}

/// Writes the inputs of a link.
pub fn put_inputs(out: &mut Put, inputs: &[JitInput]) {
    out.put(&(inputs.len() as u32));
    for input in inputs {
        out.put(&input.kind);
        out.bytes(input.name.as_bytes());
        out.bytes(&input.data);
    }
}

/// Reads the inputs of a link; `bytes` is all of them.
pub fn get_inputs(bytes: &[u8]) -> Result<Vec<JitInput>, WireError> {
    let mut from = Get::new(bytes);
    let count: u32 = from.get()?;
    let mut inputs = Vec::new();
    for _ in 0..count {
        inputs.push(JitInput {
            kind: from.get()?,
            name: from.text()?,
            data: from.bytes()?.to_vec(),
        });
    }
    from.finish()?;
    Ok(inputs)
}

fn put_jit(out: &mut Put, jit: &JitOptions) {
    out.list(&jit.options);
    out.put(&jit.info_log_bytes);
    out.put(&jit.error_log_bytes);
}

fn get_jit(from: &mut Get<'_>) -> Result<JitOptions, WireError> {
    Ok(JitOptions {
        options: from.list()?,
        info_log_bytes: from.get::<usize>()?.min(LOG_BYTES_MAX),
        error_log_bytes: from.get::<usize>()?.min(LOG_BYTES_MAX),
    })
}

/// Writes as much of a log as is sent.
fn put_log(out: &mut Put, log: &str) {
    let mut end = log.len().min(LOG_BYTES_MAX);
    while !log.is_char_boundary(end) {
        end -= 1;
    }
    out.bytes(&log.as_bytes()[..end]);
}
