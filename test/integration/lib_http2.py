"""A client that speaks HTTP/2 over TLS, many streams on one connection."""

import json
import socket
import ssl

import h2.config
import h2.connection
import h2.events

from lib_client import PATHS


class Http2:
    """One connection, frame by frame."""

    def __init__(self, server):
        context = ssl.create_default_context(cafile=server.ca)
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        self.sock = context.wrap_socket(plain, server_hostname="localhost")
        self.key = server.key()
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(1 << 24)
        self.headers, self.data, self.ended, self.is_gone = {}, {}, set(), False
        self.flush()

    def flush(self):
        self.sock.sendall(self.h2.data_to_send())

    def ask(self, value, path=PATHS["openai"], key=None, extra=(), **headers):
        """Sends one request. @return the number of its stream."""
        stream_id = self.h2.get_next_available_stream_id()
        data = json.dumps(value).encode()
        head = [(":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        head += [("content-type", "application/json"), ("authorization", "Bearer " + (key or self.key))]
        head += [(name.replace("_", "-"), v) for name, v in headers.items()] + list(extra)
        self.h2.send_headers(stream_id, head)
        self.h2.send_data(stream_id, data, end_stream=True)
        self.flush()
        return stream_id

    def take(self):
        piece = self.sock.recv(1 << 16)
        self.is_gone = self.is_gone or not piece
        for event in self.h2.receive_data(piece) if piece else ():
            if isinstance(event, h2.events.ResponseReceived):
                self.headers[event.stream_id] = {k.decode(): v.decode() for k, v in event.headers}
            elif isinstance(event, h2.events.DataReceived):
                self.data[event.stream_id] = self.data.get(event.stream_id, b"") + event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)):
                self.ended.add(event.stream_id)
        self.flush()

    def until(self, true):
        while not true():
            assert not self.is_gone, "the connection was closed"
            self.take()
