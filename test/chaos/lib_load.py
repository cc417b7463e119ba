"""What asks in the chaos, and what is asked: clients that ask without pause, in both dialects, whole and in streams,
for texts and for tool calls; two providers in an order, of which the first fails in one way or another; and what each
of them may see."""

import collections
import http.client
import itertools
import json
import re
import threading
import time

from lib_client import PATHS
from lib_servers import Cloud, connect

# Something hangs when it takes so long: far beyond every bound of ours, since machines that run this can be starved.
HANGS_S = 60
LOADERS = 6
DIALECTS, KINDS, PROVIDERS = ("openai", "anthropic"), ("text", "tools"), ("first", "second")
KEYS = {name: f"credential-of-{name}" for name in PROVIDERS}
LAST_EVENT = {"openai": b"[DONE]", "anthropic": b"message_stop"}
PERSONAL = "Write to jane.doe@kaufhaus.de. "  # the first provider is not cleared for it
TOOLS = {
    "openai": [{"type": "function", "function": {"name": "read_file", "parameters": {"type": "object"}}}],
    "anthropic": [{"name": "read_file", "input_schema": {"type": "object"}}],
}
ANSWERS = {
    "text": {"text": "one two three. ", "delay_ms": 15},
    "tools": {"tool_calls": [{"name": "read_file", "arguments": {"path": "src/x.c"}}], "tool_pieces": 3, "delay_ms": 15},
}
# How the first provider fails, in proportion. None: nobody listens where it was.
AILMENTS = {
    "500": ({"status": 500}, 3),
    "503": ({"status": 503, "headers": {"retry-after": "1"}}, 3),
    "429": ({"status": 429}, 2),
    "no-head": ({"drop_before_head": True}, 2),
    "reset": ({"drop_before_head": True, "drop": "rst"}, 2),
    "cut": ({"drop_after": 2, "drop": "rst"}, 2),
    "refused": (None, 3),
}


class Broken(AssertionError):
    """An invariant does not hold."""


# ---- who is asked ----


def _destination(provider, url, dialect, kind):
    is_first = provider == "first"
    clearance = {"level": "public", "categories": []} if is_first else {"level": "restricted", "categories": ["all"]}
    return {
        "vendor": provider,
        "tier": "cloud" if is_first else "self-hosted",
        "dialect": dialect,
        "base_url": url + "/v1",
        "model": f"{provider}-{dialect}-{kind}",
        "jurisdictions": ["DE"],
        "credential": "env:KEY_OF_" + provider.upper(),
        "clearance": clearance,
        # Kept away from for so short a time that each round sees it come back.
        "breaker": {"failures": 6, "share": 0, "open": "200ms", "open_max": "400ms", "retry_after": "300ms"},
        "retries": {"share": 100, "floor": 10000},
    }


class Providers:
    """Both of them, each with a log of its own of what reached it."""

    def __init__(self, folder):
        self.folder, self.starts = folder, itertools.count()
        self.logs = {name: folder / f"seen-{name}.jsonl" for name in PROVIDERS}
        self.servers = {name: self._start(name, 0) for name in PROVIDERS}
        self.at, self.arrived = dict.fromkeys(PROVIDERS, 0), collections.Counter()

    def _start(self, name, port):
        options = ["--log", self.logs[name], "--port", str(port)]
        server = Cloud(self.folder / f"{name}-{next(self.starts)}.out", KEYS[name], options)
        server.script(by_model={f"{name}-{d}-{k}": ANSWERS[k] for d in DIALECTS for k in KINDS})
        return server

    def settings(self):
        """What is laid over lib_config.base: models `DIALECT-KIND`, each in the order of the providers."""
        destinations, models = {}, {}
        for dialect, kind in itertools.product(DIALECTS, KINDS):
            names = {p: f"{p}-{dialect}-{kind}" for p in PROVIDERS}
            for provider, name in names.items():
                destinations[name] = _destination(provider, self.servers[provider].url, dialect, kind)
            models[f"{dialect}-{kind}"] = {"destinations": list(names.values()), "replay": True}
        use_case = {"owner": "x", "purpose": "y", "level": "public"}
        desk = {"use_case": "helpdesk", "models": list(models), "user_text": "trusted"}
        base = {"version": 1, "destinations": destinations, "models": models}
        return {**base, "use_cases": {"helpdesk": use_case}, "applications": {"desk": desk}}

    def environment(self):
        return {"KEY_OF_" + name.upper(): key for name, key in KEYS.items()}

    def ail(self, chance):
        """The first one begins to fail. @return how."""
        how = chance.choices(list(AILMENTS), [share for _, share in AILMENTS.values()])[0]
        answer, _ = AILMENTS[how]
        if answer is None:
            self.servers["first"].stop()
        else:
            self.servers["first"].script(by_model={f"first-{d}-{k}": answer for d in DIALECTS for k in KINDS})
        return how

    def heal(self):
        first = self.servers["first"]
        if first.process.child.poll() is not None:
            self.servers["first"] = self._start("first", first.port)
        else:
            first.script(by_model={f"first-{d}-{k}": ANSWERS[k] for d in DIALECTS for k in KINDS})

    def seen(self):
        """How often each (destination, marker) reached a provider so far; what is not its own breaks."""
        for provider, path in self.logs.items():
            with open(path, "rb") as log:
                log.seek(self.at[provider])
                whole = re.match(rb"(?:.*\n)*", log.read()).group()  # the last line may be under way
            self.at[provider] += len(whole)
            self.arrived.update(check_own(provider, json.loads(line)) for line in whole.splitlines())
        return self.arrived

    def stop(self):
        for server in self.servers.values():
            server.stop()


