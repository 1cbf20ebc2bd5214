"""Asking a language model, by the chat protocol that OpenAI's API and most servers of models speak.

Servers are slow, cut answers off, say rubbish and turn requests away: an answer is asked for a few times, and kept in a
file as soon as it is there, so that nothing is asked, nor paid for, twice.
"""

import json
import random
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from http.client import HTTPException
from pathlib import Path
from threading import Lock
from typing import Any

from ..project.errors import Place, ProjectError

URL, MODEL, KEY = "OPENAI_BASE_URL", "OPENAI_MODEL", "OPENAI_API_KEY"
TRIES = 6
LONGEST = 60.0  # seconds between two tries
PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 529}  # statuses that may be others the next time
LARGEST = 5_000_000  # bytes of an answer


class NoAnswer(Exception):
    """An answer that did not come, however often it was asked for."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key is for the server that it was given for, not for the one that this points to."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass
class Chat:
    """A language model behind an address.

    url (str): The address, up to and without "/chat/completions".
    model (str): The model's name there.
    key (str): What requests are authorized with; none if empty. Not shown.
    timeout (float): Most seconds to wait for an answer.
    wait (float): Seconds before the second try; twice as many before each further one.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 120.0
    wait: float = 1.0
    counts: Counter[str] = field(default_factory=Counter)
    _schemas: bool = True  # whether the server takes a schema

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **more: Any) -> "Chat":
        """Read address, model and key.

        environment (Mapping[str, str]): The environment.
        RETURNS (Chat): The model.
        RAISES (ProjectError): If there is no address, or no model.
        """
        url, model = environment.get(URL, "").rstrip("/"), environment.get(MODEL, "")
        if not url.startswith(("http://", "https://")) or not model:
            raise ProjectError(
                "No language model to ask",
                f"Set {URL} (http://localhost:11434/v1, say), {MODEL} and, if it needs one, {KEY} in the environment.",
            )
        return cls(url, model, environment.get(KEY, ""), **more)

    def ask(self, messages: list[dict[str, str]], schema: dict[str, Any]) -> str:
        """Ask for an answer.

        messages (list[dict[str, str]]): What is said, each with its "role" and "content".
        schema (dict[str, Any]): A JSON schema that the answer is to fit, where the server can see to that.
        RETURNS (str): The answer; empty if the model refuses to give one.
        RAISES (NoAnswer): If none came.
        RAISES (ProjectError): If the server does not let us in, or knows no such model.
        """
        why = ""
        for number in range(TRIES):
            body: dict[str, Any] = {"model": self.model, "messages": messages, "temperature": 0}
            if self._schemas:
                named = {"name": "entities", "strict": True, "schema": schema}
                body["response_format"] = {"type": "json_schema", "json_schema": named}
            pause = min(LONGEST, self.wait * 2**number * random.uniform(0.8, 1.2))
            try:
                return self._read(self._send(body))
            except urllib.error.HTTPError as error:
                said = error.read(2_000).decode("utf-8", "replace")
                if error.code == 400 and self._schemas:
                    self._schemas = False
                    continue
                if error.code not in PASSING:
                    raise self._refuse(error.code, said) from None
                why = f"status {error.code}"
                pause = _retry_after(error.headers.get("Retry-After"), pause)
            except (OSError, HTTPException, ValueError, KeyError, TypeError, IndexError) as error:
                why = f"{type(error).__name__}: {error}"[:200]
            self.counts["tried again"] += 1
            if number < TRIES - 1:
                time.sleep(pause)
        raise NoAnswer(why)

    def _send(self, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(f"{self.url}/chat/completions", json.dumps(body).encode(), headers)
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=self.timeout) as answer:
            return json.loads(answer.read(LARGEST))

    def _read(self, answer: dict[str, Any]) -> str:
        choice = answer["choices"][0]
        usage = answer.get("usage") or {}
        self.counts.update({name: int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")})
        content = choice["message"].get("content")
        if content is None or choice["message"].get("refusal") or choice.get("finish_reason") == "content_filter":
            self.counts["refused"] += 1
            return ""
        if choice.get("finish_reason") == "length":
            self.counts["cut off"] += 1
        return str(content)

    def _refuse(self, status: int, said: str) -> ProjectError:
        shown = said.replace(self.key, "...") if self.key else said
        remedy = f"Check {URL}, {MODEL} and {KEY}. What was answered before is kept: run it again."
        return ProjectError(
            f"The server answers with {status}", remedy, [Place(self.url, None, " ".join(shown.split()))]
        )


def _retry_after(value: str | None, otherwise: float) -> float:
    try:
        return min(LONGEST, max(0.0, float(value))) if value else otherwise
    except ValueError:  # a date
        return otherwise


class Answers:
    """Answers that came before, in a file that is only ever appended to.

    path (Path): The file.
    """

    def __init__(self, path: Path):
        self.path, self.lock = path, Lock()
        self.known: dict[str, str] = {}
        content = path.read_bytes() if path.exists() else b""
        self._cut = bool(content) and not content.endswith(b"\n")
        for line in content.splitlines():
            try:
                row = json.loads(line)
                self.known[row["key"]] = row["answer"]
            except (ValueError, KeyError, TypeError):  # it was cut by a crash
                continue

    def add(self, key: str, answer: str) -> None:
        """Keep an answer."""
        with self.lock:
            self.known[key] = answer
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file_:
                file_.write((b"\n" if self._cut else b"") + json.dumps({"key": key, "answer": answer}).encode() + b"\n")
                self._cut = False


def key_of(model: str, messages: list[dict[str, str]]) -> str:
    """RETURNS (str): What names the answer of a model to what was said: another text or prompt, another name."""
    return blake2b(json.dumps([model, messages]).encode(), digest_size=16).hexdigest()
