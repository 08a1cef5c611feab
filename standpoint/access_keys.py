"""Keys of the service: how one is made, and the file that lists them by digest. A key itself is stored nowhere."""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path

from standpoint.errors import BadInput

KEYS = "STANDPOINT_KEYS"  # names the file: a key a line, as NAME sha256:HEX; # starts a comment
KEY_BYTES = 32  # of chance, which nobody guesses: one round of sha256 hides it as well as a slow hash would

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


def make_key(name: str) -> tuple[str, str]:
    """Return a new key, and the line of the file that lets it in. Raises BadInput on a name that fits no line."""
    if not _NAME.fullmatch(name):
        raise BadInput(f"expected 1 to 64 of the characters A-Z a-z 0-9 . _ -, found {name!r}", "NAME")
    key = secrets.token_urlsafe(KEY_BYTES)
    return key, f"{name} sha256:{digest_key(key.encode())}"


def digest_key(key: bytes) -> str:
    """Return what the file holds of a key."""
    return hashlib.sha256(key).hexdigest()


def read_keys(file: Path) -> tuple[str, ...]:
    """Return the digests of a file, in its order; none is no fault: all keys were taken away.

    Raises BadInput that names the line and never quotes it: what stands there by mistake may be a key.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", str(file)) from None
    except UnicodeDecodeError:
        raise BadInput("is not UTF-8; write a key a line, as standpoint key prints it", str(file)) from None
    digests = []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        if not parts or parts[0].startswith("#"):
            continue
        digest = _DIGEST.fullmatch(parts[-1].lower())
        if len(parts) != 2 or not _NAME.fullmatch(parts[0]) or digest is None:
            message = "expected NAME sha256:HEX with 64 hexadecimal digits, as standpoint key prints it"
            raise BadInput(message, f"{file}:{number}")
        digests.append(digest[1])
    return tuple(digests)
