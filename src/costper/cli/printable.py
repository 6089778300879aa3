"""Names from bills, made fit for a terminal."""


def clean(text: str) -> str:
    r"""Show what a terminal would obey, such as an escape code in a tag, as plain letters.

    >>> clean("red\x1b[31m")
    'red\\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
