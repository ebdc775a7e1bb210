# right: a project under another name, as start.py new makes it
import shutil
import tempfile
from pathlib import Path

kept = tempfile.TemporaryDirectory()
folder = Path(kept.name) / "my_desk"
shutil.copytree("../examples/my_system", folder, ignore=shutil.ignore_patterns("__pycache__"))

for path in [*folder.rglob("*.py"), folder / "pyproject.toml"]:
    path.write_text(path.read_text("utf-8").replace("my_system", "my_desk"), "utf-8")
(folder / "my_system").rename(folder / "my_desk")
shutil.copy("../examples/my_system_answers/solution.py", folder / "my_desk" / "desk.py")
my_system = str(folder)
