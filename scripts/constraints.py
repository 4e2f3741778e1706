"""Writes constraints.txt, the versions that the README's two commands install: `python scripts/constraints.py`.

They are the newest that pyproject.toml allows and pip finds for this Python; run it with the oldest Python that pyproject.toml names.
With --newest it writes nothing, and prints what there is beyond them of the packages that pyproject.toml names: `streamlit==1.68.0`, a
line each.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "constraints.txt"
# Lists of root certificates and time zones: of these the newest is always wanted.
LEFT_OPEN = {"certifi", "tzdata"}


def plain(name):
    """A project's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def named():
    """The names in pyproject.toml of what the app, its extras and its tests need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *(need for extra in project["optional-dependencies"].values() for need in extra)]
    return sorted({plain(re.match(r"[\w.-]+", need)[0]) for need in wanted})


def resolved(*wanted):
    """What pip would install into an empty environment for these requirements: {name: version}."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-", *wanted]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)
    found = {plain(item["metadata"]["name"]): item["metadata"]["version"] for item in report["install"]}
    return {name: found[name] for name in sorted(found) if name != "backprop-lab"}


def pinned():
    """What constraints.txt holds: {name: version}."""
    return dict(line.split("==") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--newest", action="store_true", help="print what is newer, and write nothing")
    if parser.parse_args().newest:
        newest, now = resolved(*named()), pinned()
        print("\n".join(f"{name}=={newest[name]}" for name in named() if newest[name] != now.get(name, newest[name])))
        return
    extras = ",".join(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
    versions = {name: version for name, version in resolved("-e", f".[{extras}]").items() if name not in LEFT_OPEN}
    lines = ["# Written by `python scripts/constraints.py`.", *(f"{name}=={version}" for name, version in versions.items())]
    FILE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
