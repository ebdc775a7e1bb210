# wrong: a module that can't be imported
import shutil
import tempfile
from pathlib import Path

kept = tempfile.TemporaryDirectory()
folder = Path(kept.name) / "my_desk"
shutil.copytree("../examples/my_system", folder, ignore=shutil.ignore_patterns("__pycache__"))

(folder / "my_system" / "desk.py").write_text("import nothing_of_this_name\n", "utf-8")
my_system = folder
