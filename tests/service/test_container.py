"""The service elsewhere: as docs/serve.md says, and step by step as the Dockerfile does."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

import pip
import pytest
import srsly
from projects import ROOT
from servers import MODEL, end

import spacy_domain.recipes.confidence  # noqa: F401  # registers entity_confidence
from spacy_domain.service.client import Client
from spacy_domain.service.settings import Settings

PAGE = (ROOT / "docs/serve.md").read_text(encoding="utf-8")
_, COMMAND, CURL, ELSEWHERE, _ = re.findall(r"```bash\n(.*?)\n```", PAGE, re.DOTALL)


def shell(command, folder, bin_, log, **env):
    """Start a command as a shell reads it, with an environment's programs first."""
    path = os.pathsep.join([str(bin_), os.environ["PATH"]])
    with log.open("w") as file_:
        how = {"cwd": folder, "env": {**os.environ, "PATH": path, **env}, "stdout": file_, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, shell=True, **how)


def address(process, log):
    """Where a server that was started in a shell listens."""
    deadline = time.monotonic() + 120
    while "startup complete" not in (said := log.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline and process.poll() is None, said
        time.sleep(0.1)
    return re.search(r"127.0.0.1:\d+", said)[0]


def make_environment(folder):
    """A fresh environment with pip and nothing else: this one's pip, which takes less long than to install one."""
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    shutil.copytree(Path(pip.__file__).parent, site / "pip")
    program = folder / "bin" / "pip"
    program.write_text(f"#!{folder}/bin/python\nfrom pip._internal.cli.main import main\nraise SystemExit(main())\n")
    program.chmod(0o755)


def test_what_the_page_says(short_run, tmp_path):
    """Its command, its curl line and its lines of Python as they stand there; the port alone is another one."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    project = short_run.copy(tmp_path / "project")
    project.edit("project.yml", "\n  port: 8080 ", "\n  port: 0 ")
    log = tmp_path / "server.log"
    server = shell(COMMAND, project.path, Path(sys.executable).parent, log)
    try:
        port = address(server, log)
        curl, program = (text.replace("127.0.0.1:8080", port) for text in (CURL, program))
        answer = subprocess.run(curl, shell=True, check=True, capture_output=True).stdout
        assert "entities" in json.loads(answer)["results"][0]
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
        assert len(done.stdout.splitlines()) == 2
    finally:
        end(server)
    assert "Traceback" not in log.read_text(encoding="utf-8"), log.read_text(encoding="utf-8")


DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = srsly.read_yaml(ROOT / "compose.yaml")["services"]["entities"]


def step(name):
    """The steps of the Dockerfile with a name."""
    return re.findall(rf"^ *{name} (.*)$", DOCKERFILE, re.MULTILINE)


def test_the_container_is_kept_small():
    """What docker compose would do (no engine runs here): this Dockerfile, and no more rights than it needs."""
    assert COMPOSE["build"] == "." and COMPOSE["read_only"] is True and COMPOSE["tmpfs"] == ["/tmp"]
    assert COMPOSE["cap_drop"] == ["ALL"] and COMPOSE["security_opt"] == ["no-new-privileges:true"]
    (user,), (port,) = step("USER"), step("EXPOSE")
    assert int(user) > 0 and "user" not in COMPOSE and "privileged" not in COMPOSE and "volumes" not in COMPOSE
    assert COMPOSE["ports"] == [f"127.0.0.1:{port}:{port}"] and DOCKERFILE.count(port) == 3
    assert COMPOSE["environment"] == {"SERVICE_TOKEN": "${SERVICE_TOKEN:-}"}
    assert int(COMPOSE["stop_grace_period"].removesuffix("s")) > Settings.timeout + 5  # what uvicorn is given to drain
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1:]
    assert ignored == ["*", *(f"!{name}" for copied in step("COPY") for name in copied.removesuffix(" ./").split())]


if sys.platform == "linux":  # as in the container

    @pytest.mark.slow
    def test_the_steps_of_the_container(start, short_run, tmp_path):
        """The Dockerfile's steps, in a fresh environment outside of the project; then what the page says instead."""
        project = short_run.copy(tmp_path / "project")
        project.run("pack-service")
        packed = (project.path / "packages/serve.pyz").read_bytes()
        project.run_here("pack-service", force=True)
        assert (project.path / "packages/serve.pyz").read_bytes() == packed
        srv, bin_ = tmp_path / "srv", tmp_path / "venv" / "bin"
        srv.mkdir()
        make_environment(tmp_path / "venv")
        for name, what in re.findall(r"^(COPY|RUN) (.*)$", DOCKERFILE, re.MULTILINE):
            if name == "COPY":
                for pattern in what.removesuffix(" ./").split():
                    (path,) = project.path.glob(pattern)
                    shutil.copy(path, srv)
            else:
                log = tmp_path / "pip.log"
                # what is imported is compiled then, and not all that there is
                how = {"PIP_NO_COMPILE": "1"}
                assert shell(what.replace("--no-cache-dir", "-q"), srv, bin_, log, **how).wait() == 0, log.read_text()
        program, *arguments = json.loads(step("ENTRYPOINT")[0])
        assert program == "python" and arguments.pop() == "--port=8080" and arguments.pop() == "--host=0.0.0.0"
        files = sorted(srv.iterdir())
        assert [path.name for path in files] == ["serve.lock", "serve.pyz"]
        how = {"command": ["-I", *arguments], "python": bin_ / "python", "cwd": srv, "site": ""}
        server = start(*COMPOSE["command"], **how, PYTHONDONTWRITEBYTECODE="1")
        assert server.wait(), server.said()
        assert json.loads(server.ask({"text": "a"})[2])["model"] == "en_event_scheduling-1.0.0"
        assert b"page.js" in server.ask(None, "/")[2] and server.ask(None, "/page/page.js")[0] == 200
        _, *check = [word.replace("8080", str(server.port)) for word in json.loads(step("CMD")[0])]
        assert subprocess.run([bin_ / "python", *check]).returncode == 0
        assert server.stop() == 0
        assert subprocess.run([bin_ / "python", *check], capture_output=True).returncode == 1
        assert sorted(srv.iterdir()) == files  # it writes to /tmp alone
        missing = start(model="none_such", **how)
        assert not missing.wait() and missing.process.returncode == 1 and "What to do: " in missing.said()

        # Without an index: all that the service and the wheel ask for is in the lock
        log = tmp_path / "elsewhere.log"
        other = shell(ELSEWHERE, project.path, bin_, log, PIP_NO_INDEX="1", SERVICE_PORT="0")
        try:
            url = f"http://{address(other, log)}"
            assert Client(url).about()["name"] == MODEL
        finally:
            end(other)
