"""What the documentation tells strangers to do works, word for word, on what they download."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.settings import PROJECT_FOLDER
from storefront.core.clock import SettableClock
from tests.support import trade
from tests.support.statements import march_of

DOCUMENT = PROJECT_FOLDER / "docs" / "verifying-a-statement.md"


def block(language: str) -> str:
    """The document's piece of code in this language."""
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def folder(app: Flask, client: FlaskClient, clock: SettableClock, tmp_path: Path) -> Path:
    """What a stranger has downloaded."""
    trade.open_for_trade()
    statement = march_of(trade.a_seller("E1"), clock)
    proof = client.get(f"/verify/{statement.code}/proof")
    (tmp_path / "proof.json").write_bytes(proof.data)
    (tmp_path / "keys.json").write_bytes(client.get("/verify/keys.json").data)
    return tmp_path


def tamper(folder: Path) -> None:
    document = json.loads((folder / "proof.json").read_text("utf-8"))
    document["payload"] = document["payload"].replace("2026-03", "2026-04")
    (folder / "proof.json").write_text(json.dumps(document), "utf-8")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_ten_lines_of_python_check_it(folder: Path) -> None:
    program = block("python")
    assert program.count("\n") <= 10
    done = run(folder, sys.executable, "-c", program)
    assert done.returncode == 0, done.stderr
    assert "'period': '2026-03'" in done.stdout
    tamper(folder)
    done = run(folder, sys.executable, "-c", program)
    assert done.returncode == 1
    assert "InvalidSignature" in done.stderr


@pytest.mark.skipif(not (shutil.which("openssl") and shutil.which("jq")), reason="needs both")
def test_openssl_checks_it(folder: Path) -> None:
    done = run(folder, "sh", "-c", block("sh"))
    assert "Signature Verified Successfully" in done.stdout, done.stderr
    tamper(folder)
    done = run(folder, "sh", "-c", block("sh"))
    assert done.returncode != 0
    assert "Signature Verified Successfully" not in done.stdout
