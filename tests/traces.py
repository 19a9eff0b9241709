"""Where a word is left: in any row of any table, file, cache or queue."""

import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from kombu import Connection
from redis import Redis

BODY = re.compile(r'"body": "([A-Za-z0-9+/=]+)"')


def tables() -> list[str]:
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def rows_with(word: str) -> dict[str, int]:
    """How many rows, by table. As PostgreSQL writes them out, so that no column is forgotten."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS here WHERE strpos(here::text, %s) > 0', [word])
            (found[table],) = cursor.fetchone()
    return {table: number for table, number in found.items() if number}


def all_rows(*, but: tuple[str, ...] = ()) -> dict[str, Counter[str]]:
    """A checksum of each row, by table, without those that any act adds to."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            if table not in but:
                cursor.execute(f'SELECT md5(here::text) FROM "{table}" AS here')
                found[table] = Counter(row[0] for row in cursor.fetchall())
    return found


def files_with(word: str, *folders: Path) -> list[str]:
    """By their names or in what they hold."""
    needle = word.encode()
    return [
        str(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and (word in path.name or needle in path.read_bytes())
    ]


def queued_with(word: str) -> list[str]:
    """Whatever the broker holds."""
    return [key for key, held in queued() if word in key or word in held]


def cached_with(word: str) -> list[str]:
    return [key for key, held in cached() if word in key or word in held]


def queued() -> list[tuple[str, str]]:
    """Each key of the broker with all that it holds; tasks are in base64 there."""
    with Connection(settings.CELERY_BROKER_URL) as broker:
        keys = held_by(broker.default_channel.client)  # type: ignore[attr-defined]
        return [(key, BODY.sub(lambda body: b64decode(body[1]).decode(), held)) for key, held in keys]


def cached() -> list[tuple[str, str]]:
    return list(held_by(cache._cache.get_client()))  # type: ignore[attr-defined]


def held_by(redis: Redis) -> Iterator[tuple[str, str]]:
    """Read value by value: what DUMP gives is compressed."""
    read: dict[Any, Callable[[bytes], Any]] = {
        b"string": redis.get,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1),
    }
    for key in redis.scan_iter():
        kind = redis.type(key)
        if kind != b"none":  # it has gone meanwhile
            yield as_text(key), as_text(read[kind](key))


def as_text(held: Any) -> str:
    if isinstance(held, bytes):
        return held.decode("latin-1")
    if isinstance(held, dict):
        return as_text([*held, *held.values()])
    return "\n".join(map(as_text, held or []))
