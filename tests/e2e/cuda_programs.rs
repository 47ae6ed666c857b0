//! The CUDA C++ programs: with each runtime and linkage, directly, through shared memory, over QUIC.
//!
//! Each program checks its own results; here its output must be the same on every path, and it must
//! attest that its driver calls went into our library.

use anyhow::{Result, ensure};
use rigel_tests::{Client, Installation, Server, missing, run_alike};

/// Runs all four builds of a program in all three modes on one server.
fn check(name: &str) -> Result<()> {
    let installation = Installation::find()?;
    let builds = ["cuda12", "cuda13"]
        .into_iter()
        .flat_map(|runtime| ["static", "shared"].map(|linkage| (runtime, linkage)));
    let clients: Vec<Client> = builds
        .map(|(runtime, linkage)| Client::new(installation.cuda_program(runtime, linkage, name)))
        .collect();
    if !clients.iter().all(Client::exists) && missing("`cargo xtask programs`") {
        return Ok(());
    }
    let server = Server::start()?;
    for client in &clients {
        let output = run_alike(client, &server)?;
        ensure!(output.contains("driver: libcuda.so.1\n"), "{output}");
    }
    Ok(())
}

/// One test a program, so that a failure names it.
macro_rules! programs {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() -> Result<()> {
                check(stringify!($name))
            }
        )*

        /// A program that was added but is not listed here would never run.
        #[test]
        fn every_program_has_a_test() {
            let listed = [$(stringify!($name)),*];
            let folder = Installation::sources().join("cuda");
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                // Driven by the tests of bad days, line by line.
                let scripted = name == "scripted";
                if path.extension().is_some_and(|extension| extension == "cu") && !scripted {
                    assert!(listed.contains(&name.as_str()), "{name} has no test");
                }
            }
        }
    };
}

programs! {
    async_alloc
    captured_pageable
    cooperative
    device_printf
    device_symbols
    errors
    fork
    graph_memory
    graph_nodes
    graphs
    histogram
    host_callbacks
    managed
    math
    matmul_tiled
    memory
    occupancy
    per_thread_stream
    reduction
    registered
    scan
    shared_memory
    streams_events
    tensor_cores
    thrust_algorithms
    two_threads
    vector_add
}
