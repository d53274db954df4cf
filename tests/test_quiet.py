"""The program keeps to itself: it calls nobody, runs nothing, and its tree holds no secret."""

import ast
import math
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REACHES_OUT = {
    *("asyncio", "ftplib", "http.client", "imaplib", "poplib", "requests", "smtplib", "socket"),
    *("ssl", "telnetlib", "urllib.request", "urllib3", "webbrowser", "xmlrpc"),
    *("ctypes", "multiprocessing", "pty", "subprocess", "pickle", "marshal", "shelve"),
}
SERVER = "intake/cli/server.py"
WORKERS = "intake/cli/workers.py"
"""Starts this program itself once for each core, while a command at the command line waits."""
SENDING = "intake/exports/sending.py"
"""Tells other systems of events, where the clinic names computers that may be told."""
CALLS = (
    *("ssl", "http.client", "http.client.HTTPConnection"),
    *("http.client.HTTPException", "http.client.HTTPResponse", "http.client.HTTPSConnection"),
)
RUNS = {"system", "popen", "execv", "execve", "execvp", "spawnv", "spawnl", "fork", "posix_spawn"}


def reached(source):
    """Name what a source imports or calls that reaches out of the program."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if is_outside(one.name))
        if isinstance(node, ast.ImportFrom) and node.module:
            names = (node.module, *(f"{node.module}.{one.name}" for one in node.names))
            yield from filter(is_outside, names)
        if isinstance(node, ast.Attribute) and node.attr in RUNS:
            yield node.attr


def is_outside(name):
    return any(name == one or name.startswith(f"{one}.") for one in REACHES_OUT)


def test_the_program_calls_nobody_and_runs_no_other_program():
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "intake").rglob("*.py")
        for name in reached(path.read_text(encoding="utf-8"))
    }

    assert found == {
        f"{SERVER}: socket",
        f"{WORKERS}: multiprocessing",
        f"{WORKERS}: multiprocessing.get_context",
        f"{WORKERS}: multiprocessing.parent_process",
        *(f"{SENDING}: {name}" for name in CALLS),
    }


def test_of_sockets_the_server_takes_nothing_but_names_of_numbers():
    """It closes connections of others, and opens none."""
    tree = ast.parse((ROOT / SERVER).read_text(encoding="utf-8"))

    taken = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "socket"
    }

    assert taken
    assert all(name.isupper() for name in taken)


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess",
        "import urllib.request as ask",
        "from urllib import request",
        "from http.client import HTTPSConnection",
        "import os\nos.system('ls')",
    ],
)
def test_what_would_reach_out_is_seen(source):
    assert list(reached(source))


@pytest.mark.parametrize("source", ["from urllib.parse import urljoin", "from http import cookies"])
def test_what_reaches_nowhere_is_left_alone(source):
    assert not list(reached(source))


MARKUP = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function)\b")


def test_scripts_put_words_into_pages_as_words():
    scripts = list((ROOT / "intake" / "static").glob("*.js"))

    assert len(scripts) > 3
    assert [path.name for path in scripts if MARKUP.search(path.read_text("utf-8"))] == []


SECRETS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a key of this program": r"INTAKE_(DATABASE|TRAIL)_KEY\s*[=:]\s*[\"']?[0-9a-f]{64}",
    "a key of Amazon": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{50,}",
    "a token of GitLab": r"\bglpat-[A-Za-z0-9_-]{20}\b",
    "a token of PyPI": r"\bpypi-[A-Za-z0-9_-]{50,}",
    "a token of Slack": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a key of Stripe": r"\b[rs]k_live_[0-9a-zA-Z]{20,}",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    "a password in an address": r"\b[a-z][a-z0-9+]{2,}://[^\s/:@{}<>\"']+:[^\s/:@{}<>\"']{3,}@",
}
NAMED = re.compile(
    r"(?i)(?:secret|passwd|password|api_?key|token)[a-z_]*[\"']?\s*[=:]\s*[\"']([^\"'\s]{20,})[\"']"
)
RANDOM_BITS = 3.8
"""Bits a character from which a text looks drawn by lot: words and names have fewer."""


def secrets_in(text):
    """Name the kinds of secrets that a text seems to hold."""
    found = [kind for kind, pattern in SECRETS.items() if re.search(pattern, text)]
    if any(bits(value) > RANDOM_BITS for value in NAMED.findall(text)):
        found.append("what looks drawn by lot beside a word for a secret")
    return found


def bits(text):
    """Return how many bits a character of the text tells, by how often each occurs."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def tracked():
    """Every file of the tree that git keeps; without git, every file of ours."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = done.stdout.split("\0") if done.returncode == 0 else []
    if not any(names):
        kept = ("intake", "templates", "rules", "docs", "tests")
        return [path for name in kept for path in (ROOT / name).rglob("*") if path.is_file()]
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_file_of_the_tree_holds_a_secret():
    found = {
        f"{path.relative_to(ROOT)}: {kind}"
        for path in tracked()
        for kind in secrets_in(path.read_bytes().decode("utf-8", "replace"))
    }

    assert found == set()


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "INTAKE_DATABASE_KEY=" + "0f" * 32,
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a1B2" * 9,
        "https://somebody:" + "hunter22@clinic.example/",
        "api_key = '" + "q9Zx81LmPw0RtV7uYb3N'",
        '"password": "' + 'Xk29-dLq8-ZmP4-Rw7T-vB1n"',
    ],
)
def test_a_secret_is_seen(text):
    assert secrets_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "INTAKE_DATABASE_KEY, INTAKE_TRAIL_KEY",
        "password = 'four words in a row'",
        "http://127.0.0.1:8000/desk",
        "token_name = 'intake_desk_cookie_name'",
    ],
)
def test_what_is_no_secret_is_left_alone(text):
    assert not secrets_in(text)
