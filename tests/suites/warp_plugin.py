"""Warp compiles kernels to PTX rather than to machine code, which no soft GPU executes."""

import warp

warp.config.cuda_output = "ptx"
