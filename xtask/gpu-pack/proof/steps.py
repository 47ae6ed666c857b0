"""The ladder: each step is an unmodified program, run natively, through shared memory and over QUIC. Its
standard output has to be the same each time, and its driver calls have to go where they should."""

import concurrent.futures
import dataclasses
import json
import pathlib
import re

import machine
import process
from pool import WAYS

#: Programs of C++ that run at the same time: each is short and mostly waits for its start.
BESIDE = 2


@dataclasses.dataclass(frozen=True)
class Step:
    """One program. `needs` are packages of the interpreter; `seconds` is what one way may take."""

    name: str
    script: str = ""
    arguments: tuple = ()
    needs: tuple = ()
    seconds: float = 120
    #: Two numbers of steps, if the calls of a step that wait for an answer are to be counted.
    waits: tuple = ()

    def skips_kernels(self, place):
        """PyTorch's wheels hold no PTX: on the soft driver everything but the kernels runs."""
        return place.soft and "torch" in self.needs

    def command(self, place):
        if not self.script:
            return [place.pack / "programs" / self.name]
        return [place.python, place.pack / "clients" / self.script, *self.arguments]


def torch(name, script, *arguments, **more):
    return Step(f"torch {name}", script, arguments, ("torch",), **more)


FEATURES = ("streams", "amp", "graph", "compiled", "loader", "processes", "shared", "snapshot", "exhaust",
            "profiled")


def programs():
    """The CUDA C++ programs of the pack, by the runtime that they were built with."""
    folder = pathlib.Path(__file__).resolve().parent.parent / "programs"
    found = sorted(path for path in folder.glob("cuda1?/*") if path.is_file())
    return [Step(str(path.relative_to(folder)), seconds=60) for path in found]


STEPS = [
    torch("start", "torch_start.py", seconds=150),
    torch("operations", "torch_operations.py"),
    *(torch(f"train {name}", "torch_training.py", name, waits=(4, 14))
      for name in ("mlp", "resnet50", "gpt2", "vit")),
    torch("decode", "torch_decode.py"),
    torch("copies", "torch_copies.py"),
    Step("triton", "triton_kernels.py", needs=("triton",)),
    Step("cupy", "cupy_arrays.py", needs=("cupy",)),
    Step("numba", "numba_kernels.py", needs=("numba_cuda",)),
    Step("jax", "jax_training.py", needs=("jax",)),
    Step("xgboost", "xgboost_classification.py", needs=("xgboost",)),
    *(torch(name, "torch_features.py", name) for name in FEATURES),
    *programs(),
]


def climb(chosen, place, pool, clock):
    """Runs the steps in order, short programs beside one another. Returns a row a step."""
    packages = machine.packages(place)
    rows = []
    with concurrent.futures.ThreadPoolExecutor(BESIDE) as beside:
        scripts = [step for step in chosen if step.script]
        for step in scripts:
            rows.append(attempt(step, place, pool, clock, packages))
            say(rows[-1])
        short = [step for step in chosen if not step.script]
        for row in beside.map(lambda step: attempt(step, place, pool, clock, packages), short):
            rows.append(row)
            say(row)
    return rows


def say(row):
    ratios = " ".join(f"{way} {row['ratio'][way]:.2f}x" for way in row.get("ratio", {}))
    print(f"{row['name']:<32} {row['result']} {ratios}", flush=True)


def attempt(step, place, pool, clock, packages):
    row = {"name": step.name, "result": "equal", "ways": {}, "ratio": {}, "rates": {}}
    absent = [name for name in step.needs if name not in packages]
    if absent:
        return {**row, "result": f"skipped: no {', '.join(absent)} here"}
    outputs = {}
    for way in WAYS:
        seconds = min(step.seconds, clock.left_for_steps())
        if seconds < 5:
            return {**row, "result": "skipped: no time left"}
        outcome = process.run([*pool.before(way), *step.command(place)], pool.environment(way), seconds,
                              place.work)
        word = outcome.word()
        if word == "ok":
            word = strayed(outcome.stderr, way, place)
        row["ways"][way] = {"word": word, "seconds": round(outcome.seconds, 3)}
        row["rates"][way] = rates(outcome.stderr)
        if word != "ok":
            return {**row, "result": f"FAILED {way}: {word}", "complaint": outcome.last_words()}
        outputs[way] = outcome.stdout
        if outputs[way] != outputs["native"]:
            row["result"] = f"DIFFERS {way}"
            row["complaint"] = difference(outputs["native"], outputs[way])
            return row
    row["ratio"] = {way: ratio(row, way) for way in WAYS[1:]}
    if step.waits:
        # The same on both links: what waits is decided before the link.
        row["waits"] = waits(step, place, pool, WAYS[1])
    return row


def strayed(stderr, way, place):
    """Whether the driver calls went elsewhere than they should: every program attests to its library."""
    attested = re.findall(r"^attest: (.*)$", stderr, re.MULTILINE)
    if not attested:
        return "attests to no library"
    ours = {"shm": "shim", "quic": "shim", "native": "soft" if place.soft else ""}[way]
    inside = pathlib.Path(attested[0]).resolve().is_relative_to((place.pack / "rigel").resolve())
    expected = (place.pack / "rigel" / ours / "libcuda.so.1").resolve()
    right = pathlib.Path(attested[0]).resolve() == expected if ours else not inside
    return "ok" if right else f"calls went to {attested[0]}"


def rates(stderr):
    found = re.findall(r"^rate: (\S+) (\S+) (\S+)$", stderr, re.MULTILINE)
    return {name: {"value": float(value), "unit": unit} for name, value, unit in found}


def ratio(row, way):
    """The pooled program's speed over the native one's: of its first rate, else of the whole run."""
    native, ours = row["rates"]["native"], row["rates"][way]
    for name, figure in native.items():
        if name in ours and figure["value"] > 0:
            return ours[name]["value"] / figure["value"]
    return row["ways"]["native"]["seconds"] / row["ways"][way]["seconds"]


def waits(step, place, pool, way):
    """Calls of a training step that wait for an answer: what two runs of different length differ by."""
    counted = []
    for count in step.waits:
        stats = place.work / "stats.json"
        command = [*pool.before(way), *step.command(place), str(count)]
        outcome = process.run(command, pool.environment(way, {"RIGEL_STATS": str(stats)}), step.seconds, place.work)
        if outcome.status != 0 or not stats.exists():
            return None
        counted.append(json.loads(stats.read_text())["waited"])
        stats.unlink()
    return (counted[1] - counted[0]) / (step.waits[1] - step.waits[0])


def difference(before, after):
    rows = [(a, b) for a, b in zip(before.splitlines(), after.splitlines()) if a != b]
    if not rows:
        return f"{len(before.splitlines())} lines against {len(after.splitlines())}"
    return "\n".join(f"native: {a}\npooled: {b}" for a, b in rows[:4])
