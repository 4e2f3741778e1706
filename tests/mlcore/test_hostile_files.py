"""Files made to harm: each is refused in one sentence or read for what it is, in little memory and time, and nothing in it runs.

All are read in one process that may have 300 MB more than it has before the first of them.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import mlcore
from tests.mlcore.archives import Payload, saved

pytest.importorskip("resource", reason="a process cannot be given less memory here")
pytest.importorskip("PIL", reason="Pillow is not installed: pip install backprop-lab[cli]")
if not os.path.exists("/proc/self/status"):
    pytest.skip("what a process takes cannot be seen here", allow_module_level=True)

from tests.mlcore.hostile import judge, networks, others, pictures

ROOT = Path(__file__).parents[2]
SECONDS = 20.0  # of one file, on a machine that has other things to do


class Case(NamedTuple):
    """A file, and what came of it."""

    kind: str
    name: str
    path: str
    answer: dict


def listed(folder):
    """[(kind, name, path)]: four sound files first, then the hostile ones, all in the folder."""
    canary = folder / "executed"
    sound = [("net", saved(mlcore.Network(networks.SIZES))), ("picture", pictures.encoded("PNG")),
             ("idx", others.gzipped(others.idx(2, 28, 28) + bytes(1568), 0)),
             ("pens", b'[{"label": 1, "strokes": [[[0, 0], [1, 1]]]}]')]  # fmt: skip
    kinds = [*((kind, "sound", content) for kind, content in sound),
             *(("net", *case) for case in networks.cases(canary)), *(("picture", *case) for case in pictures.cases(canary)),
             *(("idx", *case) for case in others.idx_files()), *(("pens", *case) for case in others.pen_files())]  # fmt: skip
    found = []
    for k, (kind, name, content) in enumerate(kinds):
        path = folder / f"{k}{'.png' if kind == 'picture' else ''}"
        path.write_bytes(content)
        found.append((kind, name, str(path)))
    places = others.paths(folder)
    return found + [(kind, path.name, str(path)) for kind in judge.READERS for path in places]


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    names = listed(folder)
    (folder / "list.json").write_text(json.dumps([(kind, path) for kind, _, path in names]))
    command = [sys.executable, "-m", "tests.mlcore.hostile.judge", str(folder / "list.json")]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "error:::mlcore"}
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL, timeout=120)
    answers = run.stdout.splitlines()
    assert run.returncode == 0 and len(answers) == len(names), f"after {names[len(answers) - 1][:2]}: {run.stderr[-2000:]}"
    yield [Case(*name, json.loads(answer)) for name, answer in zip(names, answers)]
    assert not (folder / "executed").exists()


def test_there_are_enough_of_each_kind(cases):
    counts = {kind: len({case.name for case in cases if case.kind == kind}) for kind in judge.READERS}
    assert counts["net"] > 150 and counts["picture"] > 100 and counts["idx"] > 40 and counts["pens"] > 30
    assert all(case.answer["refused"] is None for case in cases if case.name == "sound")


def test_each_is_refused_in_one_sentence_or_read(cases):
    bad = [case for case in cases if case.answer["refused"] not in (None, "ValueError", "FileNotFoundError", "OSError")]
    assert not bad
    refused = [case for case in cases if case.answer["refused"]]
    assert len(refused) > 0.8 * len(cases)
    for case in refused:
        sentence = case.answer["said"]
        assert 8 < len(sentence) <= 200 and sentence.isprintable() and "Error" not in sentence, (case, sentence)


def test_each_takes_little_memory_and_time(cases):
    assert max(cases, key=lambda case: case.answer["megabytes"]).answer["megabytes"] < judge.MOST_MB
    assert max(cases, key=lambda case: case.answer["seconds"]).answer["seconds"] < SECONDS
    assert sum(case.answer["seconds"] for case in cases) < 3 * SECONDS


def test_the_command_line_refuses_the_same_in_one_line(cases):
    for case in cases:
        if not case.answer["refused"] or case.kind == "idx":
            continue
        line, said = case.answer["line"], case.answer["said"]
        assert case.answer["code"] in (1, 2) and not case.answer["printed"], case
        assert re.fullmatch(r"mlcore (evaluate|predict): [^\n]+\n", line) and len(line) <= 201, case
        assert case.answer["refused"] != "ValueError" or said[:25] in line, case  # the path stands before it in the 200


READ = {  # what is sound in spite of what is odd about it
    "net": {"a member says {'size': 4294967295}", "the directory says {'count': 65535}"},
    "idx": {"idx of (0, 4294967295)", "idx of (4294967295, 0)"},
    "pens": set(),
}


def test_what_is_read_is_what_the_sound_file_holds(cases):
    sound = {case.kind: case.answer["said"] for case in cases if case.name == "sound"}
    for case in cases:
        if case.answer["refused"] or case.name == "sound":
            continue
        if case.kind == "picture":
            own_size = case.answer["said"].startswith(str(pictures.PICTURE.shape))
            same = case.answer["said"] == sound["picture"] or "jpeg" in case.name or "webp" in case.name
            assert same if own_size else "pixels that may be" in case.name or "few pixels" in case.name, case
        elif case.kind == "net":
            assert case.name in READ["net"] and case.answer["said"].startswith(str(networks.SIZES)), case
        else:
            assert case.name.removesuffix(", gzipped") in READ[case.kind] or "pipe" in case.name, case


def test_traps_work(tmp_path):
    """What is put into the files would be seen if it ran."""
    with Payload(tmp_path / "executed").__reduce__()[0](tmp_path / "executed", "w"):
        assert (tmp_path / "executed").exists()
    assert str(tmp_path).encode() in dict(pictures.others(tmp_path / "x"))["eps"]
    assert len(np.frombuffer(dict(networks.contents(tmp_path / "x"))["a pickle"], np.uint8)) > 20
