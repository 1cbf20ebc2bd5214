"""Publishing to a hub: the library's own requests, to a server that speaks as much of the hub as it asks for."""

import base64
import hashlib
import json
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

WHEEL = "packages/en_event_scheduling-1.0.0-py3-none-any.whl"
NAME = WHEEL.partition("/")[2]
CARD = "metrics/MODEL_CARD.md"
FRONT_MATTER = "---\nlanguage: en\nlicense: mit\n---\n"
REPO = "ada/events"
OID = "0123456789abcdef0123456789abcdef01234567"
BLOCKED = (
    "import runpy, sys; sys.modules['huggingface_hub'] = None; runpy.run_module('scripts.publish', run_name='__main__')"
)


class Hub(BaseHTTPRequestHandler):
    """Holds what was committed in `server.commits`: a dict of files each, by their names."""

    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server.requests.append(f"{self.command} {self.path}")
        if self.headers.get("Authorization") != "Bearer right" and not self.path.startswith("/storage/"):
            self.answer(401, {"error": "Invalid username or password."})
        elif self.path == server.refused_at:
            self.answer(server.status, {"error": "Not for you.", "errors": [{"message": "no such license"}]})
        elif self.path == "/api/repos/create":
            server.created.append(json.loads(body))
            self.answer(200, {"url": f"{server.url}/{REPO}"})
        elif self.path == "/api/validate-yaml":
            self.answer(200, {"errors": [], "warnings": []})
        elif self.path == f"/api/models/{REPO}/preupload/main":
            modes = [("lfs" if file["path"] == server.large else "regular", file) for file in json.loads(body)["files"]]
            files = [{"path": file["path"], "uploadMode": mode, "shouldIgnore": False} for mode, file in modes]
            self.answer(200, {"files": files})
        elif self.path == f"/{REPO}.git/info/lfs/objects/batch":
            (wanted,) = json.loads(body)["objects"]
            actions = {"upload": {"href": f"{server.url}/storage/{wanted['oid']}"}}
            self.answer(200, {"transfer": "basic", "objects": [{**wanted, "actions": actions}]})
        elif self.path.startswith("/storage/"):
            server.storage[self.path.rpartition("/")[2]] = body
            self.answer(200, {})
        elif self.path == f"/api/models/{REPO}/commit/main":
            lines = [json.loads(line) for line in body.splitlines()]
            files = {line["value"]["path"]: self.content(line) for line in lines if line["key"] != "header"}
            server.commits.append(files)
            url = f"{server.url}/{REPO}/commit/{OID}"
            self.answer(200, {"success": True, "commitUrl": url, "commitOid": OID})
        else:
            self.answer(404, {"error": "Repository not found"})

    do_GET = do_PUT = do_POST

    def content(self, line):
        if line["key"] == "lfsFile":
            return self.server.storage[line["value"]["oid"]]
        assert line["value"]["encoding"] == "base64"
        return base64.b64decode(line["value"]["content"])

    def answer(self, status, data):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    """A server that takes uploads with the token "right"."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.url = f"http://127.0.0.1:{server.server_port}"
    server.requests, server.created, server.commits, server.storage = [], [], [], {}
    server.large, server.refused_at, server.status = None, None, 403
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def release(project):
    """A project with something to publish."""
    wheel = os.urandom(50_000)
    project.write(WHEEL, "")
    (project.path / WHEEL).write_bytes(wheel)
    project.write(f"{WHEEL}.sha256", f"{hashlib.sha256(wheel).hexdigest()}  {NAME}\n")
    project.write(CARD, f"{FRONT_MATTER}\n# en_event_scheduling\n\nFinds “events” — and says so.\n")
    return project


def publish(project, url, *arguments, token="right", program=("-m", "scripts.publish"), **env):
    """Run the command, with no login but this token and no proxy."""
    settings = {"HF_ENDPOINT": url, "HF_TOKEN": token, "HF_HUB_OFFLINE": "0", "HUGGING_FACE_HUB_TOKEN": ""}
    settings |= {"HF_HOME": str(project.path / "hf"), "NO_PROXY": "127.0.0.1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = project.python(*program, WHEEL, CARD, *arguments, check=False, **{**settings, **env})
    assert "Traceback" not in done.stderr, done.stderr
    return done


def uploaded(project):
    files = {NAME: WHEEL, f"{NAME}.sha256": f"{WHEEL}.sha256", "README.md": CARD}
    return {name: (project.path / path).read_bytes() for name, path in files.items()}


@pytest.mark.parametrize("large", [None, NAME])
def test_one_commit_holds_wheel_checksum_and_card(release, hub, large):
    hub.large = large  # the wheel then goes the way of large files
    done = publish(release, hub.url, f"--repo={REPO}", HF_HUB_DISABLE_XET="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert hub.commits == [uploaded(release)]
    assert [(made["organization"], made["name"]) for made in hub.created] == [tuple(REPO.split("/"))]
    assert list(hub.storage) == [hashlib.sha256(uploaded(release)[NAME]).hexdigest()] * bool(large)
    assert f"{hub.url}/{REPO}/commit/{OID}" in done.stdout
    assert f"pip install {hub.url}/{REPO}/resolve/{OID}/{NAME}" in done.stdout


@pytest.mark.parametrize("repo, token", [("none", "right"), (REPO, "")])
def test_without_repository_or_token_nothing_is_sent(release, hub, repo, token):
    done = publish(release, hub.url, f"--repo={repo}", token=token)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not hub.requests
    for name, contents in uploaded(release).items():
        assert name in done.stdout and hashlib.sha256(contents).hexdigest()[:12] in done.stdout
    assert "Nothing was sent" in done.stdout and "HF_TOKEN" in done.stdout
    assert ("--vars.hub_repo" if repo == "none" else REPO) in done.stdout


def test_wrong_token(release, hub):
    done = publish(release, hub.url, f"--repo={REPO}", token="wrong")
    assert done.returncode == 1 and not hub.commits
    assert "the hub said 401: Invalid username or password." in done.stdout
    assert "What to do: Set HF_TOKEN" in done.stdout and "wrong" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "path, status, said, remedy",
    [
        ("/api/repos/create", 404, "the hub said 404: Not for you.", "Check --vars.hub_repo"),
        ("/api/validate-yaml", 400, "no such license", "Put right what the hub names"),
        (f"/{REPO}.git/info/lfs/objects/batch", 403, "the hub said 403: Not for you.", "Give the token write access"),
        (f"/api/models/{REPO}/commit/main", 503, "the hub said 503: Not for you.", "Wait a while"),
    ],
)
def test_what_the_hub_refuses(release, hub, path, status, said, remedy):
    hub.large, hub.refused_at, hub.status = NAME, path, status
    done = publish(release, hub.url, f"--repo={REPO}", HF_HUB_DISABLE_XET="1")
    assert done.returncode == 1 and not hub.commits
    assert "The hub did not take the files" in done.stdout and f"What to do: {remedy}" in done.stdout
    assert said in done.stdout


@pytest.mark.parametrize("env, said", [({}, "refused"), ({"HF_HUB_OFFLINE": "1"}, "offline mode is enabled")])
def test_no_network(release, env, said):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = publish(release, url, f"--repo={REPO}", **env)
    assert done.returncode == 1
    assert "What to do: Check the network" in done.stdout and said in done.stdout


def change_wheel(project):
    with (project.path / WHEEL).open("ab") as file_:
        file_.write(b"more")


@pytest.mark.parametrize(
    "spoil, said",
    [
        (change_wheel, f"{NAME}.sha256:1: says SHA-256"),
        (lambda project: (project.path / f"{WHEEL}.sha256").unlink(), f"{NAME}.sha256: not found"),
        (lambda project: project.edit(CARD, FRONT_MATTER, ""), "MODEL_CARD.md:1: does not begin with front matter"),
        (lambda project: project.edit(CARD, ": mit", ": [mit"), "MODEL_CARD.md:1: cannot be read: Invalid YAML"),
    ],
)
def test_a_release_that_is_not_whole(release, hub, spoil, said):
    spoil(release)
    done = publish(release, hub.url, f"--repo={REPO}")
    assert done.returncode == 1 and not hub.requests
    assert said in done.stdout and "What to do: " in done.stdout


def test_not_a_repository(release, hub):
    done = publish(release, hub.url, "--repo=https://huggingface.co/ada/events")
    assert done.returncode == 1 and not hub.requests and "Not a repository's name" in done.stdout


def test_library_not_installed(release, hub):
    done = publish(release, hub.url, f"--repo={REPO}", program=("-c", BLOCKED))
    assert done.returncode == 1 and 'pip install -e ".[publish]"' in done.stdout
    assert publish(release, hub.url, program=("-c", BLOCKED)).returncode == 0  # to look needs no library
