//! End to end: unmodified programs, directly on a driver and through the pool.
