"""The hub's two callbacks, called so that an error in them ends only the message it was about."""

from __future__ import annotations

import logging

from loopchat.realtime.bus import Lost, Receive

_log = logging.getLogger(__name__)


class Ear:
    """Deaf until `listen`, and again after `close`."""

    def __init__(self) -> None:
        self._receive: Receive | None = None
        self._lost: Lost | None = None

    @property
    def open(self) -> bool:
        """Whether there is anybody to tell."""
        return self._receive is not None

    def listen(self, receive: Receive, lost: Lost) -> None:
        """From now on tell these two."""
        self._receive, self._lost = receive, lost

    def close(self) -> None:
        """Tell nobody any more."""
        self._receive = self._lost = None

    def hear(self, topic: str, payload: bytes) -> None:
        """Pass a message on."""
        if self._receive is None:
            return
        try:
            self._receive(topic, payload)
        except Exception:  # noqa: BLE001 - the next message is another room's
            _log.exception("A message on %s could not be handled", topic)

    def lose(self) -> None:
        """Pass on that messages may be missing."""
        if self._lost is None:
            return
        try:
            self._lost()
        except Exception:  # noqa: BLE001 - the sweep finds the loss too
            _log.exception("The loss of messages could not be handled")
