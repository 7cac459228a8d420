"""Django settings of the reference application; the harness says where things are."""

from __future__ import annotations

import os

SECRET_KEY = os.environ["BENCH_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "bench.peers.seeds_stack",
]
ROOT_URLCONF = "bench.peers.seeds_stack.asgi"
ASGI_APPLICATION = "bench.peers.seeds_stack.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["BENCH_DATABASE"]}
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # The layer waits for messages in blocking reads of five seconds, which is also redis-py's
        # own limit since version 8: without this, sockets are closed 1011 when a room is quiet.
        "CONFIG": {"hosts": [{"address": os.environ["BENCH_REDIS"], "socket_timeout": None}]},
    }
}
