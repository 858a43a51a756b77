"""The Python client of the Waymark learning-records API. `Waymark` is for threads, `AsyncWaymark` for asyncio; `models` has the
types of what they take and give."""

from ._bundle import Bundle, PartMissingError, Synced
from ._calls import Answer, Credentials
from ._client import AsyncTokenSource, AsyncWaymark, TokenSource, Waymark
from ._draw import draw
from ._generated import models
from ._problems import NoAnswerError, ProblemError, TokenRefusedError, WaymarkError
from ._retries import Retries

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "AsyncTokenSource",
    "AsyncWaymark",
    "Bundle",
    "Credentials",
    "NoAnswerError",
    "PartMissingError",
    "ProblemError",
    "Retries",
    "Synced",
    "TokenRefusedError",
    "TokenSource",
    "Waymark",
    "WaymarkError",
    "draw",
    "models",
]
