//! The mutual self-test of NVIDIA's runtime: a keyed digest over facts that both sides can see.
//!
//! Each copy of the runtime asks for three answers and computes them itself; if they differ it refuses
//! to work (error 103). The message names this process, addresses of this library and the devices it
//! reports, so it is computed here and could not be forwarded. Read [`answer`] first.
//!
//! ```text
//! u32 driver version, u32 version, u32 process id, u32 thread (low half), u64 address of the runtime's
//! table, u64 address of the self-test's table, u64 address of its function, u64 seconds, and for each
//! device: 16 bytes UUID, i32 PCI domain, i32 bus, i32 device; little-endian, without gaps
//! ```

use hmac::{Mac, SimpleHmac};
use md2::Md2;
use rigel_protocol::custom::DeviceProfile;

const KEY: [u8; 16] = [
    0x14, 0x6a, 0xdd, 0xae, 0x53, 0xa9, 0xa7, 0x52, 0xaa, 0x08, 0x41, 0x36, 0x0b, 0xf5, 0x5a, 0x9f,
];

/// PCI domain, bus and device among the attributes of a device.
const PCI_ATTRIBUTES: [i32; 3] = [50, 33, 34];

/// What both sides can see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// What `cuDriverGetVersion` reports.
    pub(crate) driver_version: u32,
    /// The number in the question.
    pub(crate) version: u32,
    /// `getpid()`.
    pub(crate) process: u32,
    /// The low half of `pthread_self()`.
    pub(crate) thread: u32,
    /// Address of the table for the runtime.
    pub(crate) runtime_table: u64,
    /// Address of the table that holds the self-test.
    pub(crate) check_table: u64,
    /// Address of the self-test itself.
    pub(crate) check_function: u64,
    /// The time in the question.
    pub(crate) unix_seconds: u64,
    /// All devices.
    pub(crate) devices: &'a [DeviceProfile],
}

/// The two words of the answer.
pub(crate) fn answer(facts: &Facts<'_>) -> [u64; 2] {
    match facts.version % 10 {
        0 => [0x3341_181C_03CB_675C, 0x8ED3_83AA_1F4C_D1E8],
        1 => [0x1841_181C_03CB_675C, 0x8ED3_83AA_1F4C_D1E8],
        _ => words(&digest(&message(facts))),
    }
}

fn message(facts: &Facts<'_>) -> Vec<u8> {
    let mut message = Vec::with_capacity(48 + 28 * facts.devices.len());
    for number in [
        facts.driver_version,
        facts.version,
        facts.process,
        facts.thread,
    ] {
        message.extend(number.to_le_bytes());
    }
    for number in [
        facts.runtime_table,
        facts.check_table,
        facts.check_function,
        facts.unix_seconds,
    ] {
        message.extend(number.to_le_bytes());
    }
    for device in facts.devices {
        message.extend(device.uuid);
        for attribute in PCI_ATTRIBUTES {
            message.extend(device.attribute(attribute).to_le_bytes());
        }
    }
    message
}

/// HMAC (RFC 2104) with MD2 (RFC 1319).
fn digest(message: &[u8]) -> [u8; 16] {
    let mut mac = SimpleHmac::<Md2>::new_from_slice(&KEY).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn words(digest: &[u8; 16]) -> [u64; 2] {
    let mut words = [0; 2];
    for (word, bytes) in words.iter_mut().zip(digest.chunks_exact(8)) {
        let mut eight = [0; 8];
        eight.copy_from_slice(bytes);
        *word = u64::from_le_bytes(eight);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use md2::Digest;
    use rigel_protocol::custom::PciAddress;

    fn device() -> DeviceProfile {
        let mut attributes = vec![0; 64];
        attributes[33] = 59;
        DeviceProfile {
            name: String::new(),
            uuid: std::array::from_fn(|index| index as u8),
            total_bytes: 0,
            pci: PciAddress::default(),
            attributes,
        }
    }

    fn facts(devices: &[DeviceProfile], version: u32) -> Facts<'_> {
        Facts {
            driver_version: 13020,
            version,
            process: 4242,
            thread: 0x1234,
            runtime_table: 0x7f00_0000_1000,
            check_table: 0x7f00_0000_2000,
            check_function: 0x7f00_0000_3000,
            unix_seconds: 1_700_000_000,
            devices,
        }
    }

    #[test]
    fn hash_matches_the_vectors_of_rfc_1319() {
        let check = |text: &str, expected: u128| {
            let digest: [u8; 16] = Md2::digest(text).into();
            assert_eq!(u128::from_be_bytes(digest), expected, "{text}");
        };
        check("", 0x8350_e5a3_e24c_153d_f227_5c9f_8069_2773);
        check("abc", 0xda85_3b0d_3f88_d99b_3028_3a69_e6de_d6bb);
        check("message digest", 0xab4f_496b_fb2a_530b_219f_f330_31fe_06b0);
    }

    #[test]
    fn answer_two_versions_are_constants() {
        let none = answer(&facts(&[], 13020));
        assert_eq!(none, [0x3341_181C_03CB_675C, 0x8ED3_83AA_1F4C_D1E8]);
        let one = answer(&facts(&[device()], 13021));
        assert_eq!(one, [0x1841_181C_03CB_675C, 0x8ED3_83AA_1F4C_D1E8]);
    }

    #[test]
    fn message_has_48_bytes_and_28_a_device() {
        assert_eq!(message(&facts(&[], 13022)).len(), 48);
        assert_eq!(message(&facts(&[device(), device()], 13022)).len(), 104);
    }

    #[test]
    fn answer_other_versions_are_the_digest() {
        // Computed with an independent HMAC-MD2.
        let expected = [0x7758_f0c4_75a3_ab21, 0x8dd2_b111_d1b8_6228];
        assert_eq!(answer(&facts(&[device()], 13022)), expected);
        let empty: [u8; 16] = 0xf66b_07ab_a4a8_75ea_140c_2cc0_13a4_1c6a_u128.to_be_bytes();
        assert_eq!(digest(b""), empty);
    }
}
