"""Evaluates an arithmetic expression that a model wrote, without running it as code.

The text is parsed, and only numbers, the four operations, powers and a few functions are
computed, as exact fractions where possible. Lengths, powers and sizes are bounded, so that no
expression takes long.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction

__all__ = ["CalculationError", "calculate"]

LONGEST = 200  # characters of an expression
LARGEST = 10**30  # absolute value of any intermediate result
FINEST = 10**60  # denominator of any intermediate result
POWER = 100  # absolute value of an exponent
DIGITS = 10  # decimal places of a result

_UNITS = {"조": 10**12, "억": 10**8, "만": 10**4, "천": 10**3, "백": 10**2}
_NUMBER = r"\d+(?:\.\d+)?"
_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)")
# 1억 2천만: larger units first, each with its number; 천 and 백 may multiply 만 and 억.
_AMOUNT = re.compile(rf"(?:{_NUMBER}\s*[조억만천백]+\s*)+(?:{_NUMBER}(?=\s*원))?")
_GROUP = re.compile(rf"({_NUMBER})\s*([조억만천백]*)")
_PERCENT = re.compile(r"(\d|\))\s*(?:%|퍼센트|프로|percent\b)")
_COUNTED = re.compile(
    r"[$₩€£]|(?<=[\d)])\s*(?:원|개월|년|일|명|회|건|배|세|시간|(?:won|KRW|USD|dollars?|months?|years?|days?)\b)",
    re.I,
)
_TIMES = re.compile(r"(?<=[\d)\]])\s*x\s*(?=[\d(])", re.I)
_OF = re.compile(r"(?<=[\d)%])\s*(?:의|of\b)\s*(?=[\d(])")
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "^": " ** ", "√": "sqrt"})
_BINARY: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class CalculationError(ValueError):
    """An expression that can't be computed; the text says why, for a model to read."""


def calculate(expression: str) -> str:
    """Computes an expression; the result has thousands separators and at most ten decimals.

    Args:
        expression: Numbers (with thousands separators, %, 만, 억, 조, 천, 원, $), ``+ - * / ^ ( )``,
            and min, max, round, abs, sqrt, floor, ceil. ``%`` is always a percentage;
            ``120만원의 80%`` is a product.

    Raises:
        CalculationError: It is no such expression, or its numbers are too large.
    """
    if len(expression) > LONGEST:
        raise CalculationError(f"longer than {LONGEST} characters")
    try:
        if "[" in expression:  # `_plain` writes a percentage as an index
            raise ValueError("a bracket")
        tree = ast.parse(_plain(expression), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CalculationError("no expression of numbers") from error
    return _written(_value(tree.body))


def _plain(expression: str) -> str:
    """Rewrites units, percentages and separators in Python's grammar."""
    text = unicodedata.normalize("NFKC", expression).translate(_SIGNS).strip().rstrip("=?").strip()
    text = _THOUSANDS.sub(lambda number: number[0].replace(",", ""), text)
    text = _AMOUNT.sub(lambda amount: f"({_amount(amount[0])})", text)
    text = _OF.sub(" * ", _COUNTED.sub("", text))
    return _PERCENT.sub(r"\1[0]", _TIMES.sub(" * ", text))  # an index binds as tightly as % does


def _amount(text: str) -> str:
    """Adds up ``1억 2천만 500``; in ``2천만`` the units multiply."""
    parts = []
    for number, units in _GROUP.findall(text):
        factor = math.prod(_UNITS[unit] for unit in units)
        parts.append(f"{number} * {factor}" if factor > 1 else number)
    return " + ".join(parts)


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _exact(repr(number))  # the decimal as written, not the nearest binary number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.Subscript(value=value):
            return _bounded(_value(value) / 100)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _operation(op, _value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _call(name, [_value(each) for each in args])
    raise CalculationError("only numbers, + - * / ^, percent, min, max, round, abs, sqrt")


def _operation(op: ast.operator, left: Fraction, right: Fraction) -> Fraction:
    if isinstance(op, ast.Div) and right == 0:
        raise CalculationError("division by zero")
    return _bounded(_BINARY[type(op)](left, right))


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if abs(exponent) > POWER:
        raise CalculationError(f"an exponent above {POWER}")
    if base == 0 and exponent < 0:
        raise CalculationError("division by zero")
    if exponent.denominator == 1:
        size = math.log10(abs(base)) * float(exponent) if base else 0.0
        if size > math.log10(LARGEST):
            raise CalculationError("too large a number")
        if abs(exponent) * math.log10(base.denominator * max(1, abs(base.numerator))) < 60:
            return _bounded(base**exponent.numerator)
    if base < 0 and exponent.denominator != 1:
        raise CalculationError("a root of a negative number")
    return _exact(f"{float(base) ** float(exponent):.15g}")  # the digits that a float is good for


def _call(name: str, values: list[Fraction]) -> Fraction:
    if not values:
        raise CalculationError(f"{name} of nothing")
    try:
        return _bounded(_FUNCTIONS[name](*values))
    except (TypeError, OverflowError) as error:
        raise CalculationError(f"{name} doesn't take {len(values)} such values") from error


def _half_up(value: Fraction, places: Fraction = Fraction(0)) -> Fraction:
    """Rounds half away from zero, as people do; places may be negative."""
    if places.denominator != 1 or abs(places) > DIGITS:
        raise CalculationError(f"round takes whole places up to {DIGITS}")
    scale = Fraction(10) ** places.numerator
    whole = math.floor(abs(value) * scale + Fraction(1, 2))
    return (whole if value >= 0 else -whole) / scale


_FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "round": _half_up,
    "abs": abs,
    "sqrt": lambda value: _power(value, Fraction(1, 2)),
    "floor": lambda value: Fraction(math.floor(value)),
    "ceil": lambda value: Fraction(math.ceil(value)),
}


def _exact(decimal: str) -> Fraction:
    if not math.isfinite(float(decimal)):
        raise CalculationError("too large a number")
    return _bounded(Fraction(decimal))


def _bounded(value: Fraction) -> Fraction:
    if abs(value) > LARGEST:
        raise CalculationError("too large a number")
    return value if value.denominator <= FINEST else value.limit_denominator(FINEST)


def _written(value: Fraction) -> str:
    rounded = _half_up(value, Fraction(DIGITS))
    sign = "-" if rounded < 0 else ""
    whole, part = divmod(int(abs(rounded) * 10**DIGITS), 10**DIGITS)
    decimals = f"{part:0{DIGITS}d}".rstrip("0")
    return f"{sign}{whole:,}{'.' if decimals else ''}{decimals}"
