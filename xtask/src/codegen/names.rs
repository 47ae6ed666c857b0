//! How a C name is spelled behind the border. Read [`method`] first.

/// The method of a C function: without `cu`, without the version, in snake case.
pub(super) fn method(symbol: &str) -> String {
    let (base, _) = split_version(symbol);
    snake(base.strip_prefix("cu").unwrap_or(base))
}

/// The constant of a call: the whole symbol, version included, in capitals.
pub(super) fn constant(symbol: &str) -> String {
    let (base, version) = split_version(symbol);
    let mut name = snake(base.strip_prefix("cu").unwrap_or(base)).to_uppercase();
    if version > 1 {
        name.push_str(&format!("_V{version}"));
    }
    name
}

/// Splits `cuMemAlloc_v2` into `cuMemAlloc` and 2; a plain name is version 1.
pub(super) fn split_version(symbol: &str) -> (&str, u32) {
    if let Some((base, digits)) = symbol.rsplit_once("_v")
        && let Ok(version) = digits.parse()
    {
        return (base, version);
    }
    (symbol, 1)
}

/// A parameter's name.
pub(super) fn parameter(name: &str) -> String {
    let name = snake(name.trim_start_matches("r#"));
    match name.as_str() {
        "type" => "kind".to_owned(),
        "in" | "mod" | "ref" | "fn" | "self" | "cx" | "match" | "move" => format!("{name}_"),
        _ => name,
    }
}

/// Snake case, with the acronyms of CUDA kept together.
pub(super) fn snake(name: &str) -> String {
    const TOGETHER: [(&str, &str); 8] = [
        ("HtoD", "Htod"),
        ("DtoH", "Dtoh"),
        ("DtoD", "Dtod"),
        ("P2P", "P2p"),
        ("SMem", "Smem"),
        ("GPUDirect", "GpuDirect"),
        ("3D", "3d"),
        ("2D", "2d"),
    ];
    let mut name = name.to_owned();
    for (from, to) in TOGETHER {
        name = name.replace(from, to);
    }
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let starts_word = match before {
            None | Some('_') => false,
            Some(before) if before.is_ascii_uppercase() => {
                c.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase)
            }
            Some(_) => c.is_ascii_uppercase(),
        };
        if starts_word {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_of_versioned_names_drops_the_version() {
        let cases = [
            ("cuMemAlloc_v2", "mem_alloc"),
            ("cuMemcpyHtoDAsync_v2", "memcpy_htod_async"),
            ("cuDeviceGetP2PAttribute", "device_get_p2p_attribute"),
            ("cuIpcGetMemHandle", "ipc_get_mem_handle"),
            ("cuDeviceGetPCIBusId", "device_get_pci_bus_id"),
            ("cuStreamWriteValue32_v2", "stream_write_value32"),
            (
                "cuOccupancyAvailableDynamicSMemPerBlock",
                "occupancy_available_dynamic_smem_per_block",
            ),
        ];
        for (symbol, expected) in cases {
            assert_eq!(method(symbol), expected);
        }
    }

    #[test]
    fn constant_keeps_the_version() {
        assert_eq!(constant("cuMemAlloc_v2"), "MEM_ALLOC_V2");
        assert_eq!(constant("cuMemAlloc"), "MEM_ALLOC");
    }
}
