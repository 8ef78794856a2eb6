"""Names and texts of others, written so that LaTeX and Markdown show them and do nothing."""

from __future__ import annotations

import re

__all__ = ["latex", "markdown"]


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
MARKDOWN = {letter: f"\\{letter}" for letter in "\\`*_[]~$"}
MARKDOWN |= {letter: f"&#{ord(letter)};" for letter in "|@#"}
MARKDOWN |= {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
"""What acts in the middle of a line; what acts at its beginning never stands there."""
LINK = re.compile(r":(?=[^\s\d])|(?<=www)\.", re.I)  # what becomes a link or a picture by itself
SPACE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def latex(text: str) -> str:
    """Escapes a text for LaTeX's text mode."""
    escaped = "".join(LATEX.get(letter, letter) for letter in SPACE.sub(" ", text))
    return re.sub("-(?=-)", "-{}", escaped)  # two hyphens would become a dash


def markdown(text: str) -> str:
    """Escapes a text for a Markdown paragraph or table cell: no markup, no HTML, no link."""
    plain = "".join(MARKDOWN.get(letter, letter) for letter in SPACE.sub(" ", text).strip())
    return LINK.sub(lambda match: f"&#{ord(match[0])};", plain)
