"""Where things lie, a server of the proof's own, and how a program is started on each way."""

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import threading

WAYS = ("native", "shm", "quic")


@dataclasses.dataclass
class Place:
    """The pack, a folder that is removed at the end, the driver that is proved on, and an interpreter."""

    pack: pathlib.Path
    work: pathlib.Path
    driver: str
    python: str

    @property
    def soft(self):
        return self.driver == "soft"

    @property
    def rigel(self):
        return self.pack / "rigel/bin/rigel"

    def environment(self, more=None, way="native"):
        """This process's environment without anything that would redirect a program, and with caches that
        vanish, those of each way its own: no way finds what another compiled."""
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("RIGEL_") and name != "LD_PRELOAD"}
        caches = {name: str(self.work / f"{folder}-{way}") for name, folder in (
            ("CUDA_CACHE_PATH", "jit"), ("CUPY_CACHE_DIR", "cupy"), ("TRITON_CACHE_DIR", "triton"),
            ("TORCHINDUCTOR_CACHE_DIR", "inductor"), ("NUMBA_CACHE_DIR", "numba"))}
        settings = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8", "PYTHONDONTWRITEBYTECODE": "1",
                    "PYTHONPATH": str(self.pack / "clients"), "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
        if self.soft:
            settings["RIGEL_PACK_SMALL"] = "1"
            settings["RIGEL_SOFT_SHARED"] = str(self.work / "soft-gpu")
        libraries = [str(self.pack / "programs/lib"), kept.get("LD_LIBRARY_PATH", "")]
        settings["LD_LIBRARY_PATH"] = ":".join(filter(None, libraries))
        return {**kept, **caches, **settings, **(more or {})}

    def native(self):
        """What stands before a program that runs without a pool: nothing, on a real GPU."""
        return [self.rigel, "soft", "--"] if self.soft else []


class Lease:
    """A lease of the proof's server; its token is its name."""

    def __init__(self, name, **terms):
        self.name, self.terms = name, terms

    def text(self):
        lines = ["[[lease]]", f'name = "{self.name}"', f'token = "{self.name}-token"']
        return "\n".join([*lines, *(f'{key} = "{value}"' for key, value in self.terms.items())]) + "\n"


class Pool:
    """`rigel serve` on the machine's driver; ended on leaving the `with`."""

    def __init__(self, place, name, worker_environment=None, leases=(Lease("all"),)):
        self.place, self.folder, self.leases = place, place.work / name, leases
        self.worker_environment = worker_environment or {}
        self.url, self.child, self.log = "", None, []

    def __enter__(self):
        self.folder.mkdir()
        config = self.folder / "rigel.toml"
        text = (f'[server]\nsocket = "{self.folder}/rigel.sock"\nstate_dir = "{self.folder}/state"\n'
                f'listen = "127.0.0.1:0"\ndriver = "{self.place.driver}"\n')
        if self.worker_environment:
            rows = (f'{name} = "{value}"\n' for name, value in self.worker_environment.items())
            text += "[server.worker_env]\n" + "".join(rows)
        config.write_text(text + "".join(lease.text() for lease in self.leases))
        for lease in self.leases:
            self.token(lease.name).write_text(f"{lease.name}-token")
        self.child = subprocess.Popen(
            [self.place.rigel, "serve", "--config", config], env=self.place.environment(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        ready = threading.Event()
        threading.Thread(target=self.listen, args=(ready,), daemon=True).start()
        if not ready.wait(60) or self.child.poll() is not None:
            self.__exit__()
            raise SystemExit("the server does not serve:\n" + "".join(self.log))
        return self

    def listen(self, ready):
        """Keeps what the server says, within bounds, and finds its address in it."""
        for line in self.child.stdout:
            self.log = [*self.log[-400:], line]
            found = re.search(r"quic://[^ '\"]*fingerprint=[0-9a-f]+", line)
            self.url = self.url or (found.group(0) if found else "")
            if line.strip() == "rigel: ready":
                ready.set()
        ready.set()

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()

    def token(self, lease):
        return self.folder / f"{lease}.token"

    def address(self, way):
        return self.url if way == "quic" else f"unix:{self.folder}/rigel.sock"

    def before(self, way, lease="all"):
        """What stands before a program that runs this way."""
        if way == "native":
            return self.place.native()
        return [self.place.rigel, "run", "--pool", self.address(way), "--token-file", self.token(lease), "--"]

    def environment(self, way, more=None):
        return self.place.environment({**self.worker_environment, **(more or {})}, way)
