"""A server and people who look at it. A test fails when any page of theirs reports a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import OWNER, Person
from tests.services import Server, StartServer

expect.set_options(timeout=30_000)

Enter = Callable[..., Person]
"""The type of the fixtures `enter` and `again`."""

Ask = Callable[..., Any]
"""The type of the fixture `ask`."""


@pytest.fixture
def server(start_server: StartServer) -> Server:
    """A server that has an owner, takes new accounts, and does not slow down quick hands."""
    rates = ("SIGN_IN", "SEND", "COMMAND", "CONNECT")
    quick = {f"LOOPCHAT_RATE_{rate}": "off" for rate in rates}
    return start_server(env=quick, owner=OWNER)


@pytest.fixture
def visitors() -> Iterator[list[Person]]:
    """Whoever is put here leaves at the end, and must have had no problem."""
    seen: list[Person] = []
    yield seen
    for person in seen:
        person.context.close()
    assert [problem for person in seen for problem in person.problems] == []


@pytest.fixture
def enter(browser: Browser, server: Server, visitors: list[Person]) -> Enter:
    """`enter("ann")` is a new person with a browser of their own, signed up and in the lobby."""

    def enter(name: str, **look: Any) -> Person:
        visitors.append(Person(browser, server, name, **look))
        return visitors[-1].sign_up()

    return enter


@pytest.fixture
def again(browser: Browser, server: Server, visitors: list[Person]) -> Enter:
    """`again("ann")` is another device of somebody who is here already."""

    def again(name: str, **look: Any) -> Person:
        visitors.append(Person(browser, server, name, **look))
        return visitors[-1].sign_in()

    return again


@pytest.fixture
def ask(browser: Browser, start_server: StartServer) -> Iterator[Ask]:
    """`ask("model/names.js", "m => m.initials('Ann Lee')")` is what the module answers."""
    server = start_server(owner=OWNER)
    person = Person(browser, server, "somebody", timezone_id="Europe/Berlin").sign_up()
    base = person.page.evaluate(
        "document.querySelector('script[type=module]').src.replace('main.js', '')"
    )

    def ask(module: str, question: str, *given: Any) -> Any:
        script = f"async ([base, given]) => ({question})(await import(base + '{module}'), ...given)"
        return person.page.evaluate(script, [base, list(given)])

    yield ask
    person.context.close()
    assert person.problems == []
