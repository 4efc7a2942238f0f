"""The cache of an installation with Redis: while Redis is away, this process remembers itself.

The cache holds counted tries only. Without it a sign-in would answer with an error; forgetting
to count would let somebody guess codes. So each process counts for itself until Redis is back.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

#: What other methods of a cache are made from.
METHODS = [
    *("add", "get", "set", "touch", "delete", "incr", "has_key", "clear"),
    *("get_many", "set_many", "delete_many"),
]


class RedisOrOwnMemory(RedisCache):
    """Django's Redis cache, with this process's memory beneath it."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache("beneath-redis", params)


def _either(name: str) -> Callable[..., Any]:
    def method(self: RedisOrOwnMemory, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(RedisOrOwnMemory, self), name)(*args, **kwargs)
        except (RedisError, OSError):
            logger.warning("Redis could not be reached; this process counts for itself.")
            return getattr(self._memory, name)(*args, **kwargs)

    method.__name__ = name
    return method


for _name in METHODS:
    setattr(RedisOrOwnMemory, _name, _either(_name))
