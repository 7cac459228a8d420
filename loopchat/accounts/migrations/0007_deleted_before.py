from __future__ import annotations

import re
from typing import Any, Final

from django.db import migrations

_NAMES: Final = ("Deleted person", "Deleted account")
"""What deletion has called people, before there was a mark and since."""


def mark(apps: Any, schema_editor: Any) -> None:
    """Who was deleted before there was a mark for it, by what deletion left of them."""
    people = apps.get_model("accounts", "User").objects
    found = people.filter(is_deleted=False, is_active=False, name__in=_NAMES, email="")
    for pk, username in found.values_list("pk", "username"):
        if re.fullmatch(rf"deleted-{pk}(-[0-9a-f]{{6}})?", username):
            people.filter(pk=pk).update(is_deleted=True, name=_NAMES[-1])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_seal_second_steps")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop, elidable=True)]
