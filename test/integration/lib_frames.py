"""HTTP/2 frame by frame (RFC 9113), and fields without compression (RFC 7541): what no client library would send."""

import socket
import ssl
import struct

DATA, HEADERS, PRIORITY, RST, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW = 4  # of SETTINGS
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
CANCEL = struct.pack(">I", 8)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def integer(value, prefix, first=0):
    """RFC 7541 section 5.1."""
    most = (1 << prefix) - 1
    if value < most:
        return bytes([first | value])
    out, value = [first | most], value - most
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def text(value):
    return integer(len(value), 7) + value


def field(name, value, is_kept=False):
    """A literal with a new name; kept: it enters the dynamic table."""
    return (b"\x40" if is_kept else b"\x00") + text(name) + text(value)


def indexed(index):
    return integer(index, 7, 0x80)


def request(server, path=b"/v1/chat/completions", application="desk", **more):
    """The fields of a request of ours."""
    own = {
        b":method": b"POST",
        b":scheme": b"https",
        b":authority": b"localhost",
        b":path": path,
        b"content-type": b"application/json",
        b"authorization": b"Bearer " + server.key(application).encode(),
        **{k.replace("_", "-").encode(): v for k, v in more.items()},
    }
    return b"".join(field(k, v) for k, v in own.items())


class Wire:
    """A connection that is past its handshake. What the other side says is read and thrown away, but for the kinds of
    its frames."""

    def __init__(self, server, settings=b"", address="127.0.0.1"):
        context = ssl.create_default_context(cafile=server.ca)
        context.set_alpn_protocols(["h2"])
        raw = socket.create_connection(("127.0.0.1", server.port), timeout=20, source_address=(address, 0))
        self.sock = context.wrap_socket(raw, server_hostname="localhost")
        assert self.sock.selected_alpn_protocol() == "h2"
        self.heard, self.rest, self.is_ended, self.sent = [], b"", False, 0
        self.send(PREFACE + frame(SETTINGS, 0, 0, settings))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        """@return whether the other side still takes it."""
        try:
            self.sock.settimeout(20)
            self.sock.sendall(data)
            self.sent += len(data)
        except OSError:
            self.is_ended = True
        self.listen(0)
        return not self.is_ended

    def listen(self, seconds):
        """Takes what has come: (kind, stream, payload) of each frame go to `heard`."""
        while not self.is_ended:
            try:
                self.sock.settimeout(seconds or 0.0001)
                piece = self.sock.recv(1 << 16)
            except (TimeoutError, ssl.SSLWantReadError):
                return
            except OSError:
                piece = b""
            self.is_ended = self.is_ended or piece == b""
            self.rest += piece
            self._take()

    def _take(self):
        while len(self.rest) >= 9:
            n = int.from_bytes(self.rest[:3], "big")
            if len(self.rest) < 9 + n:
                return
            self.heard.append((self.rest[3], int.from_bytes(self.rest[5:9], "big"), self.rest[9 : 9 + n]))
            self.rest = self.rest[9 + n :]

    def kinds(self):
        return {kind for kind, _, _ in self.heard}
