"""Arithmetic for agents: a parser and a number type of the standard library, and no eval."""

from __future__ import annotations

import ast
import decimal
import operator
from collections.abc import Callable
from typing import Any

from anthropic.lib.tools import ToolError

LONGEST = 200  # characters of an expression; every loop below is bounded by it
TRAPS = [decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow, decimal.Underflow]
# so that 9**9**9 ends at once
FIFTY_DIGITS = decimal.Context(prec=50, Emin=-60, Emax=60, traps=TRAPS)
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def calculate(expression: str) -> str:
    """The value of an expression with + - * / ** and parentheses: (1940 - 1612) / 1940 * 100.

    Decimal numbers are exact: 0.1 + 0.2 gives 0.3. A rounded value comes as "about …".

    Args:
        expression: numbers and operators only: no names, no units, no thousands separators
    """
    if len(expression) > LONGEST:
        raise ToolError(f"That is longer than {LONGEST} characters. Calculate it in parts.")
    source = expression.strip()
    with decimal.localcontext(FIFTY_DIGITS) as context:
        try:
            value = value_of(ast.parse(source, mode="eval").body, source)
        except (SyntaxError, ValueError):
            raise ToolError(
                "That is no arithmetic. Write it like this: (1940 - 1612) / 1940 * 100"
            ) from None
        except (decimal.Overflow, decimal.Underflow):
            raise ToolError("That goes beyond 60 digits before or behind the point.") from None
        except decimal.DecimalException:
            raise ToolError(
                "That has no value: it divides by zero, or takes a root of less than zero."
            ) from None
        if context.flags[decimal.Inexact]:
            return f"about {value:.10g}"
        return f"{value.normalize():f}"


def value_of(node: ast.AST, source: str) -> decimal.Decimal:
    """The value of a parsed expression. Whatever is not arithmetic is a ToolError that names it."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return +decimal.Decimal(node.value)
    if isinstance(node, ast.Constant) and type(node.value) is float:
        digits = ast.get_source_segment(source, node)  # as they were typed, not those of a float
        return +decimal.Decimal(digits or "NaN")
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        operate = OPERATORS[type(node.op)]
        return decimal.Decimal(operate(value_of(node.left, source), value_of(node.right, source)))
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
        return decimal.Decimal(OPERATORS[type(node.op)](value_of(node.operand, source)))
    raise ToolError(
        f"That is no arithmetic: {ast.unparse(node)[:60]!r}. Use numbers and + - * / ** ( )."
    )
