"""Where a redirect may lead: to DataAsk's own pages, and nowhere else."""

from __future__ import annotations

from urllib.parse import unquote

LONGEST = 2_000
_ROUNDS = 4


def own_path(value: str, base_url: str) -> str | None:
    """The address, if it is a page of DataAsk below the server's base URL; else None.

    It comes from a link that anybody may have written, and browsers read addresses generously: they drop control
    characters and take a backslash for a slash. So what could be read in two ways is no address of ours.
    """
    pages = f"{base_url}dataask/"
    address = value.partition("#")[0]
    if len(address) > LONGEST or not f"{address.partition('?')[0]}/".startswith(pages):
        return None
    plain = address
    for _ in range(_ROUNDS):
        path = plain.partition("?")[0]
        if any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in plain) or "\\" in plain or "//" in path:
            return None
        if any(part in {".", ".."} for part in path.split("/")) or "#" in path:
            return None
        decoded = unquote(path)
        if decoded == path:
            break
        plain = decoded
    else:
        return None
    if f"{plain}/".startswith(f"{pages}api/"):
        return None
    return address
