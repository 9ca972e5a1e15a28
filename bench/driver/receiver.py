"""A receiver of callbacks that does nothing but count them: `python3 -m driver.receiver`."""

import asyncio
import json
import time

ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


class Counter(asyncio.Protocol):
    """One connection with one request. A GET asks how many there were, and when."""

    count, first, last = 0, None, None

    def connection_made(self, transport):
        self.transport, self.received = transport, b""

    def data_received(self, data):
        self.received += data
        head, _, body = self.received.partition(b"\r\n\r\n")
        if b"\r\n\r\n" not in self.received:
            return
        if head.startswith(b"GET "):
            told = json.dumps({"count": Counter.count, "first": Counter.first, "last": Counter.last}).encode()
            self.transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(told) + told)
            self.transport.close()
        elif b"Status=" in body:
            Counter.count += 1
            Counter.last = time.monotonic()
            Counter.first = Counter.first or Counter.last
            self.transport.write(ANSWER)
            self.transport.close()


async def main():
    server = await asyncio.get_running_loop().create_server(Counter, "127.0.0.1", 0, backlog=1024)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
