"""What calls and bytes cost on each way, and whether quotas and shares hold. The figures of calls are
the bench's own client's, run natively and pooled on the real driver."""

import json
import subprocess
import time

import process
from pool import WAYS, Lease, Pool

NAMES = ("floors", "calls", "copies", "quota", "share")

#: Name, what the bench's client is told, its figure, unit, and whether more is better.
CALLS = (
    ("first cuInit to ready", "start", "start_ms", "ms", False),
    ("waiting call, p50", "waiting --threads 1 --rounds 3", "p50_us", "us", False),
    ("posted launch, caller's cost", "launching --threads 1 --rounds 3", "launch_us", "us", False),
    ("step: 324 launches and 4 B back", "step --rounds 3", "step_ms", "ms", False),
)
KINDS = ("pageable", "pinned", "registered")
DIRECTIONS = (("host to device", "up_gb_s"), ("device to host", "down_gb_s"))

GIB = 1 << 30
#: What a driver gives out at once.
GRANULARITY = 2 << 20
#: How long a tenant's kernels last by the GPU's clock, in nanoseconds, and their blocks.
KERNEL_NS = 300_000
BLOCKS = 16


def take(names, place, clock):
    """Takes the measures by name. One that fails is a row that says so."""
    rows = []
    for name in names:
        if clock.left() < 10:
            rows.append({"name": name, "result": "skipped: no time left"})
            continue
        try:
            taken = TAKEN[name](place, clock)
        except (OSError, RuntimeError, ValueError, AssertionError) as error:
            taken = [{"name": name, "result": f"FAILED: {error}"}]
        for row in taken:
            print(f"{row['name']:<48} {row['result']}", flush=True)
        rows += taken
    return rows


def floors(place, clock):
    """What QUIC and TCP cost on this machine without Rigel, on loopback."""
    outcome = process.run([place.pack / "bin/rigel-bench", "floors"], place.environment(), min(60, clock.left()))
    if outcome.status != 0:
        raise RuntimeError(f"{outcome.word()}: {outcome.last_words()}")
    seen = json.loads(outcome.stdout)
    said = (("bare quinn, round trip", "quinn_round_trip_us", "us"), ("bare quinn", "quinn_gb_s", "GB/s"),
            ("bare TCP", "tcp_gb_s", "GB/s"), ("bare TCP with TLS", "tls_gb_s", "GB/s"))
    return [{"name": name, "result": f"{seen[key]:.4g} {unit}", "seen": seen[key]} for name, key, unit in said]


def calls(place, clock):
    with Pool(place, "bench") as pool:
        return [compared(pool, name, part, key, unit, more, clock) for name, part, key, unit, more in CALLS]


def copies(place, clock):
    size = 16 << 20 if place.soft else 256 << 20
    rows = []
    with Pool(place, "bench-copies") as pool:
        for kind in KINDS:
            part = f"copies --bytes {size} --rounds 3 --memory {kind}"
            figures = {way: client(pool, way, part, clock) for way in WAYS}
            for direction, key in DIRECTIONS:
                name = f"{direction}, {size >> 20} MiB {kind}"
                rows.append(row(name, {way: figures[way][key] for way in WAYS}, "GB/s", True))
    return rows


def compared(pool, name, part, key, unit, more, clock):
    return row(name, {way: client(pool, way, part, clock)[key] for way in WAYS}, unit, more)


def row(name, figures, unit, more):
    def ratio(way):
        ours, native = figures[way], figures["native"]
        return ours / native if more else native / ours

    ratios = {way: round(ratio(way), 4) for way in WAYS[1:]}
    shown = ", ".join(f"{way} {figures[way]:.4g}" for way in WAYS)
    return {"name": name, "result": f"{shown} {unit}", "figures": figures, "unit": unit, "ratio": ratios}


def client(pool, way, part, clock):
    """One part of the bench's client, on one way."""
    command = [*pool.before(way), pool.place.pack / "bin/rigel-bench", "client", *part.split()]
    outcome = process.run(command, pool.environment(way), min(90, clock.left()))
    if outcome.status != 0:
        raise RuntimeError(f"{part} {way}: {outcome.word()}: {outcome.last_words()}")
    return json.loads(outcome.stdout)


