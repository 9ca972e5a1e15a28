"""Programs under measurement: started on the loopback address, ended by their own process id."""

import base64
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

from . import machine

START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 10


class Program:
    """A server that says `listening on http://…` in its first line."""

    def __init__(self, argv, log, cores=None, credentials=None):
        if cores is not None:
            argv = ["taskset", "-c", ",".join(map(str, cores)), *argv]
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
        self.credentials = credentials
        line = self.process.stdout.readline().decode()
        if not line.startswith("listening on http://"):
            self.stop()
            raise SystemExit(f"{argv[-1]} did not start, see {log}")
        self.url = line.split()[-1]

    @property
    def pids(self):
        return machine.tree(self.process.pid)

    def headers(self):
        """What a request must carry."""
        if self.credentials is None:
            return {}
        user_and_password = ":".join(self.credentials).encode()
        return {"Authorization": "Basic " + base64.b64encode(user_and_password).decode()}

    def get(self, path_or_url):
        """The JSON at a path of this program; whatever host a URL names, this program is asked."""
        path = "/" + path_or_url.split("/", 3)[3] if "://" in path_or_url else path_or_url
        request = urllib.request.Request(self.url + path, headers=self.headers())
        with urllib.request.urlopen(request, timeout=START_SECONDS_MAX) as answer:
            return json.load(answer)

    def post(self, path, body, content_type):
        """The JSON that answers a POST, which must succeed."""
        headers = self.headers() | {"Content-Type": content_type}
        request = urllib.request.Request(self.url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=START_SECONDS_MAX) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"POST {path}: {error.code} {error.read()[:500]!r}") from error

    def deep_path(self, path, depth):
        """The path of the page behind `depth` rows, found by following `next_page_url` from the first."""
        page, seen = self.get(f"{path}?PageSize=1000"), 0
        while seen + 1000 < depth:
            seen += 1000
            page = self.get(page["meta"]["next_page_url"])
        address = page["meta"]["next_page_url"].split("/", 3)[3]
        return "/" + address.replace("PageSize=1000", "PageSize=50")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def seconds_to_first_answer(argv, log):
    """Seconds from the start of the program to its first 200 of `/health`."""
    started = time.monotonic()
    with Program(argv, log) as program:
        with urllib.request.urlopen(program.url + "/health", timeout=START_SECONDS_MAX):
            return time.monotonic() - started


def run(argv, **options):
    """Runs a program that must succeed; returns what it printed."""
    done = subprocess.run(argv, capture_output=True, text=True, env=os.environ | options.pop("env", {}), **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(argv)}: {done.stdout}{done.stderr}")
    return done.stdout
