"""How high the cursors stand that this process has told of: they only rise."""

from __future__ import annotations


class Heights:
    """By topic and name, for as long as somebody here hears the topic."""

    __slots__ = ("_of_topic",)

    def __init__(self) -> None:
        self._of_topic: dict[str, dict[str, int]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._of_topic.values()))

    def rise(self, topic: str, name: str, height: int) -> bool:
        """Take in a height; False when a higher one is known: this one comes late."""
        known = self._of_topic.setdefault(topic, {})
        if height < known.get(name, 0):
            return False
        known[name] = height
        return True

    def forget(self, topic: str) -> None:
        """Nobody here hears of this topic any more."""
        self._of_topic.pop(topic, None)
