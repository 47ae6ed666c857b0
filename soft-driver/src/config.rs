//! Settings of the soft driver, read once from `RIGEL_SOFT_*` when a process first calls it. What a
//! setting means for a device is decided elsewhere. Read [`Config`].

use std::path::PathBuf;
use std::time::Duration;

use crate::segment;

/// Most devices a process sees.
pub(crate) const DEVICES_MAX: u32 = 16;

/// Memory of a device unless `RIGEL_SOFT_MEMORY` says otherwise.
const MEMORY_BYTES_DEFAULT: u64 = 8 << 30;

/// Most threads that execute kernels.
const THREADS_MAX: usize = 1024;

/// Least and most memory of a device.
const MEMORY_BYTES: std::ops::RangeInclusive<u64> = 16 << 20..=1 << 40;

/// What happens to kernels (`RIGEL_SOFT_KERNELS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KernelMode {
    /// They are executed.
    Run,
    /// Every launch is accepted and does nothing: for measuring the path alone.
    Skip,
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// `RIGEL_SOFT_DEVICES`: how many devices there are.
    pub(crate) n_devices: u32,
    /// `RIGEL_SOFT_MEMORY`: bytes of each, with K, M, G or T behind the number.
    pub(crate) memory_bytes: u64,
    /// `RIGEL_SOFT_NAME`.
    pub(crate) name: String,
    /// `RIGEL_SOFT_CAPABILITY`: compute capability, for example `8.6`.
    pub(crate) capability: (i32, i32),
    /// `RIGEL_SOFT_CUDA`: version of CUDA that the driver reports, for example `13.2`.
    pub(crate) cuda_version: (i32, i32),
    /// `RIGEL_SOFT_KERNELS`: `run` or `skip`.
    pub(crate) kernels: KernelMode,
    /// `RIGEL_SOFT_STATS`: file for the counters at exit, `%p` stands for the process id.
    pub(crate) stats: Option<PathBuf>,
    /// `RIGEL_SOFT_DROP_COPY`: this host-to-device copy, counted from 1, is lost on purpose.
    pub(crate) drop_copy: Option<u64>,
    /// `RIGEL_SOFT_BOUNDS`: `exact` holds kernels to the byte; `device`, the default, to the pieces
    /// of 512 bytes in which a device hands out memory.
    pub(crate) exact_bounds: bool,
    /// `RIGEL_SOFT_LAUNCH_TIMEOUT_MS`: a launch that runs longer fails with
    /// `CUDA_ERROR_LAUNCH_TIMEOUT`; no limit unless set.
    pub(crate) launch_timeout: Option<Duration>,
    /// `RIGEL_SOFT_THREADS`: threads of the CPU that execute kernels; one for each processor unless set.
    pub(crate) threads: Option<usize>,
    /// `RIGEL_SOFT_SHARED`: the file through which processes share the devices, `off` for none;
    /// one of the user's own in `/dev/shm` unless set.
    pub(crate) shared: Option<PathBuf>,
    /// Whether the file was named: whoever names it says whose it is.
    pub(crate) shared_is_named: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            n_devices: 1,
            memory_bytes: MEMORY_BYTES_DEFAULT,
            name: "Rigel Soft GPU".to_owned(),
            capability: (8, 6),
            cuda_version: (13, 2),
            kernels: KernelMode::Run,
            stats: None,
            drop_copy: None,
            exact_bounds: false,
            launch_timeout: None,
            threads: None,
            shared: None,
            shared_is_named: false,
        }
    }
}

impl Config {
    /// The settings of this process. A setting that cannot be understood is reported and left at
    /// its default.
    pub(crate) fn from_env() -> Self {
        let config =
            Self::from_lookup(&|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        match &config.shared {
            None => Self {
                shared: Some(segment::default_path(&config)),
                ..config
            },
            Some(off) if off.as_os_str() == "off" => Self {
                shared: None,
                ..config
            },
            Some(_) => Self {
                shared_is_named: true,
                ..config
            },
        }
    }

    /// The settings that `lookup` knows.
    pub(crate) fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let default = Self::default();
        Self {
            n_devices: parsed(lookup, "RIGEL_SOFT_DEVICES", parse_devices)
                .unwrap_or(default.n_devices),
            memory_bytes: parsed(lookup, "RIGEL_SOFT_MEMORY", parse_memory)
                .unwrap_or(default.memory_bytes),
            name: parsed(lookup, "RIGEL_SOFT_NAME", parse_name).unwrap_or(default.name),
            capability: parsed(lookup, "RIGEL_SOFT_CAPABILITY", parse_capability)
                .unwrap_or(default.capability),
            cuda_version: parsed(lookup, "RIGEL_SOFT_CUDA", parse_capability)
                .unwrap_or(default.cuda_version),
            kernels: parsed(lookup, "RIGEL_SOFT_KERNELS", parse_kernels).unwrap_or(default.kernels),
            stats: lookup("RIGEL_SOFT_STATS").map(|path| expand_pid(&path)),
            drop_copy: parsed(lookup, "RIGEL_SOFT_DROP_COPY", |text| {
                text.parse().ok().filter(|number| *number > 0)
            }),
            exact_bounds: parsed(lookup, "RIGEL_SOFT_BOUNDS", parse_bounds)
                .unwrap_or(default.exact_bounds),
            launch_timeout: parsed(lookup, "RIGEL_SOFT_LAUNCH_TIMEOUT_MS", |text| {
                text.parse().ok().filter(|limit_ms| *limit_ms > 0)
            })
            .map(Duration::from_millis),
            threads: parsed(lookup, "RIGEL_SOFT_THREADS", parse_threads),
            shared: lookup("RIGEL_SOFT_SHARED").map(PathBuf::from),
            shared_is_named: false,
        }
    }
}

