"""Spans and what is read off them: calls, dollars, the critical path."""
