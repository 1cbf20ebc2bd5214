"""Server processes of the service, and what is asked of them."""

import http.client
import json
import os
import re
import subprocess
import sys
import time

import forks
import psutil
from projects import ROOT

import spacy_domain.recipes.confidence  # noqa: F401  # registers entity_confidence

MODEL = "en_event_scheduling"
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
SECRET = "Zanzibarquux"  # a word of texts, to look for in logs
TEXTS = [json.loads(line)["text"] for line in (ROOT / "assets/events.jsonl").read_text(encoding="utf-8").splitlines()]


class Server:
    """A server process, and what it logs."""

    def __init__(
        self,
        folder,
        *options,
        site,
        model=MODEL,
        command=("-m", "scripts.serve"),
        cwd=ROOT,
        python=sys.executable,
        **env,
    ):
        self.log = folder / "server.log"
        settings = {**os.environ, "PYTHONPATH": str(site), "SERVICE_TOKEN": "", **env}
        words = [python, *command, str(model), "--port=0", *options]
        with self.log.open("w") as log:
            begin = forks.Process if forks.can_fork(words) else subprocess.Popen
            self.process = begin(words, cwd=cwd, env=settings, stdout=log, stderr=subprocess.STDOUT)

    def wait(self):
        """Until it is ready; False if it ends before."""
        while self.process.poll() is None:
            if found := re.search(r"http://127.0.0.1:(\d+)", self.said()):
                self.port = int(found[1])
                try:
                    if self.ask(None, "/readyz")[0] == 200:
                        return True
                except OSError:
                    pass
            time.sleep(0.05)
        return False

    def said(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def send(self, connection, body, path="/v1/entities", headers=JSON):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        connection.request("GET" if body is None else "POST", path, data, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def connect(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, body, path="/v1/entities", headers=JSON):
        """Send a request over a connection of its own: status, headers and body."""
        connection = self.connect()
        try:
            return self.send(connection, body, path, headers)
        finally:
            connection.close()

    def find(self, body, **how):
        status, _, answer = self.ask(body, **how)
        assert status == 200, answer
        return json.loads(answer)["results"]

    def stream(self, requests):
        """Send a stream: what its lines are answered."""
        data = "".join(f"{json.dumps(request)}\n" for request in requests).encode()
        status, _, answer = self.ask(data, headers=LINES)
        assert status == 200, answer
        return [json.loads(line) for line in answer.splitlines()]

    def open(self, headers):
        """Begin a request whose body comes in chunks."""
        connection = self.connect()
        connection.putrequest("POST", "/v1/entities")
        for name, value in {**headers, "Transfer-Encoding": "chunked"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection

    def workers(self):
        """Processes that have the model."""
        return [child for child in psutil.Process(self.process.pid).children() if child.memory_info().rss > 90e6]

    def stop(self):
        if self.process.poll() is None:
            end(self.process)
        return self.process.wait(60)


def end(process):
    """Ask a server to end; Windows, or a shell around it, ends without asking it, and leaves its workers."""
    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    process.wait(60)
    for child in family:
        if child.is_running():
            child.kill()


ODD = f"""
import time
from spacy.language import Language

@Language.component("odd")
def odd(doc):
    if "{SECRET}" in doc.text:
        raise ValueError(doc.text)
    if "slow" in doc.text:
        time.sleep(0.02)
    return doc
"""


def expected(nlp, text):
    return [
        {"text": ent.text, "label": ent.label_, "start": ent.start_char, "end": ent.end_char} for ent in nlp(text).ents
    ]


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


OSLO = {"entities": [{"text": "Oslo", "label": "CITY", "start": 0, "end": 4}]}
