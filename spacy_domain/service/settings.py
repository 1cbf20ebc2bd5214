"""What is served, and within which limits. Worker processes are started afresh and find it in their environment."""

import os
from dataclasses import asdict, dataclass, field
from json import dumps, loads

SETTINGS = "SERVICE_SETTINGS"
TOKEN = "SERVICE_TOKEN"


@dataclass(frozen=True)
class Settings:
    """What is served, and within which limits.

    model (str): An installed package's name, or a folder.
    max_body (int): Most bytes of a body, and of a line of a stream.
    max_text (int): Most characters of a text.
    max_texts (int): Most texts of a request.
    max_waiting (int): When so many texts wait for the model, in a worker process, further requests are turned away.
    max_requests (int): Most requests that a worker process handles at once.
    timeout (float): Most seconds that a request may take to arrive, and again to be answered; that a client may
        send nothing more of a stream, or read nothing of an answer.
    token (str): What requests have to be authorized with; nothing if empty. Not shown.
    """

    model: str
    max_body: int = 1_000_000
    max_text: int = 100_000
    max_texts: int = 1_000
    max_waiting: int = 2_000
    max_requests: int = 256
    timeout: float = 30.0
    token: str = field(default="", repr=False)

    def to_environment(self) -> None:
        """Leave the settings for processes that this one starts. The token is there already."""
        os.environ[SETTINGS] = dumps({**asdict(self), "token": ""})

    @classmethod
    def from_environment(cls) -> "Settings":
        """RETURNS (Settings): What the process that started this one has left."""
        return cls(**{**loads(os.environ[SETTINGS]), "token": os.environ.get(TOKEN, "")})
