"""What holds for the notebooks under `pytest --nbval` as well: strict replay, no key, no network, stable hashes."""

import os
from pathlib import Path

# The kernels that nbval starts inherit this environment.
for name in [n for n in os.environ if n.startswith("ANTHROPIC_") or n == "MAS_MODE"]:
    del os.environ[name]
os.environ |= {"MAS_STRICT": "1", "MAS_PROGRESS": "off", "PYTHONHASHSEED": "0"}
no_network = str(Path(__file__).parent / "tests" / "no_network")
os.environ["PYTHONPATH"] = os.pathsep.join([no_network, *filter(None, [os.environ.get("PYTHONPATH")])])
