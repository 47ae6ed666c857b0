"""Runs tests of a Rust test program one by one and tells what becomes of each, as `runner.py` does for Python.

A test has a process of its own: one that dies takes no other with it. The events are those of `runner.py`;
which library answered the driver calls is what the loader itself says (`LD_DEBUG`).
"""

import argparse
import json
import os
import pathlib
import re
import subprocess

REASON_CHARS_MAX = 1000
DRIVER = re.compile(r"calling init: (/\S*/libcuda\.so\.1)$", re.MULTILINE)


def listed(binary):
    """The names of its tests."""
    output = subprocess.run(
        [binary, "--list", "--format", "terse"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    lines = (line.rpartition(": ") for line in output.splitlines())
    return [name for name, _, kind in lines if kind == "test"]


def run(binary, test):
    """Whether it passed, why not, and the driver libraries that were loaded."""
    prefix = pathlib.Path(f"loader-{os.getpid()}")
    environment = dict(os.environ, LD_DEBUG="libs", LD_DEBUG_OUTPUT=str(prefix))
    process = subprocess.run(
        [binary, "--exact", test, "--test-threads=1", "--nocapture"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    )
    libraries = set()
    for log in pathlib.Path().glob(f"{prefix}.*"):
        libraries.update(DRIVER.findall(log.read_text(errors="replace")))
        log.unlink()
    if process.returncode == 0 and "1 passed" in process.stdout:
        return "passed", "", libraries
    if process.returncode == 0 and "1 ignored" in process.stdout:
        return "skipped", "the crate ignores it", libraries
    reason = f"exit status {process.returncode}: {process.stdout.strip()}"
    return "failed", reason[-REASON_CHARS_MAX:], libraries


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--events", required=True)
    parser.add_argument("--tests")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    with open(arguments.events, "a", encoding="utf-8") as events:

        def tell(**event):
            events.write(json.dumps(event) + "\n")
            events.flush()

        if arguments.list:
            for test in listed(arguments.binary):
                tell(event="collected", id=test)
            return
        libraries = set()
        for test in pathlib.Path(arguments.tests).read_text(encoding="utf-8").split():
            tell(event="start", id=test)
            outcome, reason, loaded = run(arguments.binary, test)
            libraries.update(loaded)
            tell(event="end", id=test, outcome=outcome, reason=reason)
        tell(event="attest", libraries=sorted(os.path.realpath(path) for path in libraries))
        tell(event="done")


if __name__ == "__main__":
    main()
