"""``meguri serve``: what it refuses before it begins, and its life as a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.http.server import listen
from api.service_settings import ServiceSettings

PATIENCE_S = 120.0


@pytest.fixture
def meguri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return a runner of commands with a home of their own, which leaves the log of the tests alone."""
    monkeypatch.setenv("MEGURI_HOME", str(tmp_path))
    monkeypatch.setenv("MEGURI_LANG", "en")
    monkeypatch.setattr("api.logs.configure_logs", lambda settings: None)
    return CliRunner()


def test_nonsense_is_refused_all_at_once(meguri: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options and variables are told by their names, before anything is opened."""
    monkeypatch.setenv("MEGURI_QUEUE_LIMIT", "0")
    monkeypatch.setenv("MEGURI_RATE_LIMITS", "1/minute")
    run = meguri.invoke(app, ["serve", "--port", "70000", "--workers", "0", "--database", "mysql://x:secret@y"])
    assert run.exit_code == 2
    for name in ("--port", "--workers", "--database", "MEGURI_QUEUE_LIMIT", "MEGURI_RATE_LIMITS"):
        assert name in run.stderr
    assert "secret" not in run.output


def test_a_server_without_keys_stays_on_the_loopback(meguri: CliRunner) -> None:
    """Nobody opens it to the world by accident."""
    run = meguri.invoke(app, ["serve", "--host", "0.0.0.0", "--auth", "off"])
    assert run.exit_code == 2
    assert "loopback" in run.stderr


def test_a_port_that_is_taken_is_told(meguri: CliRunner, tmp_path: Path) -> None:
    """Before a database is made or a process started; in the language asked for."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = meguri.invoke(app, ["serve", "--port", port, "--json", "--lang", "ja"])
    assert run.exit_code == 2
    problem = json.loads(run.stdout)["errors"][0]
    assert (problem["where"], problem["value"]) == ("MEGURI_PORT", int(port))
    assert f"ポート {port} は使われています" in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host", "a" * 300])
def test_an_address_of_another_machine_is_told(meguri: CliRunner, host: str) -> None:
    """And so is what is no address at all."""
    run = meguri.invoke(app, ["serve", "--host", host, "--port", "0"])
    assert run.exit_code == 2
    assert "MEGURI_HOST" in run.stderr


def test_a_database_that_is_away_is_told(meguri: CliRunner) -> None:
    """Exit code 4: nothing is wrong with the input; the password is not repeated."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    pytest.importorskip("psycopg")
    run = meguri.invoke(app, ["serve", "--port", "0", "--database", f"postgresql://u:secret@127.0.0.1:{port}/x"])
    assert run.exit_code == 4
    assert "MEGURI_DATABASE" in run.stderr
    assert "secret" not in run.output


def test_answers_go_out_at_once(tmp_path: Path) -> None:
    """Otherwise each would wait some 40 ms for its own head to be acknowledged."""
    with listen(ServiceSettings(home=tmp_path, port=0)) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.slow
def test_a_server_lives_and_ends_in_good_order(tmp_path: Path) -> None:
    """One line says that it is ready; the log is JSON; told to stop, it hands back its jobs and exits with 0."""
    environment = {**os.environ, "MEGURI_HOME": str(tmp_path), "MEGURI_LANG": "en", "MEGURI_SHUTDOWN_S": "0.2"}
    command = [sys.executable, "-m", "api", "serve", "--port", "0", "--workers", "1", "--json"]
    with (
        (tmp_path / "log").open("w+") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment) as server,
    ):
        assert server.stdout is not None
        try:
            ready = json.loads(server.stdout.readline())
            assert ready["docs"] == f"{ready['url']}/docs"
            assert (ready["needs_keys"], ready["pid"]) == (False, server.pid)
            with httpx.Client(base_url=ready["url"], timeout=PATIENCE_S) as client:
                asked = client.post("/v1/regions/echizen/trips", json={"days": ["2099-12-05"], "budget_jpy": 123_456})
                assert asked.status_code == 202
                with client.stream("GET", asked.json()["links"]["events"]) as stream:
                    lines_told = stream.iter_lines()
                    assert "event: queued" in lines_told
                    server.send_signal(signal.SIGTERM)
                    # The stream is ended, not cut, which would raise; the job goes on another time.
                    assert "event: finished" not in list(lines_told)
            assert server.wait(PATIENCE_S) == 0
        finally:
            server.kill()
        log.seek(0)
        lines = [json.loads(line) for line in log]
    access = [line for line in lines if line["event"] == "request"]
    assert [line["route"] for line in access] == ["/v1/regions/{region_id}/trips", "/v1/trips/{trip_id}/events"]
    assert access[0]["request_id"] == asked.headers["x-request-id"]
    assert "123456" not in json.dumps(lines)
    assert not [line for line in lines if line["level"] in ("error", "critical")]
