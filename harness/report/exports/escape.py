"""Names and texts of others, written so that LaTeX shows them and does nothing."""

from __future__ import annotations

import re

from harness.text import SPACE, visible

__all__ = ["latex"]


def _table(text: str) -> dict[str, str]:
    """Reads pairs of a letter and what it becomes."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


LATEX = _table(r"""
\ \textbackslash{}   { \{   } \}   $ \$   & \&   # \#   % \%   _ \_   ~ \textasciitilde{}
^ \textasciicircum{}   < \textless{}   > \textgreater{}   | \textbar{}   " \textquotedbl{}
` \textasciigrave{}   ' {'}   – \textendash{}   … \ldots{}   ≥ $\geq$   ≤ $\leq$
→ $\rightarrow$   − $-$   · $\cdot$   × $\times$   ₩ KRW~   [ {[}   ] {]}
* \textasteriskcentered{}
""")
"""Brackets too: after a line break they would be an argument."""


def latex(text: str) -> str:
    """Escapes a text for LaTeX's text mode."""
    shown = visible(SPACE.sub(" ", text))
    escaped = "".join(LATEX.get(letter, letter) for letter in shown)
    return re.sub("-(?=-)", "-{}", escaped)  # two hyphens would become a dash
