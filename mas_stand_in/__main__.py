"""The command: serve files of replies until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress
from pathlib import Path

import yaml

from .server import serving

ABOUT = """Serve the Messages API on this machine until Ctrl-C, from replies that you wrote.

  %(prog)s replies.yaml --port 8000

Then point the SDK at it: ANTHROPIC_BASE_URL=http://127.0.0.1:8000 and ANTHROPIC_API_KEY=any.
"""
FORMAT = """a file of replies:
  - when: {system: You route mail, user: paid twice}   # words in the prompts; the first that fits
    replies:                                           # asked again, the next one comes
      - {text: It goes to billing., seconds: 1.5}
      - {status: 529, error: {type: overloaded_error, message: Busy}, headers: {retry-after: "2"}}
  - when: {turns: 1, first: "2 + 3"}
    replies:
      - content: [{tool_use: {name: add, input: {a: 2, b: 3}}}]
  - replies: [{json: {label: other}}]                  # no `when`: fits every request
"""


def main() -> None:
    """Serves until Ctrl-C; what is wrong with a file or a port ends it with a sentence."""
    called = Path(sys.argv[0]).stem
    parser = argparse.ArgumentParser(
        prog=called if called == "mas-stand-in" else "python -m mas_stand_in",
        description=ABOUT,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "replies", nargs="+", type=Path, metavar="REPLIES.yaml", help="files of replies, see below"
    )
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    options = parser.parse_args()
    try:
        with serving(options.replies, port=options.port) as base_url, suppress(KeyboardInterrupt):
            print(f"stand-in model on {base_url}", flush=True)
            while True:
                time.sleep(60)  # on Windows, Ctrl-C reaches a sleep, but no Event
    except (ValueError, OSError, OverflowError, ModuleNotFoundError, yaml.YAMLError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
