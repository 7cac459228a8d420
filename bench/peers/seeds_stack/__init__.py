"""The stack that the first drafts of this product named: Channels, channels_redis, Daphne, SQLite.

A reference application written to be measured: one consumer per socket, `group_send` per message,
and one INSERT per message when `BENCH_STORED` is set. It leaves out what would make it slower (read
marks, lobby notices, unread counts), so the comparison is in its favour.
"""
