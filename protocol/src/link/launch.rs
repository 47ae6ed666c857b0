//! Launches and host functions on the wire. Read [`LaunchHead`] first.

use super::code;
use crate::custom::LaunchConfig;
use crate::handle::{Function, Stream};
use crate::status::{CuError, CuResult};
use crate::wire::{Get, Put, Wire, WireError};

/// Most attributes of a launch.
pub const ATTRIBUTES_MAX: usize = 64;

/// Bytes of a launch before its attributes.
const HEAD_BYTES: usize = 49;
/// Bytes before the parameters of a launch without attributes: the number of their bytes is the last.
const PLAIN_HEAD_BYTES: usize = HEAD_BYTES + 4;

/// `launch`, as far as it has a fixed size. The attributes and the parameter buffer follow; see
/// [`put_launch`] and [`get_launch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaunchHead {
    /// The function or kernel.
    pub function: Function,
    /// Blocks in x, y, z.
    pub grid: [u32; 3],
    /// Threads a block in x, y, z.
    pub block: [u32; 3],
    /// Dynamic shared memory.
    pub shared_bytes: u32,
    /// The stream.
    pub stream: Stream,
    /// Whether all blocks run at once.
    pub cooperative: bool,
}

/// A launch as the worker reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireLaunch<'a> {
    /// What has a fixed size.
    pub head: LaunchHead,
    /// Further attributes.
    pub attributes: Vec<(u32, [u8; 64])>,
    /// The parameter buffer.
    pub params: &'a [u8],
}

/// Writes a launch.
pub fn put_launch(out: &mut Put, function: Function, config: &LaunchConfig<'_>, params: &[u8]) {
    out.raw(&head(function, config));
    for (id, value) in config.attributes {
        out.put(id);
        out.raw(value);
    }
    out.bytes(params);
}

/// Bytes of a launch without attributes.
#[inline]
pub fn plain_launch_bytes(params: &[u8]) -> usize {
    PLAIN_HEAD_BYTES + params.len()
}

/// Writes a launch without attributes to where it is read, as [`put_launch`] would, and says whether there
/// was exactly the room for it. Launches are the most frequent calls there are.
#[inline]
pub fn write_plain_launch(
    room: &mut [u8],
    function: Function,
    config: &LaunchConfig<'_>,
    params: &[u8],
) -> bool {
    let Some((start, rest)) = room.split_first_chunk_mut::<PLAIN_HEAD_BYTES>() else {
        return false;
    };
    if rest.len() != params.len() || !config.attributes.is_empty() {
        return false;
    }
    let mut first = [0; PLAIN_HEAD_BYTES];
    first[..HEAD_BYTES].copy_from_slice(&head(function, config));
    first[HEAD_BYTES..].copy_from_slice(&(params.len() as u32).to_le_bytes());
    *start = first;
    rest.copy_from_slice(params);
    true
}

/// What comes before the attributes.
#[inline]
fn head(function: Function, config: &LaunchConfig<'_>) -> [u8; HEAD_BYTES] {
    let [grid, block] = [config.grid, config.block];
    let words = [
        grid[0],
        grid[1],
        grid[2],
        block[0],
        block[1],
        block[2],
        config.shared_bytes,
    ];
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(&function.0.to_le_bytes());
    for (place, word) in head[8..36].chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    head[36..44].copy_from_slice(&config.stream.0.to_le_bytes());
    head[44] = u8::from(config.cooperative);
    head[45..].copy_from_slice(&(config.attributes.len() as u32).to_le_bytes());
    head
}

/// Reads a launch.
pub fn get_launch<'a>(from: &mut Get<'a>) -> Result<WireLaunch<'a>, WireError> {
    let head = LaunchHead {
        function: from.get()?,
        grid: from.get()?,
        block: from.get()?,
        shared_bytes: from.get()?,
        stream: from.get()?,
        cooperative: from.get()?,
    };
    let count = from.get::<u32>()? as usize;
    if count > ATTRIBUTES_MAX {
        return Err(WireError::ListTooLong(count));
    }
    let mut attributes = Vec::with_capacity(count);
    for _ in 0..count {
        attributes.push((from.get()?, from.get()?));
    }
    Ok(WireLaunch {
        head,
        attributes,
        params: from.bytes()?,
    })
}

impl WireLaunch<'_> {
    /// The configuration a driver takes.
    pub fn config(&self) -> LaunchConfig<'_> {
        LaunchConfig {
            grid: self.head.grid,
            block: self.head.block,
            shared_bytes: self.head.shared_bytes,
            stream: self.head.stream,
            cooperative: self.head.cooperative,
            attributes: &self.attributes,
        }
    }
}

/// `launchHost`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaunchHost {
    /// The stream.
    pub stream: Stream,
    /// The client's number of the function.
    pub callback: u64,
    /// Whether it is called also when the context is lost.
    pub even_after_error: bool,
}

impl Wire for LaunchHost {
    fn put(&self, out: &mut Put) {
        out.put(&self.stream);
        out.put(&self.callback);
        out.put(&self.even_after_error);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            stream: from.get()?,
            callback: from.get()?,
            even_after_error: from.get()?,
        })
    }
}

/// `hostCall`: a stream has reached a host function. The client answers with `hostReturned` and the
/// ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCall {
    /// The client's number of the function.
    pub callback: u64,
    /// The worker's number of this call of it.
    pub ticket: u64,
    /// The state of the stream.
    pub state: CuResult<()>,
}

impl Wire for HostCall {
    fn put(&self, out: &mut Put) {
        out.put(&self.callback);
        out.put(&self.ticket);
        out.put(&code(self.state));
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            callback: from.get()?,
            ticket: from.get()?,
            state: CuError::check(from.get()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: LaunchConfig<'static> = LaunchConfig {
        grid: [1, 2, 3],
        block: [4, 5, 6],
        shared_bytes: 7,
        stream: Stream(8),
        cooperative: true,
        attributes: &[],
    };

    #[test]
    fn launch_written_in_place_is_the_launch_that_is_put() {
        let mut put = Put::new();
        put_launch(&mut put, Function(9), &CONFIG, b"parameters");
        let mut room = vec![0xff; plain_launch_bytes(b"parameters")];
        assert!(write_plain_launch(
            &mut room,
            Function(9),
            &CONFIG,
            b"parameters"
        ));
        assert_eq!(room, put.as_slice());
    }

    #[test]
    fn launch_that_does_not_fit_is_not_written() {
        let attributes = [(1, [0; 64])];
        let with_attributes = LaunchConfig {
            attributes: &attributes,
            ..CONFIG
        };
        for (room, config) in [(56, &CONFIG), (58, &CONFIG), (57, &with_attributes)] {
            let mut room = vec![0; room];
            assert!(!write_plain_launch(&mut room, Function(9), config, b"abcd"));
        }
    }
}
