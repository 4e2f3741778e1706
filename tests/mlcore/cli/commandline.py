"""The command line in a process of its own, for the tests; the fixture run has it in this one."""

import os
import subprocess
import sys

QUICK = ("train", "--data", "moons", "--hidden", "4", "--epochs", "3")


def started(*words, **named):
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment} | named
    return subprocess.Popen([sys.executable, "-m", "mlcore", *map(str, words)], **pipes)
