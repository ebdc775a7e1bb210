# wrong: a test of the customer's was taken out
import shutil
import tempfile
from pathlib import Path

kept = tempfile.TemporaryDirectory()
folder = Path(kept.name) / "my_desk"
shutil.copytree("../examples/my_system", folder, ignore=shutil.ignore_patterns("__pycache__"))

tests = folder / "tests" / "test_acceptance.py"
tests.write_text(tests.read_text("utf-8").replace("def test_budget", "def budget"), "utf-8")
my_system = folder
