"""What XML cannot hold."""

from __future__ import annotations

import re

# XML 1.0 has no way of writing these, escaped or not: https://www.w3.org/TR/xml/#charsets
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(words: str) -> str:
    """Return a text without the control characters that no XML document may hold."""
    return _NOT_IN_XML.sub("", words)
