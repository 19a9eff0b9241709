"""Where a word is left: in any row of any table, file, cache or queue."""

from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from kombu import Connection
from redis import Redis


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
    with Connection(settings.CELERY_BROKER_URL) as broker:
        return keys_with(word, broker.default_channel.client)  # type: ignore[attr-defined]


def cached_with(word: str) -> list[str]:
    return keys_with(word, cache._cache.get_client())  # type: ignore[attr-defined]


def keys_with(word: str, redis: Redis) -> list[str]:
    needle = word.encode()
    return [key.decode() for key in redis.scan_iter() if needle in key or needle in (redis.dump(key) or b"")]
