//! What a client process loads as libcuda.so.1: a Driver that forwards to a pool.
