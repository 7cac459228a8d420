"""The first owner, once."""

from __future__ import annotations

from functools import partial

import pytest

from loopchat.accounts import instance, people, setup
from loopchat.accounts.models import Instance, User
from loopchat.core.errors import Refused
from tests.accounts.conftest import PASSWORD
from tests.accounts.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def secret() -> str:
    """The secret of a link that works."""
    made = setup.new_secret()
    assert made is not None
    return made


def test_it_makes_the_owner() -> None:
    owner = setup.claim(secret(), username="olga", password=PASSWORD)

    assert owner.is_owner
    assert owner.is_staff
    assert owner.is_superuser
    assert instance.is_claimed()


def test_the_secret_is_long_and_only_its_hash_is_stored() -> None:
    made = secret()

    assert len(made) >= 22  # 128 bit, six of them a character
    row = Instance.objects.get()
    assert made not in {row.setup_digest, row.epoch}


def test_each_start_makes_a_new_link_and_ends_the_old_one() -> None:
    old, new = secret(), secret()

    assert not setup.opens(old)
    assert setup.opens(new)
    with pytest.raises(Refused):
        setup.claim(old, username="olga", password=PASSWORD)
    assert not User.objects.exists()


@pytest.mark.parametrize("wrong", ["", "x", "a" * 22, "\x00", "\ud800"])
def test_it_refuses_a_wrong_secret(wrong: str) -> None:
    secret()

    assert not setup.opens(wrong)
    with pytest.raises(Refused) as no:
        setup.claim(wrong, username="olga", password=PASSWORD)
    assert no.value.code == "not_found"


def test_no_link_works_before_one_is_made() -> None:
    assert not setup.opens("")


def test_a_bad_name_or_password_leaves_the_link_as_it_is() -> None:
    made = secret()

    with pytest.raises(Refused):
        setup.claim(made, username="olga smith", password=PASSWORD)
    with pytest.raises(Refused):
        setup.claim(made, username="olga", password="short")

    assert setup.opens(made)
    assert not instance.is_claimed()


def test_of_ten_who_claim_at_once_one_becomes_the_owner() -> None:
    made = secret()

    answers = at_once(
        [partial(setup.claim, made, username=f"olga{n}", password=PASSWORD) for n in range(10)]
    )

    owners = [answer for answer in answers if isinstance(answer, User)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert (len(owners), len(refused)) == (1, 9), answers
    assert User.objects.get() == owners[0]


def test_it_is_over_for_ever_once_there_is_an_owner(owner: User) -> None:
    User.objects.all().delete()

    assert instance.is_claimed()
    assert setup.new_secret() is None


def test_an_owner_from_the_command_line_ends_it_too() -> None:
    made = secret()

    people.create_owner("olga", PASSWORD)

    assert not setup.opens(made)
    with pytest.raises(Refused):
        setup.claim(made, username="eve", password=PASSWORD)


def test_an_ordinary_account_does_not_end_it() -> None:
    made = secret()

    people.create("ann", PASSWORD)

    assert setup.opens(made)


def test_the_epoch_stays_and_is_made_once() -> None:
    epochs = at_once([instance.epoch] * 8)

    assert len(set(map(str, epochs))) == 1
    assert instance.epoch() == epochs[0]
