"""What the proof ran on: GPU, driver, processor, kernel, and the packages that programs came with."""

import json
import os
import platform
import process

PACKAGES = ("torch", "cupy", "numba", "numba_cuda", "triton", "jax", "xgboost", "numpy")

VERSIONS = """
import importlib.metadata as metadata, json, sys
names = metadata.packages_distributions()
found = {}
for name in sys.argv[1:]:
    owners = names.get(name)
    if owners:
        found[name] = metadata.version(owners[0])
print(json.dumps(found))
"""


def describe(place):
    asked = "name,driver_version,memory.total,compute_cap,clocks_throttle_reasons.active"
    gpu = "soft driver"
    if not place.soft:
        answer = optional(["nvidia-smi", f"--query-gpu={asked}", "--format=csv,noheader"], place)
        gpu = answer or "nvidia-smi does not answer"
    described = optional([place.rigel, "--version"], place)
    commit = place.pack / "commit"
    return {
        "gpu": gpu, "driver": place.driver, "rigel": described,
        "commit": commit.read_text().strip() if commit.exists() else "unknown",
        "processors": len(os.sched_getaffinity(0)), "kernel": platform.release(),
        "python": platform.python_version(), "packages": packages(place), "load": os.getloadavg()[0],
    }


def packages(place):
    """Versions of what the interpreter has; an import would take long and start the driver."""
    answer = optional([place.python, "-c", VERSIONS, *PACKAGES], place)
    return json.loads(answer) if answer else {}


def optional(command, place):
    try:
        outcome = process.run(command, place.environment(), 30)
    except OSError:
        return ""
    return outcome.stdout.strip() if outcome.status == 0 else ""
