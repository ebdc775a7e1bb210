"""Spans and what can be read from them: calls, dollars, the critical path."""
