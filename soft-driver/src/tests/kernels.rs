//! Kernels: launched, counted, failing.
