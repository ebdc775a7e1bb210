"""On PYTHONPATH of every process that the tests start: a connection to another machine is an error,
whoever asks.
"""

import sys

LOCAL = {"127.0.0.1", "::1", "localhost", "", None}


def refuse(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and args[1][0] not in LOCAL:
        raise RuntimeError(f"a test asked for the network: {args[1][0]}")
    if event == "socket.getaddrinfo" and args[0] not in LOCAL | {b"localhost", b"127.0.0.1"}:
        raise RuntimeError(f"a test asked for the network: {args[0]}")


sys.addaudithook(refuse)
