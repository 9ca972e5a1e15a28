"""Where callbacks and mails arrive: a web server and a mail server of the tests' own."""

import queue
import socket
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from aiosmtpd.controller import Controller

SECONDS_MAX = 30


@dataclass(frozen=True)
class Callback:
    """What an application sees of a request."""

    url: str
    params: dict[str, str]
    headers: dict[str, str]


class CallbackReceiver:
    """A web server that answers 204."""

    def __init__(self):
        arrived = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                # As frameworks put it together: from the Host header and the path.
                url = f"http://{self.headers['Host']}{self.path}"
                arrived.put(Callback(url, dict(parse_qsl(body, strict_parsing=True)), dict(self.headers)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._arrived = arrived
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def next(self) -> Callback:
        """Waits for a callback."""
        return self._arrived.get(timeout=SECONDS_MAX)

    def close(self):
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()


class MailReceiver:
    """A mail server that takes everything."""

    def __init__(self):
        arrived = queue.Queue()

        class Handler:
            async def handle_DATA(self, server, session, envelope):
                arrived.put((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
                return "250 OK"

        self._arrived = arrived
        self._controller = Controller(Handler(), hostname="127.0.0.1", port=_free_port())
        self._controller.start()
        self.url = f"smtp://127.0.0.1:{self._controller.port}"

    def next(self):
        """Waits for a mail; its recipients and the message."""
        return self._arrived.get(timeout=SECONDS_MAX)

    def close(self):
        """Ends the server."""
        self._controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
