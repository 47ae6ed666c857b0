"""The report: a page for people, and whether everything that ran was right."""

from pool import WAYS

#: What has to hold on a real GPU, by the name of a step or measure: least ratio to native in shared memory.
TARGETS = {
    "torch train mlp": 0.99, "torch train resnet50": 0.99, "torch train gpt2": 0.99,
    "torch train vit": 0.99, "torch decode": 0.97,
    "host to device, 256 MiB pinned": 0.95, "device to host, 256 MiB pinned": 0.95,
    "host to device, 256 MiB pageable": 0.9, "device to host, 256 MiB pageable": 0.9,
}
SHARE_ERROR_MAX = 2.0


def everything(found):
    return [*filter(None, [found["conformance"]]), *found["steps"], *found["measures"]]


def wrong(row):
    return any(word in row["result"] for word in ("FAILED", "DIFFERS"))


def passed(found):
    """Whether nothing that ran failed or differed, and something ran. Missed speeds are in the report."""
    rows = everything(found)
    ran = [row for row in rows if not row["result"].startswith("skipped")]
    return bool(ran) and not any(wrong(row) for row in ran)


def summary(found):
    rows = everything(found)
    skipped = sum(row["result"].startswith("skipped") for row in rows)
    failed = sum(wrong(row) for row in rows)
    return (f"{len(rows) - skipped - failed} passed, {failed} failed, {skipped} skipped "
            f"in {found['seconds']:.0f} s")


def markdown(found):
    machine = found["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items()) or "none"
    parts = [
        "# Rigel on this machine\n",
        f"- GPU: {machine['gpu']}\n- Rigel: {machine['rigel']}, commit {machine['commit']}",
        f"- {machine['processors']} processors, kernel {machine['kernel']}, load {machine['load']:.1f}",
        f"- Python {machine['python']}: {packages}\n", summary(found) + ".\n",
    ]
    if machine["driver"] == "soft":
        parts.append("Without a GPU: on the soft driver, PyTorch's kernels skipped. No figure here is a GPU's.\n")
    parts += [ladder(found["steps"]), measured(found["measures"]), targets(found), differences(found)]
    complaints = [row for row in found["steps"] if row.get("complaint")]
    for row in complaints:
        parts.append(f"## {row['name']}: {row['result']}\n\n```\n{row['complaint']}\n```\n")
    return "\n".join(parts)


def ladder(rows):
    lines = ["## Programs\n", "Speed is pooled over native: of the figure the program reports, else of the whole run.\n",
             "| program | result | native | shm | QUIC | shm / native | QUIC / native | waits a step |",
             "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        cells = [speed(row, way) for way in WAYS]
        cells += [f"{row['ratio'][way]:.3f}" if way in row["ratio"] else "" for way in WAYS[1:]]
        waits = row.get("waits")
        cells.append("" if waits is None else f"{waits:.1f}")
        lines.append(f"| {row['name']} | {row['result']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def speed(row, way):
    for figure in row["rates"].get(way, {}).values():
        return f"{figure['value']:.4g} {figure['unit']}"
    ran = row["ways"].get(way)
    return f"{ran['seconds']:.2f} s" if ran else ""


def measured(rows):
    lines = ["## Calls, bytes, leases\n", "| what | result | shm / native | QUIC / native |", "|---|---|---|---|"]
    for row in rows:
        ratios = [f"{row['ratio'][way]:.3f}" if "ratio" in row else "" for way in WAYS[1:]]
        lines.append(f"| {row['name']} | {row['result']} | " + " | ".join(ratios) + " |")
    return "\n".join(lines) + "\n"


def targets(found):
    lines = ["## What has to hold\n", "| what | wanted | got | met |", "|---|---|---|---|"]
    if found["machine"]["driver"] == "soft":
        return "## What has to hold\n\nNot measured: there is no GPU.\n"
    rows = {row["name"]: row for row in [*found["steps"], *found["measures"]]}
    for name, least in TARGETS.items():
        got = rows.get(name, {}).get("ratio", {}).get("shm")
        shown = "not measured" if got is None else f"{got:.3f}"
        met = "" if got is None else "yes" if got >= least else "no"
        lines.append(f"| {name} | >= {least} of native | {shown} | {met} |")
    for row in found["measures"]:
        if "error" in row:
            met = "yes" if abs(row["error"]) <= SHARE_ERROR_MAX else "no"
            lines.append(f"| {row['name']} | within {SHARE_ERROR_MAX} points | {row['error']:+.1f} | {met} |")
    return "\n".join(lines) + "\n"


def differences(found):
    suite = found["conformance"]
    if suite is None:
        return ""
    lines = ["## Conformance\n", suite["result"] + ".\n"]
    for row in suite["differences"]:
        believed = ", believed" if row["believed"] else ""
        lines.append(f"- `{row['case']}` ({row['section']}{believed}): {row['rule']}")
        answers = ("expected", *WAYS, "soft")
        lines += [f"    - {name}: {row[name]}" for name in answers if name in row]
        lines += [f"    - known: {row['known']}"] if row["known"] else []
    return "\n".join(lines) + "\n"
