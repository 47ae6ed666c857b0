//! What a client process loads as libnvidia-ml.so.1: the session's view of its virtual GPUs.
