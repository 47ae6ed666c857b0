//! Images on the wire: loads, links, and what is known of the functions in them. Read [`LoadRecord`]
//! first.

use super::{Blob, records};
use crate::custom::{FunctionInfo, JitOptions, LinkedImage, ParamSlot};
use crate::handle::Function;
use crate::wire::{Get, Put, Wire, WireError};

/// A load: `moduleLoad` or `libraryLoad`. Answered by [`Loaded`].
#[derive(Clone, Debug, PartialEq)]
pub struct LoadRecord<'a> {
    /// The module's or library's handle, minted by the client.
    pub handle: u64,
    /// Options of the compiler.
    pub jit: JitOptions,
    /// Options of the library: (number, value).
    pub options: Vec<(u32, u64)>,
    /// The image.
    pub image: Blob<'a>,
}

impl<'a> LoadRecord<'a> {
    /// Appends it.
    pub fn put(&self, out: &mut Put) {
        out.put(&self.handle);
        out.put(&self.jit);
        out.list(&self.options);
        self.image.put(out);
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        Ok(Self {
            handle: from.get()?,
            jit: from.get()?,
            options: from.list()?,
            image: Blob::get(from)?,
        })
    }
}

/// What a load gives. Its function number `i` is `Function::mint(first_function + i)`, and of a
/// library also `Kernel::mint(first_function + i)`. A load that fails has no functions, but its logs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// Index of the first function.
    pub first_function: u32,
    /// The functions in the image's order. Their `module` and `library` are not sent.
    pub functions: Vec<FunctionInfo>,
    /// The compiler's information log.
    pub info_log: String,
    /// The compiler's error log.
    pub error_log: String,
}

impl Wire for Loaded {
    fn put(&self, out: &mut Put) {
        out.put(&self.first_function);
        out.bytes(self.info_log.as_bytes());
        out.bytes(self.error_log.as_bytes());
        out.list(&self.functions);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let first_function = from.get()?;
        let (info_log, error_log) = (from.text()?, from.text()?);
        Ok(Self { first_function, functions: from.list()?, info_log, error_log })
    }
}

/// One input of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkInput<'a> {
    /// `CUjitInputType`.
    pub kind: u32,
    /// Name for messages.
    pub name: String,
    /// The bytes; those in bulk follow one another in one transfer.
    pub data: Blob<'a>,
}

/// A link. Answered by [`Linked`].
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRecord<'a> {
    /// Options of the linker.
    pub jit: JitOptions,
    /// The inputs.
    pub inputs: Vec<LinkInput<'a>>,
}

/// Most inputs of a link.
const LINK_INPUTS_MAX: usize = 1024;

impl<'a> LinkRecord<'a> {
    /// Appends it.
    pub fn put(&self, out: &mut Put) {
        out.put(&self.jit);
        out.put(&(self.inputs.len() as u32));
        for input in &self.inputs {
            out.put(&input.kind);
            out.bytes(input.name.as_bytes());
            input.data.put(out);
        }
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        let jit = from.get()?;
        let count = from.get::<u32>()? as usize;
        if count > LINK_INPUTS_MAX {
            return Err(WireError::ListTooLong(count));
        }
        let mut inputs = Vec::new();
        for _ in 0..count {
            let (kind, name) = (from.get()?, from.text()?);
            inputs.push(LinkInput { kind, name, data: Blob::get(from)? });
        }
        Ok(Self { jit, inputs })
    }
}

/// What a link gives; if it fails, its logs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linked {
    /// The image.
    pub image: Vec<u8>,
    /// The information log.
    pub info_log: String,
    /// The error log.
    pub error_log: String,
}

impl Wire for Linked {
    fn put(&self, out: &mut Put) {
        out.bytes(self.info_log.as_bytes());
        out.bytes(self.error_log.as_bytes());
        out.bytes(&self.image);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let (info_log, error_log) = (from.text()?, from.text()?);
        Ok(Self { image: from.bytes()?.to_vec(), info_log, error_log })
    }
}

impl From<LinkedImage> for Linked {
    fn from(linked: LinkedImage) -> Self {
        let LinkedImage { image, info_log, error_log } = linked;
        Self { image, info_log, error_log }
    }
}

impl From<Linked> for LinkedImage {
    fn from(linked: Linked) -> Self {
        let Linked { image, info_log, error_log } = linked;
        Self { image, info_log, error_log }
    }
}

records! {
    /// Sets a function attribute.
    FunctionSetAttribute {
        /// The function or kernel.
        function: Function,
        /// `CUfunction_attribute`.
        attribute: u32,
        /// Its value.
        value: i32,
    }
}

impl Wire for JitOptions {
    fn put(&self, out: &mut Put) {
        out.list(&self.options);
        out.put(&self.info_log_bytes);
        out.put(&self.error_log_bytes);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let options = from.list()?;
        Ok(Self { options, info_log_bytes: from.get()?, error_log_bytes: from.get()? })
    }
}

impl Wire for ParamSlot {
    fn put(&self, out: &mut Put) {
        out.put(&self.offset);
        out.put(&self.size);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let offset = from.get()?;
        Ok(Self { offset, size: from.get()? })
    }
}

impl Wire for FunctionInfo {
    fn put(&self, out: &mut Put) {
        out.bytes(self.name.as_bytes());
        out.list(&self.params);
        out.put(&self.attributes);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let (name, params) = (from.text()?, from.list()?);
        Ok(Self { name, params, attributes: from.get()?, module: None, library: None })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    fn jit() -> JitOptions {
        JitOptions { options: vec![(0, 40), (9, 2)], info_log_bytes: 100, error_log_bytes: 200 }
    }

    #[test]
    fn load_decodes_to_the_same() {
        for image in [Blob::Inline(b".version 8.0"), Blob::Bulk(1 << 30)] {
            let load = LoadRecord { handle: 77, jit: jit(), options: vec![(1, 1)], image };
            let mut put = Put::new();
            load.put(&mut put);
            assert_eq!(LoadRecord::get(&mut Get::new(put.as_slice())), Ok(load));
        }
    }

    #[test]
    fn link_decodes_to_the_same() {
        let input = |name: &str, data| LinkInput { kind: 1, name: name.into(), data };
        let inputs = vec![input("a", Blob::Inline(b"ptx")), input("b", Blob::Bulk(5000))];
        let link = LinkRecord { jit: jit(), inputs };
        let mut put = Put::new();
        link.put(&mut put);
        assert_eq!(LinkRecord::get(&mut Get::new(put.as_slice())), Ok(link));
    }

    #[test]
    fn link_of_impossibly_many_inputs_is_refused() {
        let mut put = Put::new();
        put.put(&JitOptions::default());
        put.put(&u32::MAX);
        assert!(LinkRecord::get(&mut Get::new(put.as_slice())).is_err());
    }

    #[test]
    fn results_decode_to_the_same() {
        let params = vec![ParamSlot { offset: 0, size: 8 }, ParamSlot { offset: 8, size: 4 }];
        let info = FunctionInfo { name: "k".into(), params, attributes: [3; 16], ..Default::default() };
        check(Loaded {
            first_function: 12,
            functions: vec![info.clone(), info],
            info_log: "fine".into(),
            error_log: String::new(),
        });
        check(Linked { image: vec![1, 2, 3], info_log: String::new(), error_log: "no".into() });
        check(FunctionSetAttribute { function: Function::mint(3), attribute: 8, value: -1 });
    }
}