def check_own(provider, request):
    """A provider got its own key and its own model's name, once each, nobody else's and no content that it is not cleared for.
    @return (destination, marker)."""
    everything = json.dumps(request["headers"]) + request["body"]
    model = json.loads(request["body"])["model"]
    has_own_key = everything.count("credential-of-") == 1 and KEYS[provider] in everything
    named = re.findall("(first|second)-(?:openai|anthropic)", everything)
    if not has_own_key or named != [provider]:
        raise Broken(f"reached {provider} and is not its own: {everything}")
    if provider == "first" and "kaufhaus" in everything:
        raise Broken(f"reached {provider}, which is not cleared for it: {everything}")
    return model, marker_of(request["body"].encode())


def marker_of(text):
    start = text.find(b"mark-")
    return text[start : text.index(b"-end", start) + 4].decode() if start >= 0 else None


# ---- who asks ----


class Ask:
    """The count-th request of a client: kinds of requests come in turn."""

    def __init__(self, marker, count):
        self.dialect, self.kind = DIALECTS[count % 2], KINDS[count // 2 % 2]
        self.is_stream, self.is_personal = count % 3 == 0, count % 5 == 0
        content = marker + " " + (PERSONAL if self.is_personal else "") + "of no harm " * (len(marker) % 7 * 40)
        model = f"{self.dialect}-{self.kind}"
        self.fields = {"model": model, "messages": [{"role": "user", "content": content}], "max_tokens": 16}
        self.fields |= {"tools": TOOLS[self.dialect]} if self.kind == "tools" else {}
        self.fields |= {"stream": True} if self.is_stream else {}

    def headers(self, key):
        own = {"content-type": "application/json", "authorization": "Bearer " + key}
        return own | ({"anthropic-version": "2023-06-01"} if self.dialect == "anthropic" else {})


class Load:
    """Clients that ask without pause, each time with a marker of its own."""

    def __init__(self, server, key, name):
        self.server, self.key, self.name = server, key, name
        self.is_over = threading.Event()
        self.done = {}  # marker: (status, request id, destination), of answers that came whole
        self.unanswered = []  # markers of requests that nobody answered or cut within the client's patience
        self.threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(LOADERS)]
        for thread in self.threads:
            thread.start()

    def _run(self, number):
        for count in itertools.count(number):
            if self.is_over.is_set():
                return
            marker = f"mark-{self.name}-{number}-{count}-end"
            try:
                self.done[marker] = self._ask(Ask(marker, count))
            except TimeoutError:
                self.unanswered.append(marker)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)

    def _ask(self, ask):
        connection = connect(self.server.port, timeout_s=HANGS_S)
        try:
            connection.request("POST", PATHS[ask.dialect], json.dumps(ask.fields), ask.headers(self.key))
            response = connection.getresponse()
            whole = response.read()
            if ask.is_stream and response.status == 200 and LAST_EVENT[ask.dialect] not in whole:
                raise http.client.IncompleteRead(whole)
            return response.status, *map(response.getheader, ("x-sallyport-request-id", "x-sallyport-destination"))
        finally:
            connection.close()

    def n_good(self, provider):
        """Answers that came whole from that provider, so far."""
        answers = list(self.done.values())
        return sum(status == 200 and destination.startswith(provider) for status, _, destination in answers)

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()
        return self.done
