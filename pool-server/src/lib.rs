//! Owns GPUs and shares them: the daemon and the worker processes.
