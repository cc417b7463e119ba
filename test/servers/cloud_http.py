"""HTTP/1.1 for the cloud stand-in: requests in, exactly the bytes that a script asks for out.

Hand-written because tests need what web frameworks hide: where packets end, a connection cut in mid-event,
a gzip body that nobody asked for, the raw header lines of what arrived.
"""

import asyncio
import socket
import struct
import time

HEAD_BYTES_MAX = 256 * 1024
BODY_BYTES_MAX = 64 * 1024 * 1024
REASONS = {
    200: "OK",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    529: "Overloaded",
}


class ProtocolError(Exception):
    """The peer does not speak HTTP/1.1 as we read it; the connection ends."""


class PeerGone(Exception):
    """The peer closed while an answer was being sent."""


class Request:
    """One request, as it arrived: header lines in order and case, body bytes undecoded."""

    def __init__(self, method, target, version, headers):
        self.method, self.target, self.version, self.headers = method, target, version, headers
        self.body = b""

    @property
    def path(self):
        return self.target.split("?", 1)[0]

    def header(self, name):
        """The value of the first header of that name (case-insensitive), or None."""
        return next((v for k, v in self.headers if k.lower() == name), None)


class Reader(asyncio.StreamReader):
    """A stream reader that lets a sender wait for the peer's going away while it pauses."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.gone = asyncio.Event()

    def feed_eof(self):
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc):
        super().set_exception(exc)
        self.gone.set()


async def read_head(reader):
    """The request without its body; None when the peer closed between requests."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise ProtocolError("closed inside a header") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise ProtocolError("the header is too large") from error
    first, *lines = raw[:-4].decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise ProtocolError(f"not a request line: {first[:80]!r}")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise ProtocolError(f"not a header line: {line[:80]!r}")
        headers.append((name, value.strip()))
    return Request(*parts, headers)


async def read_chunked(reader):
    body = bytearray()
    while True:
        size = int((await reader.readline()).split(b";")[0], 16)
        body += await reader.readexactly(size)
        if len(body) > BODY_BYTES_MAX:
            raise ProtocolError("the body is too large")
        if size == 0:
            while (await reader.readline()).strip():
                pass
            return bytes(body)
        await reader.readexactly(2)


async def read_body(reader, writer, request):
    if (request.header("expect") or "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if (request.header("transfer-encoding") or "").lower() == "chunked":
        return await read_chunked(reader)
    size = int(request.header("content-length") or 0)
    if size > BODY_BYTES_MAX:
        raise ProtocolError("the body is too large")
    return await reader.readexactly(size)


class Answer:
    """The sending side of one exchange. `framing` is "length", "chunked" or "close"."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.status, self.framing = None, None
        self.head_only = False
        self.bytes_sent = 0

    def _check(self):
        if self.reader.gone.is_set() or self.writer.transport.is_closing():
            raise PeerGone

    async def _write(self, data):
        self._check()
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status, headers, framing, length=0):
        self.status, self.framing = status, framing
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}"] + [f"{k}: {v}" for k, v in headers]
        lines.append(
            {
                "length": f"content-length: {length}",
                "chunked": "transfer-encoding: chunked",
                "close": "connection: close",
            }[framing]
        )
        await self._write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")

    async def data(self, piece):
        """One write: with TCP_NODELAY set (asyncio does) it leaves as one packet where it fits."""
        if not piece or self.head_only:
            return
        self.bytes_sent += len(piece)
        await self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if self.framing == "chunked" else piece)

    async def pause(self, seconds):
        """Waits, or raises PeerGone as soon as the peer closes."""
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.reader.gone.wait(), seconds)
        except asyncio.TimeoutError:
            return
        raise PeerGone

    async def end(self):
        if self.framing == "chunked":
            await self._write(b"0\r\n\r\n")

    def drop(self, how):
        """Cuts the connection where it stands: "fin" as an orderly close, "rst" as a reset."""
        if how == "rst":
            sock = self.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        else:
            self.writer.close()
        raise ConnectionAbortedError("dropped as scripted")


class Server:
    """Accepts connections and hands each request to `handle(request, answer, connection)`."""

    def __init__(self, handle):
        self.handle = handle
        self.connections = 0

    async def _connection(self, reader, writer):
        self.connections += 1
        connection = {
            "id": self.connections,
            "requests": 0,
            "at": time.time(),
            "tls": (writer.get_extra_info("ssl_object") or None)
            and writer.get_extra_info("ssl_object").version(),
        }
        try:
            while await self._exchange(reader, writer, connection):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the peer left or we dropped it: both are ordinary ends of a connection
        except (ProtocolError, ValueError) as error:
            text = str(error).encode()
            writer.write(
                b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b"
                % (len(text), text)
            )
        finally:
            writer.close()

    async def _exchange(self, reader, writer, connection):
        request = await read_head(reader)
        if request is None:
            return False
        request.body = await read_body(reader, writer, request)
        connection["requests"] += 1
        answer = Answer(reader, writer)
        answer.head_only = request.method == "HEAD"
        try:
            await self.handle(request, answer, connection)
        except PeerGone:
            return False
        keep = (request.header("connection") or "").lower() != "close" and request.version == "HTTP/1.1"
        return keep and answer.framing != "close"

    async def listen(self, host, port, tls=None):
        """Returns the port that was bound."""
        loop = asyncio.get_running_loop()

        def factory():
            reader = Reader(limit=HEAD_BYTES_MAX, loop=loop)
            return asyncio.StreamReaderProtocol(reader, self._connection, loop=loop)

        server = await loop.create_server(factory, host, port, ssl=tls, backlog=512)
        self._server = server
        return server.sockets[0].getsockname()[1]