fn parsed<T>(
    lookup: &dyn Fn(&str) -> Option<String>,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let text = lookup(name)?;
    let value = parse(text.trim());
    if value.is_none() {
        tracing::warn!(
            setting = name,
            value = text,
            "setting is not understood: default is used"
        );
    }
    value
}

fn parse_bounds(text: &str) -> Option<bool> {
    match text {
        "exact" => Some(true),
        "device" => Some(false),
        _ => None,
    }
}

fn parse_devices(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .filter(|count| (1..=DEVICES_MAX).contains(count))
}

fn parse_threads(text: &str) -> Option<usize> {
    text.parse().ok().filter(|n| (1..=THREADS_MAX).contains(n))
}

fn parse_memory(text: &str) -> Option<u64> {
    let bytes = parse_size(text)?;
    MEMORY_BYTES
        .contains(&bytes)
        .then(|| bytes.next_multiple_of(2 << 20))
}

/// A size such as `6G`, `512MiB` or `1000000`.
fn parse_size(text: &str) -> Option<u64> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn parse_name(text: &str) -> Option<String> {
    let printable = text.chars().all(|c| !c.is_control());
    (printable && !text.is_empty() && text.len() <= 128).then(|| text.to_owned())
}

fn parse_capability(text: &str) -> Option<(i32, i32)> {
    let (major, minor) = text.split_once('.')?;
    let major = major.parse().ok().filter(|n| (3..=20).contains(n))?;
    let minor = minor.parse().ok().filter(|n| (0..=9).contains(n))?;
    Some((major, minor))
}

fn parse_kernels(text: &str) -> Option<KernelMode> {
    match text {
        "run" => Some(KernelMode::Run),
        "skip" => Some(KernelMode::Skip),
        _ => None,
    }
}

fn expand_pid(path: &str) -> PathBuf {
    PathBuf::from(path.replace("%p", &std::process::id().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> Config {
        Config::from_lookup(&|asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn bounds_are_exact_only_if_asked() {
        for (value, exact) in [("exact", true), ("device", false), ("tight", false)] {
            assert_eq!(with("RIGEL_SOFT_BOUNDS", value).exact_bounds, exact);
        }
    }

    #[test]
    fn parse_size_with_unit_gives_bytes() {
        for (text, bytes) in [
            ("17", Some(17)),
            ("6G", Some(6 << 30)),
            ("512MiB", Some(512 << 20)),
            ("3 kb", Some(3 << 10)),
            ("99999999999999T", None),
            ("six", None),
            ("", None),
        ] {
            assert_eq!(parse_size(text), bytes, "{text}");
        }
    }

    #[test]
    fn config_settings_are_taken() {
        assert_eq!(with("RIGEL_SOFT_DEVICES", "3").n_devices, 3);
        assert_eq!(with("RIGEL_SOFT_MEMORY", "1G").memory_bytes, 1 << 30);
        assert_eq!(with("RIGEL_SOFT_CAPABILITY", "13.0").capability, (13, 0));
        assert_eq!(with("RIGEL_SOFT_KERNELS", "skip").kernels, KernelMode::Skip);
        assert_eq!(with("RIGEL_SOFT_DROP_COPY", "2").drop_copy, Some(2));
        assert_eq!(with("RIGEL_SOFT_THREADS", "1").threads, Some(1));
    }

    #[test]
    fn config_nonsense_leaves_the_default() {
        for name in [
            "RIGEL_SOFT_DEVICES",
            "RIGEL_SOFT_MEMORY",
            "RIGEL_SOFT_CAPABILITY",
            "RIGEL_SOFT_THREADS",
        ] {
            assert_eq!(with(name, "-1"), Config::default(), "{name}");
        }
    }

    #[test]
    fn config_stats_path_takes_the_process_id() {
        let path = with("RIGEL_SOFT_STATS", "stats-%p.json").stats.unwrap();
        assert_eq!(
            path,
            PathBuf::from(format!("stats-{}.json", std::process::id()))
        );
    }
}
