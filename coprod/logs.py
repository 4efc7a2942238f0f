"""What may be written to a log: addresses, but never the token of a personal link."""

import logging
import re

#: What stands before a token or key in our own addresses, and the token itself in any other.
#: tests/coprod/test_links.py asks every route whether its secret is covered.
_TOKEN = re.compile(
    r"(/(?:join|set-up|news|seats/offer|what-we-said/answer"
    r"|meetings/(?:reply|minutes|calendar|sign-up))/"
    r"|/accounts/password/reset/key/)[^/\s\"?#]+"
    r"|(/|%2[Ff])(?:[\w.=%-]+(?::|%3[Aa])[\w.:=%-]{20,}|[0-9a-z]+-[0-9a-f]{32,})(?=[/\s\"?#]|$)",
)


def hide_links(words: str) -> str:
    """``words`` with ``[link]`` where a personal link's token stood."""
    return _TOKEN.sub(lambda found: f"{found[1] or found[2]}[link]", words)


class HideLinks(logging.Filter):
    """Write ``/[link]/`` where a personal link's token stood, in the trace of an error too."""

    def filter(self, record: logging.LogRecord) -> bool:
        words = record.getMessage()
        hidden = hide_links(words)
        if hidden != words:
            record.msg, record.args = hidden, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = hide_links(logging.Formatter().formatException(record.exc_info))
        return True
