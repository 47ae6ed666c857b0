"""pycuda has nvcc make machine code, which no soft GPU executes: here it is asked for PTX, and nvcc is found where
the environment of the suites has it.
"""

import functools
import os
import pathlib

import pycuda.compiler

os.environ["PATH"] = f"{pathlib.Path(os.environ['CUDA_ROOT']) / 'bin'}{os.pathsep}{os.environ['PATH']}"
pycuda.compiler.compile = functools.partial(pycuda.compiler.compile, target="ptx")
