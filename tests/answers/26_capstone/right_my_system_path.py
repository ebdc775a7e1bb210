# right: a Path
from pathlib import Path

my_system = Path("../examples/my_system_answers/solution.py")
