"""Every span of every lesson has what OpenTelemetry's conventions for generative AI require."""

import json
import os
import sys
from pathlib import Path

import programs
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mas_helpers import HAIKU, Agent, agent_span, fake_client, run, trace
from mas_helpers.bench import missing_attributes
from mas_helpers.bench.tracing import spans

LESSONS = sorted((Path(__file__).parents[1] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
# Runs a notebook's cells in IPython, as a kernel does, and prints what its spans are missing.
RUN_LESSON = """
import json, sys
from collections import Counter
from IPython.core.interactiveshell import InteractiveShell
from opentelemetry.sdk.trace import SpanProcessor
from mas_helpers.bench import missing_attributes, tracer_provider

found, operations = Counter(), Counter()

class Look(SpanProcessor):
    def on_end(self, span):
        operations[str(span.attributes.get("gen_ai.operation.name"))] += 1
        for name in missing_attributes(span):
            found[f"{span.name}: {name}"] += 1

tracer_provider().add_span_processor(Look())
shell = InteractiveShell.instance(colors="NoColor")
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        done = shell.run_cell("".join(cell["source"]), store_history=True)
        if not done.success and "raises-exception" not in cell["metadata"].get("tags", []):
            done.raise_error()
print("\\n" + json.dumps([found, operations]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_span_of_a_lesson_has_what_is_required(path, tmp_path):
    environment = os.environ | {"MAS_STRICT": "1", "IPYTHONDIR": str(tmp_path), "PYTHONUTF8": "1"}
    done = programs.run(
        [sys.executable, "-c", RUN_LESSON, str(path)],
        cwd=path.parent,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    missing, operations = json.loads(done.stdout.splitlines()[-1])
    assert missing == {}
    assert operations.get("chat", 0) > 0 and operations.get("invoke_workflow", 0) > 0


def spans_of(job):
    with trace() as t:
        try:
            run(job, clock="virtual")
        except RuntimeError:
            pass
    return {span.name.split()[0]: span for span in t.spans}


async def failing():
    with agent_span("a"):
        raise RuntimeError("no")


def test_a_span_without_its_model_or_its_error_is_found():
    client = fake_client(lambda body: {"content": [{"type": "text", "text": "x"}]})
    found = spans_of(Agent("a", HAIKU, "", client=client).run("?"))
    chat = found["anthropic.messages.create"]
    assert missing_attributes(chat) == []
    assert missing_attributes(Without(chat, "gen_ai.request.model")) == ["gen_ai.request.model"]

    failed = spans_of(failing())["invoke_agent"]
    assert missing_attributes(failed) == []
    assert missing_attributes(Without(failed, "error.type")) == ["error.type"]
    assert missing_attributes(Without(failed, "gen_ai.operation.name")) == ["gen_ai.operation.name"]


class Without:
    """A span with an attribute taken away."""

    def __init__(self, span, name):
        self.name, self.status = span.name, span.status
        self.attributes = {k: v for k, v in span.attributes.items() if k != name}


def test_a_span_that_is_none_of_the_conventions_is_found():
    exporter = InMemorySpanExporter()
    spans.tracer_provider().add_span_processor(SimpleSpanProcessor(exporter))
    with spans.tracer_provider().get_tracer("test").start_as_current_span("mine"):
        pass
    (mine,) = exporter.get_finished_spans()
    assert missing_attributes(mine) == ["gen_ai.operation.name", "gen_ai.provider.name"]
