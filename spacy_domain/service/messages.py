"""What requests and answers look like, and how a body becomes a request or a reason why it does not."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from json import loads
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .recognizer import Entity

TEXT = "Could you please reserve a team brainstorming session on coming Wednesday at 11 AM?"
ENTITIES = [
    {"text": "reserve", "label": "ACTION", "start": 17, "end": 24},
    {"text": "11 AM", "label": "TIME", "start": 77, "end": 82},
]


class RequestError(Exception):
    """A request that cannot be answered.

    status (int): The HTTP status code.
    reason (str): Why, in words that quote none of the request.
    """

    def __init__(self, status: int, reason: str):
        super().__init__(reason)
        self.status = status
        self.reason = reason


def _without_defaults(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": ["text"]}, {"required": ["texts"]}]
    for name in ("text", "texts", "labels"):
        del schema["properties"][name]["default"]


class EntitiesRequest(BaseModel):
    """One text, or several."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra=_without_defaults)

    text: str = Field("", description="A text")
    texts: list[str] = Field([], description="Texts, instead of one")
    labels: list[str] = Field([], description="Only entities with these labels; all if not given")
    confidence: bool = Field(False, description="Tell how likely each entity is right")
    offsets: Literal["code_points", "utf-16"] = Field(
        "code_points", description="What start and end count; strings of JavaScript count utf-16"
    )

    def all_texts(self) -> list[str]:
        """RETURNS (list[str]): The texts, or the one."""
        return self.texts if "texts" in self.model_fields_set else [self.text]


class EntityAnswer(BaseModel):
    """An entity."""

    text: str
    label: str
    start: int = Field(description="Where it starts")
    end: int = Field(description="Where it ends, exclusive")
    confidence: float | None = Field(None, description="If asked for: from 0 to 1, null if not known")


class TextAnswer(BaseModel):
    """What was found in a text."""

    entities: list[EntityAnswer]


class EntitiesAnswer(BaseModel):
    """What was found in each text."""

    model: str
    results: list[TextAnswer]


class ModelAnswer(BaseModel):
    """What the package says about itself."""

    name: str
    version: str
    lang: str
    description: str | None
    labels: list[str]
    performance: dict[str, Any] = Field(description="Scores on texts that it was not trained on")
    license: str | None
    sources: list[Any] | None
    provenance: dict[str, Any] | None


class ErrorAnswer(BaseModel):
    """Why a request was not answered."""

    detail: str


def parse(body: bytes | bytearray, max_text: int, max_texts: int) -> EntitiesRequest:
    """Read a request.

    body (bytes | bytearray): JSON in UTF-8; no key twice, no NaN.
    max_text (int): Most characters of a text.
    max_texts (int): Most texts.
    RETURNS (EntitiesRequest): The request.
    RAISES (RequestError): If it is none, or too large.
    """
    if body.startswith(BOM_UTF8):
        raise RequestError(400, "There is a byte order mark at the start: send UTF-8 without it")
    try:
        data = loads(body.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise RequestError(400, "The body is not JSON in UTF-8, or has a key twice") from None
    try:
        request = EntitiesRequest.model_validate(data)
    except ValidationError as error:
        raise RequestError(422, "; ".join(_explain(error))) from None
    if len(request.model_fields_set & {"text", "texts"}) != 1:
        raise RequestError(422, "Give either text or texts")
    texts = request.all_texts()
    try:
        "".join([*texts, *request.labels]).encode()
    except UnicodeEncodeError:
        raise RequestError(422, "There is half of a surrogate pair in a string") from None
    if len(texts) > max_texts:
        raise RequestError(413, f"{len(texts)} texts are more than {max_texts}")
    if any(len(text) > max_text for text in texts):
        raise RequestError(413, f"A text is longer than {max_text} characters")
    return request


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _explain(error: ValidationError) -> Iterable[str]:
    """What is wrong, by field. Names that are not ours are not repeated: they may be anything."""
    known = EntitiesRequest.model_fields
    for one in error.errors(include_url=False, include_context=False, include_input=False)[:10]:
        field = one["loc"][0] if one["loc"] else "body"
        if one["type"] == "extra_forbidden" or (one["loc"] and field not in known):
            yield f"An unknown field; there are {', '.join(known)}"
        else:
            yield f"{field}: {one['msg']}"


def render(text: str, entities: Sequence[Entity], request: EntitiesRequest) -> dict[str, Any]:
    """Tell what was found in a text, as a request asks for it.

    text (str): The text.
    entities (Sequence[Entity]): What was found.
    request (EntitiesRequest): Which labels, which offsets, and whether with confidence.
    RETURNS (dict[str, Any]): A TextAnswer.
    """
    wanted = set(request.labels) if "labels" in request.model_fields_set else None
    offsets = _utf16_offsets(text, entities) if request.offsets == "utf-16" and not text.isascii() else None
    found = []
    for number, entity in enumerate(entities):
        if wanted is None or entity.label in wanted:
            one = entity._asdict()
            if offsets:
                one["start"], one["end"] = offsets[number]
            if not request.confidence:
                del one["confidence"]
            found.append(one)
    return {"entities": found}


def _utf16_offsets(text: str, entities: Sequence[Entity]) -> list[tuple[int, int]]:
    units = position = 0
    counted = []
    for entity in entities:  # in the order of the text, and none within another
        for end in (entity.start, entity.end):
            units += len(text[position:end].encode("utf-16-le")) // 2
            counted.append(units)
            position = end
    return list(zip(counted[::2], counted[1::2], strict=True))
