"""What may be written to a log: addresses, but never the token of a personal link."""

import logging
import re

#: A signed token (three parts with colons), or the key of a password reset.
_TOKEN = re.compile(
    r"(/)(?:[\w.=-]+:[\w.:=-]{20,}|[0-9a-z]+-[0-9a-f]{32,})(?=[/\s\"]|$)",
)


class HideLinks(logging.Filter):
    """Write ``/[link]/`` where a personal link's token stood."""

    def filter(self, record: logging.LogRecord) -> bool:
        words = record.getMessage()
        hidden = _TOKEN.sub(r"\1[link]", words)
        if hidden != words:
            record.msg, record.args = hidden, ()
        return True
