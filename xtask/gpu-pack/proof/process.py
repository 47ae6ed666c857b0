"""A program with a deadline: what it printed, how long it took, and that nothing of it stays behind."""

import dataclasses
import os
import signal
import subprocess
import time


@dataclasses.dataclass
class Outcome:
    """What a program left. `status` is None where it ran out of time."""

    status: int | None
    stdout: str
    stderr: str
    seconds: float

    def word(self):
        """`ok`, or what went wrong."""
        if self.status is None:
            return f"not done after {self.seconds:.0f} s"
        return "ok" if self.status == 0 else f"status {self.status}"

    def last_words(self):
        """The end of what it complained of."""
        return "\n".join(self.stderr.strip().splitlines()[-6:])


def run(command, environment, seconds, folder=None):
    """Runs a program to its end, or ends it and its children at the deadline."""
    started = time.monotonic()
    child = subprocess.Popen(
        [str(word) for word in command], env=environment, cwd=folder, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )
    try:
        stdout, stderr = child.communicate(timeout=max(seconds, 1))
        status = child.returncode
    except subprocess.TimeoutExpired:
        end_group(child)
        stdout, stderr = child.communicate()
        status = None
    except BaseException:
        end_group(child)
        raise
    return Outcome(status, stdout, stderr, time.monotonic() - started)


def end_group(child):
    """Kills a program that was started in a session of its own, and whatever it started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()
