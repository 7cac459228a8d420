"""Django's `makemessages`, which also finds the texts of refusals: they stand in English."""

from __future__ import annotations

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """`Refused(code, "text")` is looked for beside `gettext("text")`."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=Refused:2"]
    # A guess at a translation helps nobody: what is missing shall be seen to be missing.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
