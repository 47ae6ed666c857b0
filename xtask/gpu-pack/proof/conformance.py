"""The conformance suite on the machine's driver, on the soft driver, and through the pool on both links.

Where NVIDIA's driver and the soft driver differ, a belief of the soft driver's authors is wrong; where the pool
and the driver behind it differ, the pool can be told from a GPU. What is known of the pool stands in `known.txt`, with
its reason."""

import json
import pathlib

import process
from pool import WAYS

SECONDS = 60


def compare(place, pool, clock):
    suite = place.pack / "bin/rigel-conformance"
    runs = {way: cases(suite, way, pool.before(way), place, clock) for way in WAYS}
    runs["soft"] = runs["native"]
    if not place.soft:
        runs["soft"] = cases(suite, "soft", [place.rigel, "soft", "--"], place, clock)
    complete = {name: run for name, run in runs.items() if run}
    differences = [difference(name, complete) for name in sorted({name for run in complete.values() for name in run})]
    differences = [found for found in differences if found]
    known = known_differences()
    for row in differences:
        row["known"] = known.get(row["case"], "")
    pooled = sum(row["pooled"] and not row["known"] for row in differences)
    word = "FAILED: " if pooled or len(complete) < len(runs) or not runs["native"] else ""
    missing = "".join(f", nothing from {name}" for name in runs if name not in complete)
    result = f"{word}{len(runs['native'])} cases, {len(differences)} with different answers, {pooled} unknown of the pool"
    return {"name": "conformance", "result": result + missing, "differences": differences}


def known_differences():
    """Why a case is known to differ, by its name; a line is the case, where, and why."""
    lines = (pathlib.Path(__file__).parent / "known.txt").read_text().splitlines()
    rows = (line.split(" ", 2) for line in lines if line and not line.startswith("#"))
    return {case: why for case, _, why in rows}


def difference(name, runs):
    """A row if the runs do not all answer the same, or not what is expected."""
    rows = {run: cases[name] for run, cases in runs.items() if name in cases}
    got = {run: row["got"] for run, row in rows.items()}
    first = next(iter(rows.values()))
    if set(got.values()) == {first["expected"]} or any(answer.startswith("needs ") for answer in got.values()):
        return None
    pooled = any(got.get(way) != got.get("native") for way in WAYS[1:])
    return {"case": name, "section": first["section"], "rule": first["rule"], "believed": first["believed"],
            "expected": first["expected"], **{run: got.get(run, "not run") for run in runs}, "pooled": pooled}


def cases(suite, way, before, place, clock):
    """The answers by the case's name; none where the suite did not run."""
    seconds = min(SECONDS, clock.left_for_steps())
    outcome = process.run([*before, suite, "--json"], place.environment(way=way), seconds)
    rows = [json.loads(line) for line in outcome.stdout.splitlines() if line.startswith("{")]
    if outcome.status is None:
        # The last line may be half of one, and its case is not done.
        rows = rows[:-1]
    return {row["case"]: row for row in rows}
