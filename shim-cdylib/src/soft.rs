//! How the soft GPUs of a pool present themselves to this client: the capability and the version of
//! CUDA that its own environment asks for. Programs differ in what they need (NVIDIA's libraries choose
//! PTX for devices newer than they know), and nothing but what is reported depends on either, so the
//! server need not know. Real GPUs are what they are. Read [`present`].

use rigel_protocol::control::Welcome;

/// Numbers of the attributes of the compute capability.
const CAPABILITY: [usize; 2] = [75, 76];

/// Adjusts what the server said of its devices. A setting that cannot be understood is reported and
/// changes nothing.
pub(crate) fn present(welcome: &mut Welcome, lookup: impl Fn(&str) -> Option<String>) {
    if !welcome.soft {
        return;
    }
    let version = |name: &str| {
        let text = lookup(name).filter(|text| !text.is_empty())?;
        let parsed = parse(&text);
        if parsed.is_none() {
            tracing::warn!(setting = name, value = text, "setting is not understood");
        }
        parsed
    };
    if let Some((major, minor)) = version("RIGEL_SOFT_CAPABILITY") {
        for device in &mut welcome.devices {
            for (number, value) in CAPABILITY.iter().zip([major, minor]) {
                if let Some(attribute) = device.attributes.get_mut(*number) {
                    *attribute = value;
                }
            }
        }
    }
    if let Some((major, minor)) = version("RIGEL_SOFT_CUDA") {
        welcome.driver_version = major * 1000 + minor * 10;
    }
}

/// Two numbers such as `13.0`.
fn parse(text: &str) -> Option<(i32, i32)> {
    let (major, minor) = text.trim().split_once('.')?;
    let parsed: (u8, u8) = (major.parse().ok()?, minor.parse().ok()?);
    (parsed.0 > 0 && parsed.1 <= 9).then_some((parsed.0.into(), parsed.1.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_takes_two_numbers() {
        assert_eq!(parse("13.0"), Some((13, 0)));
        for text in ["13", "0.1", "8.x", "8.6.1", "-8.6", "8.10", "300.1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
