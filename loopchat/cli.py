"""The command `loopchat`: serve, demo, adduser, token, tail, send, backup, restore, doctor, manage.

Django is loaded only after the options are in the environment, because settings are read once.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from loopchat import __version__
from loopchat.core.errors import Refused
from loopchat.environment import CannotStart, load_env_file

if TYPE_CHECKING:
    from loopchat.accounts.models import User

INTERRUPTED = 130
_MADE_HERE = "command line"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loopchat.settings")
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["manage"]:
        return _manage(words[1:])
    options = _parser().parse_args(words)
    command: Callable[[argparse.Namespace], int] = options.command
    return _in_words(lambda: command(options))


def _in_words(command: Callable[[], int]) -> int:
    """What goes wrong in ways that a person can mend is one line, not a traceback."""
    from django.db import DatabaseError

    try:
        return command()
    except Refused as no:
        return _failed(no.text)
    except CannotStart as failure:
        return _failed(str(failure))
    except DatabaseError as problem:
        first_line = str(problem).strip().partition("\n")[0]
        return _failed(f"the database does not do its work: {first_line}")
    except KeyboardInterrupt:
        return INTERRUPTED


def _failed(text: str) -> int:
    print(f"loopchat: {text}", file=sys.stderr, flush=True)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("loopchat", description="A chat server for your own machine.")
    parser.add_argument("--version", action="version", version=f"loopchat {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    serve = commands.add_parser("serve", help="prepare the database, then serve pages and sockets")
    _add_address(serve)
    serve.add_argument("--workers", metavar="N", type=_number(1, 256), help="processes (1)")
    serve.set_defaults(command=_serve)

    demo = commands.add_parser("demo", help="serve sample people and rooms, kept nowhere")
    _add_address(demo)
    demo.set_defaults(command=_demo)

    adduser = commands.add_parser("adduser", help="create an account")
    adduser.add_argument("name", metavar="NAME")
    adduser.add_argument(
        "--password-stdin", action="store_true", help="read it from standard input"
    )
    kind = adduser.add_mutually_exclusive_group()
    kind.add_argument("--owner", action="store_true", help="an owner of this server")
    kind.add_argument("--bot", action="store_true", help="a program; signs in with tokens")
    adduser.set_defaults(command=_adduser)

    token = commands.add_parser("token", help="print a new API token for an account, once")
    token.add_argument("name", metavar="NAME")
    token.set_defaults(command=_token)

    tail = commands.add_parser("tail", help="print what is said in a room, as it is said")
    tail.add_argument("room", metavar="ROOM", help="its id, its name, or @NAME of a person")
    tail.add_argument("--lines", metavar="N", type=_number(0, 100), default=10, help="before (10)")
    tail.set_defaults(command=_tail)

    send = commands.add_parser("send", help="send a message, from here or from standard input")
    send.add_argument("room", metavar="ROOM", help="its id, its name, or @NAME of a person")
    send.add_argument("text", metavar="TEXT", nargs="?", help="- or nothing: standard input")
    send.set_defaults(command=_send)
    for program in (tail, send):
        program.add_argument("--url", metavar="URL", help="the server (http://127.0.0.1:8000)")

    backup = commands.add_parser("backup", help="write a backup, and read it back to be sure")
    backup.add_argument("folder", metavar="FOLDER", type=Path)
    backup.add_argument("--keep", metavar="N", type=_number(1, 10_000), help="remove older ones")
    backup.set_defaults(command=_backup)

    restore = commands.add_parser("restore", help="put a backup in the place of the data")
    restore.add_argument("file", metavar="FILE", type=Path)
    restore.add_argument("--replace", action="store_true", help="even where there is data")
    restore.set_defaults(command=_restore)

    doctor = commands.add_parser("doctor", help="look for what usually breaks a server")
    doctor.set_defaults(command=_doctor)

    # Handled before parsing, so that its own options reach Django untouched.
    commands.add_parser("manage", help="Django's management commands")
    return parser


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="ADDRESS", help="where to listen (127.0.0.1)")
    parser.add_argument(
        "--port", metavar="N", type=_number(1, 65535), help="where to listen (8000)"
    )


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text[:20]) <= most):
            raise argparse.ArgumentTypeError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def _serve(options: argparse.Namespace) -> int:
    load_env_file()
    _prefer("HOST", options.host)
    _prefer("PORT", options.port)
    _prefer("WORKERS", options.workers)
    _load_django()
    from loopchat import serving

    return serving.serve()


def _demo(options: argparse.Namespace) -> int:
    load_env_file()
    _prefer("HOST", options.host)
    _prefer("PORT", options.port)
    from loopchat import demo

    with demo.data_folder():
        _load_django()
        return demo.serve()


def _adduser(options: argparse.Namespace) -> int:
    _load_django()
    from loopchat import serving
    from loopchat.accounts import people
    from loopchat.bots import founding

    serving.migrate()
    password = _password(options)
    if options.owner:
        if password is None:
            raise CannotStart("an owner needs a password")
        person = people.create_owner(options.name, password)
    elif options.bot:
        person = founding.create(None, username=options.name).user
    else:
        person = people.create(options.name, password)
    print(f"Created {_kind_of(person)} {person.username}.")
    return 0


def _tail(options: argparse.Namespace) -> int:
    from loopchat.client import terminal

    return terminal.tail(options.url, options.room, lines=options.lines, problem=CannotStart)


def _send(options: argparse.Namespace) -> int:
    from loopchat.client import terminal

    return terminal.send(options.url, options.room, options.text, problem=CannotStart)


def _token(options: argparse.Namespace) -> int:
    _load_django()
    from loopchat import serving
    from loopchat.accounts import people

    serving.migrate()
    person = people.find(options.name)
    if person is None or not person.is_active:
        raise CannotStart(f"nobody with the name {options.name} can sign in here")
    print(_new_token(person))
    return 0


def _new_token(person: User) -> str:
    """Its secret. That of a bot takes the place of the one before, which is said beside it."""
    from loopchat.accounts import tokens
    from loopchat.bots import keys
    from loopchat.bots.models import Bot

    bot = Bot.objects.filter(pk=person.pk).first()
    if bot is None:
        return tokens.create(person, label=_MADE_HERE)[1]
    if keys.of([bot]):
        print("The token that this bot had does not work any more.", file=sys.stderr)
    return keys.renew(bot, label=_MADE_HERE)[1]


def _backup(options: argparse.Namespace) -> int:
    _load_django()
    from loopchat.operations import backup

    made, size = backup.make(options.folder)
    print(f"Wrote {made} and read it back: {size}.")
    if backup.lacks_key():
        print("LOOPCHAT_SECRET_KEY is not in it: without it, codes and sign-ins are worth nothing.")
    if options.keep:
        for gone in backup.prune(options.folder, options.keep):
            print(f"Removed {gone}.")
    return 0


def _restore(options: argparse.Namespace) -> int:
    _load_django()
    from loopchat import serving
    from loopchat.operations import backup

    backup.restore(options.file, replace=options.replace)
    serving.migrate()
    backup.begin_anew()
    print("Restored. Clients read everything anew when the server runs again.")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    load_env_file()
    _load_django()
    from loopchat.operations import doctor

    faults = 0
    for finding in doctor.examine():
        faults += finding.verdict == "fault"
        print("\n".join(finding.lines()), flush=True)
    return 1 if faults else 0


def _manage(words: Sequence[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["loopchat manage", *words])
    return 0


def _prefer(name: str, value: object) -> None:
    """An option counts more than the environment; worker processes inherit it there."""
    if value is not None:
        os.environ[f"LOOPCHAT_{name}"] = str(value)


def _load_django() -> None:
    import django

    django.setup()


def _password(options: argparse.Namespace) -> str | None:
    if options.bot and options.password_stdin:
        raise CannotStart("a bot has no password; make it a token")
    if options.bot:
        return None
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CannotStart("nobody is here to type a password; give it with --password-stdin")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise CannotStart("these were two different passwords")
    return password


def _kind_of(person: User) -> str:
    if person.is_owner:
        return "the owner"
    return "the bot" if person.is_bot else "the account"
