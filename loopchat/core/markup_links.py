"""Links in what people write: where they stand and where they may lead.

Only http, https and mailto lead anywhere. Whatever could show one address and open another stays
text: user names before a host, reversed or invisible characters, backslashes, look-alike forms of
`.` and `/`. Every search here is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote

from loopchat.core.characters import is_mark

LINK_MAX = 2048
LINKS_MAX = 400

# What a bare `example.org` may end with: the countries, and what else is in wide use.
_COUNTRIES = (
    "ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs"
    " bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec"
    " ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy"
    " hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky"
    " kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv"
    " mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw"
    " py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st sv sx sy sz tc td tf"
    " tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt"
    " za zm zw"
)
_WIDE_USE = (
    "aero app asia biz blog chat cloud com community coop design dev edu email energy events gov"
    " group info int jobs live media mil mobi museum name net network news online org page pro"
    " review shop site social software space store systems tech team today tools travel web wiki"
    " world xyz xxx zone рф срб укр бг қаз"  # noqa: RUF001 - these are Cyrillic
)
_DOMAINS = frozenset((_COUNTRIES + " " + _WIDE_USE).split())
# Those that are more often the end of a file's name, an attribute or a time of the day: hosts with
# them need a `www.` or a path to count as links.
_OTHER_USE = "am id info md mk ml ms name pm ps py rs sh so"
_AMBIGUOUS = frozenset(_OTHER_USE.split())

# What reorders, hides or cannot be encoded; a link with or beside one of these is not a link.
_HIDDEN = (
    r"\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_REORDERED = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSAFE = re.compile(rf"[\s\\<>\"`|{_HIDDEN}]")
# White space, quotation marks and the punctuation of scripts without spaces end an address.
_RUN = '[^\\s<>`|"，。、；：！？（）「」『』【】《》〈〉“”„«»‹›]'  # noqa: RUF001 - the full-width forms are meant
_LABEL = r"[^\W_](?:[^\W_]|-){0,62}+"
_HOST = rf"{_LABEL}(?:\.{_LABEL}){{1,9}}+"
_END = rf"(?!_*+[^\W_])(?![@{_HIDDEN}-])"
_LINK = re.compile(
    rf"(?<![A-Za-z0-9])(?P<full>(?:https?://|mailto:|www\.){_RUN}+)"
    rf"|(?<![^\W_])(?<![.+%@/{_HIDDEN}-])(?P<mail>[^\W_][\w.+%-]{{0,63}}+@{_HOST}){_END}"
    rf"|(?<![^\W_])(?<![.@/:\\{_HIDDEN}-])"
    rf"(?P<bare>{_HOST})(?P<rest>(?::\d{{1,5}}+)?(?:[/?#]{_RUN}*+)?){_END}",
    re.IGNORECASE,
)
_MAYBE = re.compile(r"[.:@](?:(?<=\.)[^\W\d_]{2}|(?<=:)//|(?<=@)\w)")
_TRAILING = ".,:;!?'’…*_~"  # noqa: RUF001 - the apostrophe of typesetters is meant
_BRACKETS = {")": "(", "]": "[", "}": "{"}

_AUTHORITY = re.compile(
    r"(?P<host>[^/?#@%:\[\]]+|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?(?![^/?#])"
)
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?P<host>[^/?#@%:\[\]]+)(?![^?])")
_AS_IT_IS = "!#$%&()*+,-./:;=?@[]_~"


class Link(NamedTuple):
    """An address in a text: from where to where, and what it opens."""

    start: int
    end: int
    href: str


def find_links(text: str) -> list[Link]:
    """The addresses that people meant as links, in order, the first 400; they do not overlap."""
    if not _MAYBE.search(text) or _REORDERED.search(text):
        return []
    return list(islice(_links(text), LINKS_MAX))


def href_of(address: str) -> str | None:
    """What a link to that address with a scheme opens, in ASCII; None when it must not be one."""
    if len(address) > LINK_MAX or _UNSAFE.search(address):
        return None
    scheme, colon, rest = address.partition(":")
    scheme = scheme.lower()
    if scheme in ("http", "https") and rest.startswith("//"):
        made = _web(rest[2:])
        prefix = f"{scheme}://"
    elif scheme == "mailto" and colon:
        made = _mail(rest)
        prefix = "mailto:"
    else:
        return None
    return prefix + made if made is not None and len(prefix) + len(made) <= LINK_MAX else None


def host_of(href: str) -> str:
    """The host that a finished link leads to, which is what a reader must not be deceived about."""
    _, _, rest = href.partition(":")
    authority = re.split("[/?#]", rest.removeprefix("//"), maxsplit=1)[0]
    return authority.rpartition("@")[2].removeprefix("www.")


def _links(text: str) -> Iterator[Link]:
    for match in _LINK.finditer(text):
        if match["full"] is not None:
            address = _trimmed(match["full"])
            href = href_of(f"http://{address}" if address[:4].lower() == "www." else address)
        elif match["mail"] is not None:
            address = match["mail"]
            href = href_of(f"mailto:{address}") if _is_known(address.partition("@")[2]) else None
        else:
            address = _trimmed(match["bare"] + match["rest"])
            bare = _is_bare_link(match["bare"], match["rest"])
            href = href_of(f"http://{address}") if bare else None
        if href is not None:
            yield Link(match.start(), match.start() + len(address), href)


def _is_bare_link(host: str, rest: str) -> bool:
    domain = host.rpartition(".")[2]
    return _is_known(host) and ("/" in rest or domain.lower() not in _AMBIGUOUS)


def _is_known(host: str) -> bool:
    """Whether it ends as hosts do, and not as a sentence does before the next: `end.So`."""
    domain = host.rpartition(".")[2]
    if not domain.islower() and not host.isupper():
        return False
    return domain.lower() in _DOMAINS or domain.startswith(("xn--", "XN--"))


def _trimmed(address: str) -> str:
    """Without the punctuation after it, and without a bracket that was opened before it."""
    surplus = {close: address.count(close) - address.count(_BRACKETS[close]) for close in _BRACKETS}
    end = len(address)
    while end:
        last = address[end - 1]
        if last in _BRACKETS and surplus[last] > 0:
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return address[:end]


def _web(rest: str) -> str | None:
    authority = _AUTHORITY.match(rest)
    host = _ascii_host(authority["host"]) if authority else None
    if authority is None or host is None:
        return None
    port = authority[0][len(authority["host"]) :]
    return host + port + quote(rest[authority.end() :], safe=_AS_IT_IS)


def _mail(rest: str) -> str | None:
    address = _ADDRESS.match(rest)
    host = _ascii_host(address["host"]) if address else None
    if address is None or host is None:
        return None
    local = address[0].partition("@")[0]
    return f"{local}@{host}{quote(rest[address.end() :], safe=_AS_IT_IS)}"


def _ascii_host(host: str) -> str | None:
    if host.startswith("["):
        return host.lower()
    if not all(c.isalnum() or c in "-._" or is_mark(c) for c in host):
        return None
    # A form that only compatibility turns into ASCII would show one host and open another.
    if unicodedata.normalize("NFKC", host) != unicodedata.normalize("NFC", host):
        return None
    labels = [_ascii_label(label) for label in host.removesuffix(".").split(".")]
    made = ".".join(labels)
    return made if all(labels) and len(made) <= 253 else None


def _ascii_label(label: str) -> str:
    """The label as name servers know it; empty when there is no such form."""
    folded = unicodedata.normalize("NFC", label.lower())
    made = folded if folded.isascii() else "xn--" + folded.encode("punycode").decode("ascii")
    return made if len(made) <= 63 else ""
