//! Keeps two copies of a session's rings equal; knows nothing of CUDA.
