"""The seal on what travels over a shared broker: who rang, and proof that it was one of us.

An envelope is 8 bytes for the node, 16 bytes of keyed BLAKE2b over node, topic and payload, then
the payload. A broker may have other tenants: what they write is dropped before anybody parses it.
An envelope can be played again, which is harmless: the log's sequence shows it is old.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

NODE_BYTES = 8
_PROOF_BYTES = 16
_HEAD_BYTES = NODE_BYTES + _PROOF_BYTES


class Seal:
    """Makes and opens the envelopes of one node."""

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("the bus needs a key")
        self.node = secrets.token_bytes(NODE_BYTES)
        # The key may be of any length, BLAKE2b's own at most 64 bytes.
        digest = hashlib.blake2b(key, person=b"loopchat bus").digest()
        self._keyed = hashlib.blake2b(key=digest, digest_size=_PROOF_BYTES)

    def close(self, topic: str, payload: bytes) -> bytes:
        """The envelope for this payload."""
        return b"".join((self.node, self._proof(self.node, topic, payload), payload))

    def is_own(self, envelope: bytes) -> bool:
        """Whether this node sent it."""
        return envelope.startswith(self.node)

    def open(self, topic: str, envelope: bytes) -> bytes | None:
        """The payload, or None when none of us has sealed it for this topic."""
        node, payload = envelope[:NODE_BYTES], envelope[_HEAD_BYTES:]
        proof = self._proof(node, topic, payload)
        return payload if hmac.compare_digest(proof, envelope[NODE_BYTES:_HEAD_BYTES]) else None

    def _proof(self, node: bytes, topic: str, payload: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(b"%b%b\0" % (node, topic.encode()))  # no topic has a NUL
        keyed.update(payload)
        return keyed.digest()
