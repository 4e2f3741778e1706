"""How many processes can compute at once on this machine."""

import math
import os
from pathlib import Path


def cores(root="/"):
    """Processors that this process may use, as far as its container lets it: at least 1. root: where /proc and /sys are."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13
        count = os.process_cpu_count()
    else:
        count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, math.ceil(min(count or 1, _quota(Path(root)))))


def _quota(root):
    """Processors' time a second that the control groups (version 2, else 1) of this process leave it; infinite where none says."""
    least, v1 = math.inf, root / "sys/fs/cgroup/cpu"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        group = Path(path.lstrip("/"))
        for part in (group, *group.parents):  # in a container its own group is the top, whatever path stands here
            if not controllers:
                quota, period = [*_text(root / "sys/fs/cgroup" / part / "cpu.max").split(), "", ""][:2]
            elif "cpu" in controllers.split(","):
                quota, period = (_text(v1 / part / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
            else:
                break
            if quota.isdigit() and period.isdigit() and int(period):  # not "max" or -1
                least = min(least, int(quota) / int(period))
    return least


def _text(path):
    try:
        return path.read_text()
    except OSError:
        return ""
