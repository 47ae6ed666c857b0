"""The order of everything: who is asked first, what runs as long as there is time, what is written at the end."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile

import conformance
import machine
import measures
import report
import steps
from clock import Clock
from pool import Place, Pool


def arguments():
    parser = argparse.ArgumentParser(
        prog="run.sh",
        description="Runs Rigel on this machine's GPU and compares with the same programs run natively. "
        "Nothing is installed, no setting of the GPU is changed, and nothing stays behind but the reports.",
    )
    parser.add_argument("--minutes", type=float, default=9.0, metavar="N",
                        help="how long it may take; what does not fit is skipped and said (default: 9)")
    parser.add_argument("--driver", choices=("nvidia", "soft"), default="nvidia",
                        help="soft: without a GPU, on the driver that runs kernels on the CPU")
    parser.add_argument("--only", default="", metavar="TEXT",
                        help="only the steps and measures whose name contains this")
    parser.add_argument("--python", default=sys.executable, metavar="FILE",
                        help="the interpreter that has PyTorch, CuPy and others")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR",
                        help="where the reports go (default: beside run.sh)")
    parser.add_argument("--list", action="store_true", help="name the steps and measures, and end")
    return parser.parse_args()


def main():
    # As if by ctrl-c, so that servers are stopped and folders removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    asked = arguments()
    pack = pathlib.Path(__file__).resolve().parent.parent
    if asked.list:
        print("\n".join(["conformance", *(step.name for step in steps.STEPS), *measures.NAMES]))
        return 0
    clock = Clock(asked.minutes * 60)
    python = shutil.which(asked.python)
    if python is None:
        raise SystemExit(f"run.sh: there is no program {asked.python}; --python names an interpreter")
    out = (asked.out or pack).resolve()
    out.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="rigel-proof-"))
    try:
        found = prove(asked, Place(pack, work, asked.driver, os.path.abspath(python)), clock)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    (out / "report.json").write_text(json.dumps(found, indent=1) + "\n")
    (out / "report.md").write_text(report.markdown(found))
    print(report.summary(found))
    print(f"{out}/report.md")
    return 0 if report.passed(found) else 1


def prove(asked, place, clock):
    def wanted(name):
        return asked.only in name

    found = {"machine": machine.describe(place), "steps": [], "measures": [], "conformance": None}
    with Pool(place, "ladder") as pool:
        if wanted("conformance"):
            found["conformance"] = conformance.compare(place, pool, clock)
            print(f"{'conformance':<32} {found['conformance']['result']}", flush=True)
        chosen = [step for step in steps.STEPS if wanted(step.name) and not step.skips_kernels(place)]
        found["steps"] += steps.climb(chosen, place, pool, clock)
    chosen = [step for step in steps.STEPS if wanted(step.name) and step.skips_kernels(place)]
    if chosen:
        with Pool(place, "calls", {"RIGEL_SOFT_KERNELS": "skip"}) as pool:
            found["steps"] += steps.climb(chosen, place, pool, clock)
    found["measures"] = measures.take([name for name in measures.NAMES if wanted(name)], place, clock)
    found["seconds"] = round(clock.spent(), 1)
    return found


if __name__ == "__main__":
    sys.exit(main())
