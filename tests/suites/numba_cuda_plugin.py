"""What the suite of numba-cuda expects of the settings it is run with, which its wheel lacks."""

import pytest


@pytest.fixture(scope="class")
def initialize_from_pytest_config(request):
    """Failed comparisons of compiled text are reported, not kept as files."""
    request.cls._dump_failed_filechecks = False
