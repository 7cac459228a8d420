"""Texts that somebody writes to break the page of somebody else."""

from __future__ import annotations

from itertools import product

MARKUP = (
    "<script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<svg onload=pwned()>",
    "<svg><script>pwned()</script></svg>",
    "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
    "<body onload=pwned()>",
    "<details open ontoggle=pwned()>x</details>",
    "<input autofocus onfocus=pwned()>",
    "<style>*{display:none!important}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><button>x",
    "<a href=javascript:pwned()>x</a>",
    "<math><mtext></table><img src=x onerror=pwned()>",
    "</script><script>pwned()</script>",
    "</title><script>pwned()</script>",
    "</textarea><script>pwned()</script>",
    "--><script>pwned()</script>",
    "]]><script>pwned()</script>",
    "'\"><img src=x onerror=pwned()>",
    "`${pwned()}`",
    "${pwned()}",
    "{{constructor.constructor('pwned()')()}}",
    "{% debug %}{{ settings.SECRET_KEY }}",
    "&lt;script&gt;pwned()&lt;/script&gt;",
    "&#60;img src=x onerror=pwned()&#62;",
    "\\u003cscript\\u003epwned()\\u003c/script\\u003e",
    "<!--lit-part--><?lit$123$?>",
    "?lit$000000000$",
    "<!--?lit$-->",
    "%3Cscript%3Epwned()%3C/script%3E",
)
SCHEMES = (
    "javascript:pwned()",
    "JaVaScRiPt:pwned()",
    "java\tscript:pwned()",
    " javascript:pwned()",
    "javascript&colon;pwned()",
    "vbscript:pwned()",
    "data:text/html,<script>pwned()</script>",
    "data:image/svg+xml;base64,PHN2Zy8+",
    "blob:https://evil.example/1",
    "file:///etc/passwd",
    "filesystem:x",
    "about:blank",
    "ws://evil.example",
    "ftp://evil.example",
    "intent://x#Intent;end",
    "view-source:http://evil.example",
    "//evil.example/x",
    "/users/logout/",
    "\\\\evil.example\\x",
    "https://user:pass@evil.example@good.example/",
    "https://good.example\u202egnp.elpmaxe.live//:sptth",
    "https://xn--pple-43d.com/\u0430pple",
    'http://[::1]/"onmouseover=pwned()',
    "https://e.example/'onclick='pwned()",
    "mailto:x?subject=<script>pwned()</script>",
    "http:pwned()",
    "https://e.example/" + "a" * 2000,
)
AROUND_LINKS = ("{}", "[x]({})", "<{}>", "![x]({})", "[{}]({})", "> [x]({})", "||[x]({})||")
STRANGE = (
    "\u202eevil\u202d",
    "\u2066\u2067\u2068" * 40 + "x",
    "\u202e" * 200 + "x",
    "x\u200b" * 900,
    "x\u200d\u2060\ufeff\u00ad" * 200,
    "Z" + "\u0300\u0301\u0489" * 150,
    "\u0e49" * 300 + "x",
    "W" * 8000,
    "\ufdfd" * 400,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 100,
    "\U0001f3f4" + "\U000e0067" * 60 + "\U000e007f x",
    "\u05d0\u05d1\u05d2 <b>abc</b> \u0627\u0644\u0639\u0631",
    "a\n" * 500 + "a",
    "\t" * 200 + "x",
    "x" + " " * 3000 + "x",
    "\u3000" * 300 + "x",
    "\u2028\u2029" * 50 + "x",
    "\ue000\uffff\ufffe" + "x",
    "\U0010ffff" * 30 + "x",
    "-" * 4000,
    "\u2588" * 2000,
)
BOMBS = (
    ">" * 4000 + "x",
    "> " * 2000 + "x",
    "*" * 8000,
    "**" * 500 + "x" + "**" * 500,
    "_*" * 1500 + "x" + "*_" * 1500,
    "[" * 4000,
    "[x](" * 1500,
    "`" * 4001,
    "||" * 2000 + "x",
    "~~" * 2000 + "x",
    "- " * 2000 + "x",
    "\n".join("  " * n + "- x" for n in range(100)),
    "\n".join(f"{n}. x" for n in range(1500)),
    "999999999. x",
    "```" + "x" * 500 + "\n" + "y" * 3000 + "\n```",
    "```js\n" + "pwned();" * 300 + "\n```",
    "```<script>\npwned()\n```",
    "@" * 3000,
    "@all " * 500,
    "@ann" * 800,
    "https://e.example " * 300,
    "@__proto__ @constructor @toString",
    "|" * 4000 + "x",
    "\\" * 4000 + "x",
    "<" * 4000,
)
NAMES = (
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "then",
    "undefined",
    "null",
    "NaN",
    "true",
    "[object Object]",
    "__defineGetter__",
    "innerHTML",
    '{"__proto__":{"x":1}}',
    "../../../etc/passwd",
    "'; DROP TABLE chat_message; --",
    "%s%s%n{0}{}",
)
AROUND = ("{}", "**{}**", "> {}", "`{}`", "- {}", "||{}||", "x {} y", "{}{}")


def texts() -> list[str]:
    """All of them, each once, none longer than a message may be."""
    words = [*MARKUP, *NAMES]
    made = [around.replace("{}", word) for around, word in product(AROUND, words)]
    made += [around.replace("{}", link) for around, link in product(AROUND_LINKS, SCHEMES)]
    made += [*STRANGE, *BOMBS]
    return list(dict.fromkeys(text[:8000] for text in made))


def lines() -> list[str]:
    """Those that may be the name or the topic of a room: short, on one line."""
    short = [*MARKUP, *NAMES, *SCHEMES, *STRANGE]
    return list(dict.fromkeys(" ".join(text.split())[:64].strip() or "x" for text in short))
