//! Everything a developer runs: codegen, api-check, test, demo, bench, gpu-pack.

fn main() {}
