"""Runs a part of a Python test suite and tells what becomes of each test, one JSON line an event.

It decides nothing: which tests, how long each may take and what a crash means is `cargo xtask
transparency`'s business, which starts this program anew wherever a process was lost. Events are
written at once, so that those of a process that dies are known:

    {"event": "collected", "id": ID}                               with --list
    {"event": "start", "id": ID}
    {"event": "end", "id": ID, "outcome": "passed" | "failed" | "skipped", "reason": TEXT}
    {"event": "attest", "libraries": [PATH, ...]}                  files named libcuda.so.1 in use
    {"event": "done"}                                              the process ends as it should

A test that the suite expects to fail and that does so has passed. Modules are imported by their own
dotted names, since some packages refuse to be imported twice under different ones.
"""

import argparse
import importlib
import importlib.util
import json
import os
import pathlib
import sys

import pytest

REASON_CHARS_MAX = 1000


class Events:
    """The file that events go to."""

    def __init__(self, path):
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.process = os.getpid()

    def tell(self, **event):
        # A child that a test forks and that comes back here speaks for nobody.
        if os.getpid() == self.process:
            os.write(self.descriptor, (json.dumps(event) + "\n").encode())


def driver_libraries():
    """The files named libcuda.so.1 that this process has mapped."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        lines = [line.rstrip("\n").split(None, 5) for line in maps]
    paths = {line[5] for line in lines if len(line) == 6}
    return sorted(path for path in paths if path.rsplit("/", 1)[-1] == "libcuda.so.1")


class NamedModule(pytest.Module):
    """A module that is imported by its place in the package."""

    def _getobj(self):
        package, folder = self.config.stash[PLACE]
        parts = self.path.relative_to(folder).with_suffix("").parts
        try:
            return importlib.import_module(".".join(filter(None, (package, *parts))))
        except pytest.skip.Exception as skipped:
            if skipped.allow_module_level:
                raise
            raise self.CollectError(str(skipped)) from skipped
        except ImportError as error:
            raise self.CollectError(f"import {self.path}: {error}") from error


PLACE = pytest.StashKey()


class Plugin:
    """Collects by name, runs the wanted tests in the wanted order, tells what happens."""

    def __init__(self, events, place, wanted, list_only):
        self.events, self.place, self.wanted, self.list_only = events, place, wanted, list_only
        self.attested = []
        self.verdicts = {}

    def pytest_configure(self, config):
        config.stash[PLACE] = self.place

    def pytest_collect_directory(self, path, parent):
        return pytest.Dir.from_parent(parent, path=path)

    def pytest_pycollect_makemodule(self, module_path, parent):
        return NamedModule.from_parent(parent, path=module_path)

    def pytest_collectreport(self, report):
        if report.outcome == "passed":
            return
        name = report.nodeid or "(collection)"
        outcome = "skipped" if report.outcome == "skipped" else "failed"
        if self.list_only:
            self.events.tell(event="collected", id=name)
        elif name in self.wanted:
            self.events.tell(event="start", id=name)
            self.events.tell(event="end", id=name, outcome=outcome, reason=reason_of(report))

    def pytest_collection_modifyitems(self, items):
        # Parameters that are not the same in every process would name a test differently.
        if self.list_only:
            for item in items:
                self.events.tell(event="collected", id=item.nodeid)
            items.clear()
            return
        place = {name: at for at, name in enumerate(self.wanted)}
        items[:] = sorted(
            (item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid]
        )

    def pytest_runtest_logstart(self, nodeid):
        self.verdicts[nodeid] = ("passed", "")
        self.events.tell(event="start", id=nodeid)

    def pytest_runtest_logreport(self, report):
        expected = hasattr(report, "wasxfail")
        if report.failed:
            self.verdicts[report.nodeid] = ("failed", reason_of(report))
        elif report.skipped and not expected and self.verdicts[report.nodeid][0] != "failed":
            self.verdicts[report.nodeid] = ("skipped", reason_of(report))

    def pytest_runtest_logfinish(self, nodeid):
        outcome, reason = self.verdicts.pop(nodeid)
        libraries = driver_libraries()
        if libraries != self.attested:
            self.attested = libraries
            self.events.tell(event="attest", libraries=libraries)
        self.events.tell(event="end", id=nodeid, outcome=outcome, reason=reason)


def reason_of(report):
    """The last line that says why, or where a skip says it."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])[:REASON_CHARS_MAX]
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr)
    if not crash:
        text = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    return text.strip()[:REASON_CHARS_MAX]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", required=True, help="file that the events are appended to")
    parser.add_argument("--package", help="dotted name of the package that holds the suite")
    parser.add_argument("--folder", help="folder of the suite, where it is no package")
    parser.add_argument("--plugin", action="append", default=[], help="module beside this one")
    parser.add_argument("--tests", help="file with the ids of the tests to run, a line each")
    parser.add_argument("--list", action="store_true", help="only tell which tests there are")
    arguments = parser.parse_args()

    if arguments.package:
        spec = importlib.util.find_spec(arguments.package)
        folder, package = pathlib.Path(spec.submodule_search_locations[0]), arguments.package
    else:
        folder, package = pathlib.Path(arguments.folder).resolve(), ""
        sys.path.insert(0, str(folder))
    wanted = []
    paths = [folder]
    if arguments.tests:
        wanted = pathlib.Path(arguments.tests).read_text(encoding="utf-8").splitlines()
        paths = list(dict.fromkeys(folder / name.split("::")[0] for name in wanted))

    events = Events(arguments.events)
    plugins = [importlib.import_module(name) for name in arguments.plugin]
    plugin = Plugin(events, (package, folder), wanted, arguments.list)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", f"--rootdir={folder}"]
    options += ["-c", os.devnull, "--continue-on-collection-errors", "--disable-warnings"]
    pytest.main([*options, *map(str, paths)], plugins=[plugin, *plugins])
    events.tell(event="done")


if __name__ == "__main__":
    main()
