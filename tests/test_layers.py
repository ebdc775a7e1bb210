"""The shape of the package: imports point down, files stay small, nothing heavy is loaded before it is needed."""

import ast
import subprocess
import sys

import pytest

# Lowest first; a module may import only what stands on a line above its own.
LAYERS = [
    ["virtual", "leaks", "faults", "palette"],
    ["clock"],
    ["calls"],
    ["runner"],
    ["trace", "recordings"],
    ["likeness", "cost"],
    ["tables"],
    ["rows", "progress"],
    ["heard", "drawing"],
    ["graph", "axis"],
    ["playing"],
    ["streams"],
    ["replay"],
    ["record", "wire", "attempts"],
    ["client"],
    ["agent", "pytest_plugin"],
    ["reports", "plans", "arithmetic", "tools", "failures", "trials", "budget"],
    ["corpus"],
    ["briefs", "outcomes"],
    ["patterns"],
    ["research"],
    ["pictures", "checks"],
    ["flows", "widgets"],
    ["ready"],
    ["__init__"],
    ["notebooks"],
    ["terminal", "rerecord", "audit"],
    ["ask"],
    ["__main__"],
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            yield from [node.module] if node.module else [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mas_helpers"):
            yield node.module.partition(".")[2] or "__init__"


def test_every_module_has_a_layer_and_imports_point_down(home):
    modules = sorted((home / "mas_helpers").glob("*.py"))
    assert {path.stem for path in modules} == set(LEVEL)
    upward = [
        f"{path.stem} imports {name}"
        for path in modules
        for name in imports_of(path)
        if name in LEVEL and LEVEL[name] >= LEVEL[path.stem]
    ]
    assert upward == []


def test_files_are_under_200_lines_and_functions_under_40(home):
    long = []
    for path in sorted((home / "mas_helpers").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        lines = len(source.splitlines())
        long += [f"{path.name}: {lines} lines"] * (lines > 200)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = node.end_lineno - node.lineno + 1
                long += [f"{path.name}: {node.name} has {size} lines"] * (size > 40)
    assert long == []


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, mas_helpers; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint(
        {"genai_prices", "nbclient", "nbformat", "IPython", "ipywidgets", "nest_asyncio2", "pytest"}
    )


@pytest.mark.parametrize("folder", ["mas_helpers", "tools", "tests", "notebooks", "benchmarks", "examples", "."])
def test_ruff_has_nothing_to_say(home, folder):
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        *(["start.py", "conftest.py", "pytest_mas_helpers.py"] if folder == "." else [folder]),
    ]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_no_file_opens_a_text_without_saying_utf8(home):
    """On Windows the default is another encoding."""
    silent = []
    for folder in ("mas_helpers", "tools", "notebooks", "tests", "benchmarks"):
        for path in sorted((home / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("read_text", "write_text"):
                    named = [k.value for k in node.keywords if k.arg == "encoding"]
                    if not any(getattr(given, "value", None) == "utf-8" for given in [*node.args, *named]):
                        silent.append(f"{path.name}:{node.lineno}")
    assert silent == []
