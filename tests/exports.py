"""What more tools export, as lists of records."""

from samples import TEXTS, spans, tagged, write

COUNT = sum(map(len, TEXTS.values()))
NAMES = ["O", "B-PERSON", "I-PERSON", "B-PLACE", "I-PLACE", "B-DATE", "I-DATE"]


def as_tokens(scheme="BIO", numbers=False):
    for pairs in tagged(scheme):
        tokens, tags = [token for token, _ in pairs], [tag for _, tag in pairs]
        yield tokens, [NAMES.index(tag) for tag in tags] if numbers else tags


FEATURE = {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "Sequence"}


def rows_of(tokens="tokens", tags="ner_tags", **options):
    return [
        {"id": str(number), tokens: one, tags: two, "pos_tags": ["X"] * len(one)}
        for number, (one, two) in enumerate(as_tokens(**options))
    ]


def as_columns(rows):
    return {key: [row[key] for row in rows] for key in rows[0]}


def as_viewer(rows):
    features = [{"feature_idx": 0, "name": "ner_tags", "type": FEATURE}]
    listed = [{"row_idx": number, "row": row, "truncated_cells": []} for number, row in enumerate(rows)]
    return {"features": features, "rows": listed, "num_rows_total": 7, "partial": False}


def dataturks(inclusive=True):
    for text, entities in spans(inclusive=inclusive):
        marked = [{"label": [x], "points": [{"start": s, "end": e, "text": t}]} for s, e, x, t in entities]
        yield {"content": text, "annotation": marked or None, "extras": None, "metadata": {"status": "done"}}


def utterances():
    for text, entities in spans("utf-16", inclusive=True):
        found_in_it = [{"entity": label, "startPos": s, "endPos": e} for s, e, label, _ in entities]
        yield {"text": text, "intent": "Meet", "entities": found_in_it}


def luis_app():
    about = {"luis_schema_version": "7.0.0", "versionId": "0.1", "name": "a", "culture": "en-us", "patterns": []}
    kinds = {"intents": [{"name": "Meet"}], "entities": [{"name": "PERSON", "children": [], "roles": ["to"]}]}
    return {**about, **kinds, "closedLists": [], "utterances": list(utterances())}


def azure(key, items, kind, unit="Utf16CodeUnit"):
    about = {"projectFileVersion": "2022-05-01", "stringIndexType": unit, "metadata": {"projectKind": kind}}
    kinds = [{"category": label, "compositionSetting": "combineComponents"} for label in ("PERSON", "PLACE", "DATE")]
    return {**about, "assets": {"projectKind": kind, "entities": kinds, key: items}}


def azure_labels(entities):
    return [{"category": label, "offset": s, "length": e - s} for s, e, label, _ in entities]


def azure_conversations():
    items = [{"text": t, "intent": "a", "language": "en", "entities": azure_labels(es)} for t, es in spans("utf-16")]
    return azure("utterances", items, "Conversation")


def azure_documents():
    items = []
    for number, (text, entities) in enumerate(spans("utf-16")):
        length = len(text.encode("utf-16-le")) // 2
        region = {"regionOffset": 0, "regionLength": length, "labels": azure_labels(entities)}
        items.append({"location": f"{number}.txt", "language": "en", "dataset": "Train", "entities": [region]})
    return azure("documents", items, "CustomEntityRecognition")


def put_texts(folder):
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(TEXTS):
        write(folder / f"{number}.txt", text)


def manifest(job="names-1", unit="utf-16"):
    for text, entities in spans(unit):
        marked = [{"endOffset": e, "startOffset": s, "label": label} for s, e, label, _ in entities]
        kinds = [{"label": "PERSON"}, {"label": "PLACE"}]
        about = {"entities": [{"confidence": 0.1}] * len(marked), "type": "groundtruth/text-span"}
        yield {
            "source": text,
            job: {"annotations": {"entities": marked, "labels": kinds}},
            f"{job}-metadata": {**about, "human-annotated": "yes", "job-name": f"labeling-job/{job}"},
        }


def gliner():
    for tokens, tags in as_tokens("BIO"):
        starts = [number for number, tag in enumerate(tags) if tag.startswith("B")]
        ner = []
        for first in starts:
            last = first
            while tags[last + 1 : last + 2] == [f"I-{tags[first][2:]}"]:
                last += 1
            ner.append([first, last, tags[first][2:]])
        yield {"tokenized_text": tokens, "ner": ner, "ner_negatives": ["FOOD"]}


def argilla(shape):
    for text, entities in spans():
        record = {"text": text, "tokens": text.split(), "inputs": {"text": text}, "metadata": {}, "status": "Validated"}
        record["prediction"] = [{"label": "GUESS", "start": 0, "end": 1, "score": 0.5}]
        record["prediction_agent"], record["annotation_agent"] = "model", "ana"
        yield {**record, "annotation": [shape(*one) for one in entities]}


def span_objects(entities):
    return [{"start": s, "end": e, "label": label} for s, e, label, _ in entities]


GUESS = [{"start": 0, "end": 1, "label": "GUESS"}]


def argilla_nested():
    for number, (text, entities) in enumerate(spans()):
        yield {
            "id": str(number),
            "fields": {"text": text},
            "metadata": {},
            "suggestions": {"names": {"value": GUESS, "score": None, "agent": "model"}},
            "responses": {
                "names": [{"value": span_objects(entities), "user_id": "ana"}],
                "mood": [{"value": "good", "user_id": "ana"}],
            },
            "vectors": {},
            "_server_id": "1",
        }


def argilla_flat():
    for number, (text, entities) in enumerate(spans()):
        yield {
            "id": str(number),
            "status": "completed",
            "_server_id": "1",
            "text": text,
            "names.responses": [span_objects(entities)],
            "names.responses.users": ["ana"],
            "names.responses.status": ["submitted"],
            "mood.responses": ["good"],
            "mood.responses.users": ["ana"],
            "mood.responses.status": ["submitted"],
            "names.suggestion": GUESS,
            "names.suggestion.score": None,
        }


def argilla_feedback():
    for text, entities in spans():
        values = {"names": {"value": span_objects(entities)}, "mood": {"value": "good"}}
        yield {
            "fields": {"text": text},
            "responses": [{"user_id": "ana", "status": "submitted", "values": values}],
            "suggestions": [{"question_name": "names", "value": GUESS, "agent": "model"}],
        }


def exports():
    """Records, or objects that wrap them, of each kind of JSON."""
    return {
        "hugging_face": rows_of(),
        "hub_rows": [as_viewer(rows_of())],
        "dataturks": dataturks(),
        "luis": list(utterances())[:4],
        "luis_app": [luis_app()],
        "azure_conversations": [azure_conversations()],
        "azure_entities": [azure_documents()],
        "ground_truth": manifest(),
        "gliner": gliner(),
        "argilla": argilla(lambda s, e, label, surface: [label, s, e]),
        "argilla_questions": [*argilla_nested(), *argilla_flat(), *argilla_feedback()],
    }
