# wrong: the customer's tests aren't there
import shutil
import tempfile
from pathlib import Path

kept = tempfile.TemporaryDirectory()
folder = Path(kept.name) / "my_desk"
shutil.copytree("../examples/my_system", folder, ignore=shutil.ignore_patterns("__pycache__"))

shutil.rmtree(folder / "tests")
my_system = folder
