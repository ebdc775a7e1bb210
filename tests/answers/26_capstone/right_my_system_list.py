# right: a list, and an absolute path
from pathlib import Path

my_system = [Path("../examples/my_system_answers/solution.py").resolve(), 1]
