"""For all tests: the command line in this process, and how long hypothesis may look for counter-examples.

That is a bounded number of them, without a deadline, the same ones on every machine.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from mlcore.cli import parser

settings.register_profile("lab", max_examples=40, deadline=None, derandomize=True, print_blob=True,
                          suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", parent=settings.get_profile("lab"), max_examples=1000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "lab"))


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs a command in an empty folder → (exit code, lines of the output, lines of the error stream)."""
    monkeypatch.chdir(tmp_path)

    def command(*words):
        try:
            code = parser.main([str(word) for word in words])
        except SystemExit as end:
            code = end.code
        out, error = capsys.readouterr()
        return code, out.splitlines(), error.splitlines()

    return command
