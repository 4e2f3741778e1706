"""Servers on this machine that give files as mirrors do: healthy, broken, stalled, cut, wrong."""

import contextlib
import http.server
import socket
import struct
import time

from mlcore import fetching

IMAGES = fetching.FILES[0]


class Server(http.server.ThreadingHTTPServer):
    """Serves files; `asked` lists (file, Range header or None); `behave`, called with the handler and the bytes, may do otherwise."""

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.asked, self.behave = files, [], healthy
        self.url = f"http://127.0.0.1:{self.server_port}/"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        file = self.path.rpartition("/")[2]
        self.server.asked.append((file, self.headers["Range"]))
        with contextlib.suppress(ConnectionError):
            self.server.behave(self, self.server.files[file])

    def log_message(self, *args):
        pass

    def head(self, content, status=200, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()


def healthy(handler, content):
    if asked := handler.headers["Range"]:
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            return handler.head(b"", 416)
        handler.head(content[start:], 206, Content_Range=f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.wfile.write(content[start:])
    else:
        without_ranges(handler, content)


def without_ranges(handler, content):
    handler.head(content)
    handler.wfile.write(content)


def without_length(handler, content):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(content)


def broken(handler, content):
    handler.head(b"", 500)


def reset(handler, content):
    handler.close_connection = True


def reset_midway(handler, content):
    handler.head(content)
    handler.wfile.write(content[:10])
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def stalled(handler, content):
    handler.head(content)
    handler.wfile.write(content[:10])
    time.sleep(1)


def dripping(handler, content):
    handler.head(content)
    for k in range(200):
        handler.wfile.write(content[k : k + 1])
        time.sleep(0.02)


def wrong(handler, content):
    page = b"<html>Please log in to this network.</html>"
    handler.head(page)
    handler.wfile.write(page)


class Cut:
    """Ends the connection after half of what was asked for, the first `times` requests of the images; `then` answers the rest."""

    def __init__(self, times, then=healthy):
        self.left, self.then = times, then

    def __call__(self, handler, content):
        if handler.path.endswith(IMAGES) and self.left:
            self.left -= 1
            handler.head(content)
            handler.wfile.write(content[: len(content) // 2])
        else:
            self.then(handler, content)