def quota(place, clock):
    """A lease of 2 GiB: never more, and all of it but what the driver takes for a context."""
    memory = 2 * GIB
    leases = (Lease("small", memory="2GiB"),)
    rows = []
    with Pool(place, "quota", leases=leases) as pool:
        for way in WAYS[1:]:
            command = [*pool.before(way, "small"), place.python, place.pack / "clients/quota.py"]
            outcome = process.run(command, pool.environment(way), min(90, clock.left()))
            if outcome.status != 0:
                raise RuntimeError(f"{way}: {outcome.word()}: {outcome.last_words()}")
            seen = json.loads(outcome.stdout)
            exact = (seen["total"] == memory and seen["held"] <= memory and seen["left"] < GRANULARITY
                     and seen["free"] - seen["held"] < GRANULARITY and seen["again"] == 0
                     and seen["refusal"] == 2)
            word = "holds" if exact else "FAILED: does not hold"
            held, free = seen["held"] >> 20, seen["free"] >> 20
            said = f"{word}: {held} MiB of {free} MiB free of {memory >> 20} MiB"
            rows.append({"name": f"quota of 2 GiB, {way}", "result": said, "seen": seen})
    return rows


class Tenant:
    """A process that runs equal kernels and counts them."""

    def __init__(self, pool, lease, way="shm"):
        command = [*pool.before(way, lease), pool.place.pack / "bin/rigel-bench", "share-client",
                   "--way", "batch", "--blocks", BLOCKS]
        self.child = subprocess.Popen(
            [str(word) for word in command], env=pool.environment(way), text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)

    def ask(self, line):
        self.tell(line)
        answer = self.child.stdout.readline().strip()
        if not answer:
            raise RuntimeError("a tenant ended")
        return answer

    def tell(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def halt(self):
        """Its counts: host time in nanoseconds and kernels done until then."""
        words = [int(word) for word in self.ask("halt").split()[2:]]
        return list(zip(words[::2], words[1::2]))

    def end(self):
        self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            process.end_group(self.child)


def share(place, clock):
    """Two tenants at 30 and 70 percent: kernels a second beside each other over those alone."""
    window = 4.0 if place.soft else min(10.0, clock.left() / 5)
    terms = {"low": 30, "high": 70}
    leases = [Lease("free"), *(Lease(name, compute=f"{part}..100") for name, part in terms.items())]
    with Pool(place, "share", leases=leases) as pool:
        tenants = {}
        try:
            for name in leases:
                tenants[name.name] = Tenant(pool, name.name)
            # A GPU executes the blocks beside each other, the soft one after each other.
            length = KERNEL_NS // BLOCKS if place.soft else KERNEL_NS
            for tenant in tenants.values():
                tenant.ask(f"length {length}")
            alone = {name: speeds([tenants[name]], window / 2)[0] for name in terms}
            together = speeds([tenants[name] for name in terms], window)
        finally:
            for tenant in tenants.values():
                tenant.end()
    rows = []
    for (name, part), both in zip(terms.items(), together):
        got = 100 * both / alone[name]
        rows.append({"name": f"share of {part} % beside {100 - part} %",
                     "result": f"{got:.1f} %, {got - part:+.1f} points", "percent": got,
                     "error": round(got - part, 2)})
    return rows


def speeds(tenants, seconds):
    """Kernels a second of tenants that run together, without the first second, in which shares settle."""
    for tenant in tenants:
        tenant.tell("go")
    time.sleep(seconds + 1)
    counts = [tenant.halt() for tenant in tenants]
    begin = max(points[0][0] for points in counts) + 1_000_000_000
    end = min(points[-1][0] for points in counts)
    return [(done_at(points, end) - done_at(points, begin)) / ((end - begin) / 1e9) for points in counts]


def done_at(points, when):
    """Kernels done at a time between two counts."""
    before = max((point for point in points if point[0] <= when), default=points[0])
    after = min((point for point in points if point[0] > when), default=points[-1])
    if after[0] == before[0]:
        return before[1]
    return before[1] + (after[1] - before[1]) * (when - before[0]) / (after[0] - before[0])


TAKEN = {"floors": floors, "calls": calls, "copies": copies, "quota": quota, "share": share}
