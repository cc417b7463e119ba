"""An independent reader of the ledger: written from docs/reference/record.md alone, with the algorithms of
another library. What the gateway wrote is read, checked and opened without any of the gateway's code."""

import dataclasses
import hashlib
import json
import struct

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import lib_client

HEADER_BYTES, FRAME_HEADER_BYTES = 4096, 56
RECORD, BLOCK, END = 1, 2, 3
INTENT, OUTCOME, REFUSAL = 1, 3, 4

# ---- CRC-32C (Castagnoli), bit by bit ----


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC = crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ CRC[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---- segments and frames ----


@dataclasses.dataclass
class Frame:
    type: int
    flags: int
    number: int
    durable: int
    request_id: bytes
    body: bytes


class Segment:
    def __init__(self, path):
        self.name, self.data = path.name, path.read_bytes()
        head = self.data[:HEADER_BYTES]
        assert head[:8] == bytes.fromhex("89 53 50 4c 0d 0a 1a 0a")
        version, size, self.slot, self.id = struct.unpack(">HHI16s", head[8:32])
        self.created, self.full_size, self.before = struct.unpack(">QQ16s", head[32:64])
        self.end_before, self.records_before, self.chain_before = struct.unpack(">QQ32s", head[64:112])
        assert (version, size) == (1, HEADER_BYTES) and not any(head[112:4092])
        assert struct.unpack(">I", head[4092:])[0] == crc32c(head[:4092])
        assert self.name == f"{self.created:016x}-{self.slot:08x}-{self.id[:4].hex()}.seg"

    def frames(self):
        """To the first place that holds none: the zeros that the file was written with."""
        at, number = HEADER_BYTES, 1
        while self.data[at : at + 4] == b"SPLF":
            head = self.data[at : at + FRAME_HEADER_BYTES]
            type_, flags, zero, mark, n = struct.unpack(">BBH4sI", head[4:16])
            frame_number, durable, request_id, crc_body, crc_head = struct.unpack(">QQ16sII", head[16:])
            body = self.data[at + FRAME_HEADER_BYTES : at + FRAME_HEADER_BYTES + n]
            assert zero == 0 and mark == self.id[:4] and frame_number == number and durable < number
            assert crc_head == crc32c(head[:52]) and crc_body == crc32c(body)
            yield Frame(type_, flags, frame_number, durable, request_id, body)
            stop = at + FRAME_HEADER_BYTES + n
            at = (stop + 7) & ~7
            assert not any(self.data[stop:at]), "padding is zero"
            number += 1
        assert not any(self.data[at:]), "behind the last frame there are zeros only"


# ---- leaves: the fields in front of those that are needed have to be measured ----

FIXED = {1: 16, 2: 1, 3: 8, 4: 8, 5: 8, 8: 1, 13: 1, 14: 1, 16: 1, 17: 4, 18: 2, 19: 2, 28: 8, 29: 8, 30: 8}
FIXED.update({31: 4, 32: 4, 33: 8, 34: 8, 35: 4, 36: 4, 37: 4, 53: 4, 54: 1})
TEXT = {6, 7, 9, 10, 11, 12, 20, 24, 25, 26, 27, 59, 60, 62, 64}
LABELS = {15, 61, 63}
ATOMS, CANDIDATES, BLOCKS = 21, 22, 23


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        part = self.data[self.at : self.at + n]
        assert len(part) == n, "a leaf ends too early"
        self.at += n
        return part

    def number(self, n):
        return int.from_bytes(self.take(n), "big")

    def text(self):
        return self.take(self.number(2)).decode()

    def label(self):
        level, integrity, categories, form = struct.unpack(">BBQB", self.take(11))
        return level, integrity, categories, self.take(32) if form == 2 else form

    def atom(self):
        return (*struct.unpack(">BBBBIII", self.take(16)), self.text())

    def candidate(self):
        return (self.text(), *self.take(4))

    def block(self):
        return self.take(16), self.take(32), self.number(4)

    def list(self, entry):
        return [entry() for _ in range(self.number(2))]

    def field(self, number):
        if number in FIXED:
            return self.take(FIXED[number])
        if number in TEXT:
            return self.text()
        if number in LABELS:
            return self.label()
        return self.list({ATOMS: self.atom, CANDIDATES: self.candidate, BLOCKS: self.block}[number])


def leaf_fields(leaf):
    """(kind, fields by number); ascending, each once."""
    assert leaf[:3] == b"SL\x01"
    reader, fields, last = Bytes(leaf[4:]), {}, 0
    while reader.at < len(reader.data):
        number = reader.number(1)
        assert number > last
        fields[number], last = reader.field(number), number
    return leaf[3], fields


# ---- blocks ----


def open_block(block, secret):
    """The plaintext of a block, for the holder of the recipient's secret."""
    assert block[0] == 1
    ephemeral, counter = block[33:65], block[65:73]
    n = int.from_bytes(block[73:77], "big")
    assert len(block) == 125 + n + 16
    private = X25519PrivateKey.from_private_bytes(secret)
    shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    info = b"sallyport block wrap v1" + ephemeral + private.public_key().public_bytes_raw()
    wrap_key = HKDF(SHA256(), 32, salt=None, info=info).derive(shared)
    block_key = AESGCM(wrap_key).decrypt(bytes(4) + counter, block[77:125], block[:77])
    return AESGCM(block_key).decrypt(bytes(12), block[125:], block[:77])


def salted_hash(block):
    return sha256(block[17:33], block[33:])


# ---- the whole ledger ----


class Ledger:
    """All records in their order, with their blocks; everything that needs no key is checked on the way."""

    def __init__(self, folder):
        self.records, self.chains, self.counts, self.wraps = [], {}, {}, set()
        self.known = {}  # blocks of the segment that is read: what its records may name
        self.n_shared = 0
        for path in sorted(folder.glob("*.seg")):
            self._read(Segment(path))

    def _read(self, segment):
        chain = self.chains.get(segment.slot, bytes(32))
        assert segment.chain_before == chain
        assert segment.records_before == self.counts.get(segment.slot, 0)
        blocks, n_records, n_blocks = [], 0, 0
        self.known = {}
        for frame in segment.frames():
            if frame.type == BLOCK:
                blocks.append(frame)
                n_blocks += 1
            elif frame.type == RECORD:
                chain = self._record(frame, blocks, chain)
                blocks, n_records = [], n_records + 1
            else:
                assert frame.type == END and frame.request_id == bytes(16)
                records, of_blocks, end_chain, reason = struct.unpack(">QQ32sQ", frame.body)
                assert (records, of_blocks, end_chain) == (n_records, n_blocks, chain)
                assert reason in (1, 2, 3)
        assert not blocks, "blocks without their record"
        self.chains[segment.slot] = chain
        self.counts[segment.slot] = segment.records_before + n_records

    def _record(self, frame, blocks, chain):
        said, leaf = frame.body[:32], frame.body[32:]
        assert said == sha256(chain, sha256(b"\0", leaf)), "the chain"
        kind, fields = leaf_fields(leaf)
        assert fields[1] == frame.request_id and all(b.request_id == frame.request_id for b in blocks)
        committed = fields.get(BLOCKS, [])
        brought = [b.body[1:17] for b in blocks]
        assert brought == [c[0] for c in committed if c[0] not in self.known], "each is stored once"
        self.known |= {b.body[1:17]: b.body for b in blocks}
        named = [self.known[c[0]] for c in committed]
        assert [salted_hash(b) for b in named] == [c[1] for c in committed]
        assert [int.from_bytes(b[73:77], "big") for b in named] == [c[2] for c in committed]
        self.n_shared += len(committed) - len(blocks)
        wraps = {b.body[33:73] for b in blocks}
        assert len(wraps) == len(blocks) and not wraps & self.wraps, "a nonce was used twice"
        self.wraps |= wraps
        self.records.append((kind, fields, named))
        return said

    def content(self, request_id, kind, secret):
        found = [r for r in self.records if r[0] == kind and r[1][1].hex() == request_id]
        assert len(found) == 1
        return b"".join(open_block(b, secret) for b in found[0][2])


@pytest.fixture
def talk(gateway):
    """A gateway through which three requests went, and what its client sent and got."""
    server = gateway()
    long = "A long question, said again and again. " * 500
    asked = [
        lib_client.ask(server, "openai", lib_client.body("openai", "assistant")),
        lib_client.ask(server, "anthropic", lib_client.body("anthropic", "claude", long)),
    ]
    refusal = lib_client.refused(server, "openai", lib_client.body("openai", "cloud-only"), "legal")
    return server, asked, refusal


def secret_of(server):
    return (server.state / "seal.key").read_bytes()


def test_the_checksum_is_the_one_that_is_named():
    assert crc32c(b"123456789") == 0xE3069283


def test_another_reader_finds_chain_and_content_right(talk):
    server, asked, refusal = talk
    ledger, secret = Ledger(server.state / "ledger"), secret_of(server)
    assert [kind for kind, _, _ in ledger.records] == [INTENT, OUTCOME, INTENT, OUTCOME, REFUSAL]
    for answer in asked:
        assert ledger.content(answer.id, INTENT, secret) == answer.sent
        reply = json.loads(ledger.content(answer.id, OUTCOME, secret))
        text = reply["choices"][0]["message"] if "choices" in reply else reply["content"][0]
        assert text.get("content", text.get("text")) == answer.text
    assert json.loads(ledger.content(refusal.id, REFUSAL, secret))["model"] == "cloud-only"
    assert ledger.records[0][1][6] == "desk" and ledger.records[0][1][10] == "cloud"


def test_the_chain_holds_when_the_gateway_has_stopped_and_started_again(talk):
    server, asked, _ = talk
    server.stop()
    server.start()
    third = lib_client.ask(server, "openai", lib_client.body("openai", "assistant"))
    server.stop()
    ledger = Ledger(server.state / "ledger")
    assert len(list((server.state / "ledger").glob("*.seg"))) >= 2
    for answer in (*asked, third):
        assert ledger.content(answer.id, INTENT, secret_of(server)) == answer.sent


def test_a_history_is_stored_once_and_opens_from_each_record(gateway):
    """A conversation that grows: what stood there before is named by its records, not stored again."""
    server = gateway()
    told = [f"Turn {i}. " + f"Sentence {i} of a long report. " * 400 for i in range(6)]
    asked = []
    for n in range(1, len(told) + 1):
        body = lib_client.body("openai", "assistant")
        body["messages"] = [{"role": "user" if i % 2 == 0 else "assistant", "content": told[i]} for i in range(n)]
        asked.append(lib_client.ask(server, "openai", body))
    server.stop()
    server.start()
    asked.append(lib_client.ask(server, "openai", body))
    server.stop()
    ledger = Ledger(server.state / "ledger")
    for answer in asked:
        assert ledger.content(answer.id, INTENT, secret_of(server)) == answer.sent
        shown = server.cli("audit", "show", answer.id, "--payload", "--json").stdout
        assert json.loads(shown)["request"].encode() == answer.sent
    assert ledger.n_shared >= 1 + 2 + 3 + 4 + 5, "each turn but the last was there already"
    assert "verifies" in server.cli("audit", "verify").stdout


def test_the_public_key_is_that_of_the_private_one(talk):
    server, _, _ = talk
    private = X25519PrivateKey.from_private_bytes(secret_of(server))
    assert private.public_key().public_bytes_raw() == (server.state / "seal.pub").read_bytes()


def test_another_key_opens_nothing(talk):
    server, asked, _ = talk
    ledger = Ledger(server.state / "ledger")
    other = X25519PrivateKey.generate().private_bytes_raw()
    with pytest.raises(InvalidTag):
        ledger.content(asked[0].id, INTENT, other)


@pytest.mark.parametrize("place", [1, 17, 40, 70, 76, 77, 124, 125, -1])
def test_no_byte_of_a_block_can_be_changed(talk, place):
    server, _, _ = talk
    body = bytearray(Ledger(server.state / "ledger").records[0][2][0])
    before = salted_hash(bytes(body))
    body[place] ^= 1
    with pytest.raises((InvalidTag, AssertionError)):
        open_block(bytes(body), secret_of(server))
    assert place == 1 or salted_hash(bytes(body)) != before


@pytest.mark.parametrize("what", ["leaf", "chain"])
def test_this_reader_notices_a_changed_record(talk, what, tmp_path):
    """Both checksums are made right again: the chain, or the leaf's own hash, still tells."""
    server, asked, _ = talk
    server.stop()
    source = next((server.state / "ledger").glob("*.seg"))
    data = bytearray(source.read_bytes())
    body = data.find(b"SL\x01\x01") - 32
    n = int.from_bytes(data[body - 44 : body - 40], "big")
    data[body + (50 if what == "leaf" else 3)] ^= 1
    data[body - 8 : body - 4] = struct.pack(">I", crc32c(data[body : body + n]))
    data[body - 4 : body] = struct.pack(">I", crc32c(data[body - 56 : body - 4]))
    (tmp_path / source.name).write_bytes(data)
    with pytest.raises(AssertionError):
        Ledger(tmp_path)
    done = server.cli("audit", "verify", tmp_path, check=False)
    assert done.returncode == 1 and asked[0].id in done.stdout
