"""Who may ask: the keys of a file, which may change while the service runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from hmac import compare_digest
from pathlib import Path

from starlette.datastructures import Headers

from serving.failures import Failure
from standpoint.access_keys import KEYS, digest_key, read_keys
from standpoint.errors import BadInput

logger = logging.getLogger(__name__)

CHECK_SECONDS = 1.0  # at most this often is the file looked at


class Keys:
    """The keys of a file. It is read again when it changes, so that keys come and go without a restart.

    A file that cannot be read, or holds a broken line, changes nothing: the keys read before go on, and where there
    were none, nobody is let in. Belongs to one thread, that of the event loop.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._digests: tuple[str, ...] = ()
        self._seen: tuple[int, ...] | None = ()
        self._checked = float("-inf")

    def refresh(self) -> None:
        """Read the file again where it changed, looking at most once in CHECK_SECONDS."""
        now = time.monotonic()
        if now - self._checked < CHECK_SECONDS:
            return
        self._checked = now
        found = self._look()
        if found == self._seen:
            return
        self._seen = found
        try:
            self._digests = read_keys(self._file)
        except BadInput as error:
            logger.error("keys: refused, those read before go on (%d): %s", len(self._digests), error)
        else:
            logger.info("keys: %d read from %s", len(self._digests), self._file)

    def knows(self, key: bytes) -> bool:
        self.refresh()
        digest = digest_key(key)
        # All are compared, each in constant time: how long it takes tells nothing of how near a guess came.
        found = [compare_digest(digest, known) for known in self._digests]
        return any(found)

    def _look(self) -> tuple[int, ...] | None:
        """Return what differs after a change, rights to read included; None where there is no such file."""
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ctime_ns, status.st_ino


def find_keys(environment: Mapping[str, str]) -> Keys | None:
    """Return the keys of STANDPOINT_KEYS; None where it is not set, and nobody is asked for one."""
    file = environment.get(KEYS)
    return Keys(Path(file)) if file else None


def check_key(headers: Headers, keys: Keys) -> None:
    """Raise Failure 401 where a request carries no key that is known."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    key = bearer.strip() if scheme.lower() == "bearer" else ""
    key = key or headers.get("x-api-key", "").strip()
    if not key:
        message = "expected a key, as Authorization: Bearer KEY or X-API-Key: KEY; found none"
        raise Failure(401, "unauthorized", message, authenticate="Bearer")
    if not keys.knows(key.encode("latin-1")):  # as Starlette decoded it: the bytes that were sent
        message = "the key is not known, or no longer; ask those who run this service for one"
        raise Failure(401, "unauthorized", message, authenticate="Bearer")
