//! Launches and host functions on the wire. Read [`LaunchRecord`] first.

use super::records;
use crate::custom::{LaunchConfig, PARAM_BYTES_MAX};
use crate::handle::{Function, Stream};
use crate::wire::{Get, Put, Wire, WireError};

/// Bytes of a launch attribute's value.
const ATTRIBUTE_BYTES: usize = 64;
/// Most attributes of a launch; CUDA 13.2 numbers fewer.
const ATTRIBUTES_MAX: usize = 64;

/// A kernel launch. The parameter buffer is the rest of the record.
///
/// ```text
/// function u64 │ grid 3 × u32 │ block 3 × u32 │ shared bytes u32 │ stream u64 │ cooperative u8
/// │ attributes u32, each number u32 and 64 bytes │ parameters
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LaunchRecord<'a> {
    /// The function or kernel.
    pub function: Function,
    /// Blocks in x, y, z.
    pub grid: [u32; 3],
    /// Threads a block in x, y, z.
    pub block: [u32; 3],
    /// Dynamic shared memory a block, in bytes.
    pub shared_bytes: u32,
    /// The stream.
    pub stream: Stream,
    /// Whether all blocks must run at once.
    pub cooperative: bool,
    /// Further attributes.
    pub attributes: Vec<(u32, [u8; ATTRIBUTE_BYTES])>,
    /// The packed parameter buffer.
    pub params: &'a [u8],
}

impl<'a> LaunchRecord<'a> {
    /// Appends a launch.
    pub fn put(function: Function, config: &LaunchConfig<'_>, params: &[u8], out: &mut Put) {
        out.put(&function);
        out.put(&config.grid);
        out.put(&config.block);
        out.put(&config.shared_bytes);
        out.put(&config.stream);
        out.put(&config.cooperative);
        out.put(&(config.attributes.len() as u32));
        for (number, value) in config.attributes {
            out.put(number);
            out.raw(value);
        }
        out.raw(params);
    }

    /// Reads a launch, to the end of the record.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        let mut launch = Self {
            function: from.get()?,
            grid: from.get()?,
            block: from.get()?,
            shared_bytes: from.get()?,
            stream: from.get()?,
            cooperative: from.get()?,
            attributes: Vec::new(),
            params: &[],
        };
        let count = from.get::<u32>()? as usize;
        if count > ATTRIBUTES_MAX {
            return Err(WireError::ListTooLong(count));
        }
        for _ in 0..count {
            let number = from.get()?;
            let mut value = [0; ATTRIBUTE_BYTES];
            value.copy_from_slice(from.raw(ATTRIBUTE_BYTES)?);
            launch.attributes.push((number, value));
        }
        launch.params = from.rest();
        if launch.params.len() > PARAM_BYTES_MAX {
            return Err(WireError::ListTooLong(launch.params.len()));
        }
        Ok(launch)
    }

    /// The launch as a driver takes it, on the driver's own stream.
    pub fn config(&self, stream: Stream) -> LaunchConfig<'_> {
        LaunchConfig {
            grid: self.grid,
            block: self.block,
            shared_bytes: self.shared_bytes,
            stream,
            cooperative: self.cooperative,
            attributes: &self.attributes,
        }
    }
}

records! {
    /// A host function's place in stream order.
    LaunchHost {
        /// The client's number of the function.
        callback: u64,
        /// The stream.
        stream: Stream,
        /// Whether it is called also when the context is lost.
        even_after_error: bool,
    }

    /// A host function has returned.
    HostReturned {
        /// The number that the worker gave this call of it.
        invocation: u64,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn launch_decodes_to_the_same() {
        let attributes = [(4, [9; 64])];
        let config = LaunchConfig {
            grid: [1, 2, 3],
            block: [4, 5, 6],
            shared_bytes: 7,
            stream: Stream::PER_THREAD,
            cooperative: true,
            attributes: &attributes,
        };
        let mut put = Put::new();
        LaunchRecord::put(Function::mint(8), &config, b"params", &mut put);
        let launch = LaunchRecord::get(&mut Get::new(put.as_slice())).unwrap();
        assert_eq!((launch.function, launch.params), (Function::mint(8), &b"params"[..]));
        assert_eq!(launch.config(Stream::PER_THREAD), config);
    }

    #[test]
    fn launch_with_impossible_lengths_is_refused() {
        let config = LaunchConfig {
            grid: [1; 3],
            block: [1; 3],
            shared_bytes: 0,
            stream: Stream::LEGACY,
            cooperative: false,
            attributes: &[(1, [0; 64]); ATTRIBUTES_MAX + 1],
        };
        let mut put = Put::new();
        LaunchRecord::put(Function::mint(0), &config, &[], &mut put);
        assert!(LaunchRecord::get(&mut Get::new(put.as_slice())).is_err());
        let config = LaunchConfig { attributes: &[], ..config };
        let mut put = Put::new();
        LaunchRecord::put(Function::mint(0), &config, &[0; PARAM_BYTES_MAX + 1], &mut put);
        assert!(LaunchRecord::get(&mut Get::new(put.as_slice())).is_err());
    }

    #[test]
    fn host_functions_decode_to_the_same() {
        check(LaunchHost { callback: 3, stream: Stream::mint(1), even_after_error: true });
        check(HostReturned { invocation: u64::MAX });
    }
}
