"""The clock: the loop that jumps, the stopwatch of a trace, `run`."""
