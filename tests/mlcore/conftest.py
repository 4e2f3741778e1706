"""How long hypothesis may look for counter-examples: a bounded number of them, without a deadline, the same ones on every machine."""

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

# reference.py and cases.py stand beside the tests, whichever way pytest imports them.
sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("lab", max_examples=40, deadline=None, derandomize=True, print_blob=True,
                          suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", parent=settings.get_profile("lab"), max_examples=1000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "lab"))
