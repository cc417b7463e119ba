"""Credentials in the places where people leave them: every service and every form of the tables, with values made at
random. Everything follows from the seed.

In a template `{s}` is the name of a service as code writes it, `{S}` in capitals with underscores, `{C}` in capitals
and small letters, `{v}` its key. What must be found is the key.
"""

import base64
import json
import random
import re
import string
import uuid

from lib_servers import BUILD, ROOT

SERVICE_FILES = sorted((ROOT / "src" / "core" / "detect").glob("services_*_to_*.c"))
SERVICE = re.compile(r'(?:NAMED|COMMON)\("([a-z0-9~]+)"\)|FORMED\("([a-z0-9~]+)", "([a-zA-Z]\d+(?:-\d+)?)"\)')

CONTEXTS = {
    "env": "APP_ENV=production\n{S}_API_KEY={v}\nPORT=8080\n",
    "env quoted": 'export {S}_TOKEN="{v}"\n',
    "yaml": "app:\n  url: https://internal.invalid/\n  {s}_api_key: {v}\n  retries: 3\n",
    "yaml quoted": "{s}_token: '{v}'\n",
    "yaml block": "{s}_secret: |\n  {v}\nother: 1\n",
    "yaml nested": "{s}:\n  enabled: true\n  api_key: {v}\n",
    "json": '{\n  "{s}ApiKey": "{v}",\n  "timeout": 30\n}\n',
    "json nested": '{"{s}": {"enabled": true, "secret": "{v}"}}\n',
    "json escaped": '{"body": "{\\"{s}_token\\": \\"{v}\\"}"}\n',
    "json bare key": '{"{s}": {"key": "{v}"}}\n',
    "toml": '[{s}]\nenabled = true\ntoken = "{v}"\n',
    "ini": "[{s}]\nurl = https://internal.invalid/\nsecret = {v}\n",
    "xml element": "<{s}Token>{v}</{s}Token>\n",
    "xml lines": "<{s}Token>\n    {v}\n</{s}Token>\n",
    "xml attribute": '<add key="{C}ApiKey" value="{v}" />\n',
    "properties": "{s}.api.key={v}\n",
    "python": '{s}_api_key = "{v}"\n',
    "python bytes": "{S}_SECRET = b'{v}'\n",
    "python keyword": 'client = {C}Client(api_key="{v}")\n',
    "python environ": 'os.environ["{S}_API_KEY"] = "{v}"\n',
    "python get": 'key = os.getenv("{S}_API_KEY", "{v}")\n',
    "python call": 'client = {C}("{v}")\n',
    "javascript": "const {s}ApiKey = '{v}';\n",
    "javascript member": "{ {s}: { token: `{v}` } }\n",
    "javascript call": 'const client = new {C}("{v}");\n',
    "go": '{s}Token := "{v}"\n',
    "go typed": 'var {s}Token string = "{v}"\n',
    "java": 'private static final String {S}_API_KEY = "{v}";\n',
    "c#": 'string {s}Token = "{v}";\n',
    "kotlin": 'val {s}Token: String = "{v}"\n',
    "swift": 'let {s}Token: String = "{v}"\n',
    "rust": 'const {S}_TOKEN: &str = "{v}";\n',
    "php": "${s}_token = '{v}';\n",
    "php array": "'{s}_token' => '{v}',\n",
    "php define": "define('{S}_API_KEY', '{v}');\n",
    "ruby": '{s}_token = "{v}"\n',
    "c define": '#define {S}_API_KEY "{v}"\n',
    "powershell": '$env:{S}_API_KEY = "{v}"\n',
    "flag": "{s} login --token {v} --verbose\n",
    "flag equals": "{s}ctl deploy --{s}-api-key={v}\n",
    "curl header": "curl -H 'X-Api-Key: {v}' https://api.{s}.com/v1/items\n",
    "curl own header": 'curl -H "X-{C}-Token: {v}" https://internal.invalid/\n',
    "curl bearer": 'curl -H "Authorization: Bearer {v}" https://api.{s}.com/v1/me\n',
    "curl user": "curl -u {v}: https://api.{s}.com/v1/me\n",
    "query": "GET https://api.{s}.com/v1/items?api_key={v}&limit=5\n",
    "query token": "https://api.{s}.com/v1/items?limit=5&access_token={v}\n",
    "prose": "The {s} API key is {v}, please rotate it next week.\n",
    "prose colon": "API key for {s}: {v}\n",
    "prose use": "Use {v} as the {s} token until Friday.\n",
    "message": "{s} {v}\n",
    "message key": "{s} key {v}\n",
    "list": "- {s}: {v}\n",
    "table": "| {s} API key | {v} |\n",
    "log": "[INFO] Sending request to the {s} API\n[DEBUG] Using Key={v}\n",
    "log fields": 'time="2026-01-02" level=debug msg="login" service={s} token={v}\n',
    "sql": "INSERT INTO settings (name, value) VALUES ('{s}_api_key', '{v}');\n",
    "terraform": 'variable "{s}_token" {\n  type    = string\n  default = "{v}"\n}\n',
    "terraform provider": 'provider "{s}" {\n  api_key = "{v}"\n}\n',
    "dockerfile": "ENV {S}_API_KEY={v}\n",
    "dockerfile blank": "ENV {S}_API_KEY {v}\n",
    "dockerfile arg": "ARG {S}_TOKEN={v}\n",
    "compose": "    environment:\n      - {S}_API_KEY={v}\n",
    "compose map": "    environment:\n      {S}_API_KEY: {v}\n",
    "kubernetes env": '  - name: {S}_API_KEY\n    value: "{v}"\n',
    "kubernetes stringData": "kind: Secret\nstringData:\n  {s}-token: {v}\n",
    "kubernetes data": "kind: Secret\ndata:\n  {s}-token: {b}\n",
    "helm": "helm upgrade shop ./chart --set {s}.apiKey={v}\n",
    "actions": "        env:\n          {S}_TOKEN: {v}\n",
    "appsettings": '{\n  "{C}": {\n    "BaseUrl": "https://internal.invalid/",\n    "ApiKey": "{v}"\n  }\n}\n',
    "wp-config": "define( '{S}_SECRET_KEY', '{v}' );\n",
    "tfvars": '{s}_api_key = "{v}"\n',
    "gradle": '{s}ApiKey={v}\n',
    "notebook": '    "{s}_api_key = \\"{v}\\"\\n",\n',
    "plist": "<key>{C}ApiKey</key>\n<string>{v}</string>\n",
    "android": '<string name="{s}_api_key">{v}</string>\n',
    "android metadata": '<meta-data android:name="com.{s}.API_KEY" android:value="{v}" />\n',
    "csv": "service,key\n{s},{v}\n",
    "comment": "# {s} key: {v}\n",
    "trufflehog config": "api:\n  base_url: https://api.{s}.com/v1\n  auth_type: API-Key\n  in: Header\n  key: {v}\n",
}
# What stands in a file of its own kind, whatever the service: a form has to be found in any of them.
FORM_CONTEXTS = {name: template for name, template in CONTEXTS.items() if name != "curl user"}


def of(rng, alphabet, n):
    return "".join(rng.choice(alphabet) for _ in range(n))


KEYS = [
    lambda rng: of(rng, "0123456789abcdef", rng.choice([32, 40, 64])),
    lambda rng: of(rng, string.ascii_letters + string.digits, rng.choice([20, 24, 32, 40, 48])),
    lambda rng: of(rng, string.ascii_lowercase + string.digits, rng.choice([20, 24, 32, 36])),
    lambda rng: of(rng, string.ascii_uppercase + string.digits, rng.choice([20, 32])),
    lambda rng: of(rng, string.ascii_letters + string.digits + "-_", 40) + "a7",
    lambda rng: base64.b64encode(rng.randbytes(30)).decode(),
    lambda rng: str(uuid.UUID(bytes=rng.randbytes(16), version=4)),
]

CLASSES = {
    "d": string.digits, "h": "0123456789abcdef", "x": "0123456789abcdefABCDEF", "l": string.ascii_lowercase,
    "u": string.ascii_uppercase, "a": string.ascii_letters, "n": string.ascii_lowercase + string.digits,
    "N": string.ascii_uppercase + string.digits, "w": string.ascii_letters + string.digits,
    "s": string.ascii_letters + string.digits + "-_", "b": string.ascii_letters + string.digits + "+/",
    "t": string.ascii_letters + string.digits, "p": string.ascii_letters + string.digits + "-_",
    "r": string.ascii_letters + string.digits, "z": string.ascii_letters + string.digits + "-_", "c": string.ascii_letters + string.digits + "./",
    "k": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", "e": string.ascii_letters + string.digits, "g": string.ascii_letters + string.digits + "!@#%^&*-_",
}
PART = re.compile(r"\{([A-Za-z])(\d+)(?:-(\d+))?\}|\(([^)]*)\)|<([^>]*)>|([^{(<]+)")


def services():
    """(name, form or None) of every service, as the tables have them."""
    out = []
    for path in SERVICE_FILES:
        for named, formed, form in SERVICE.findall(path.read_text()):
            out.append((named or formed, form or None))
    return out


def fill_form(form, rng):
    """A token of this form (detect/token.h)."""
    out = ""
    for sort, least, most, words, word, plain in PART.findall(form):
        if sort:
            n = int(least)
            out += of(rng, CLASSES[sort], n if not most else rng.randint(n, min(int(most), n + 8)))
        else:
            out += words.split("|")[0] if words else word or plain
    return out


def names_of(word, rng):
    """A service as code, constants and types write it: {s}, {S}, {C}."""
    parts = word.split("~")
    joint = rng.choice(["", "", "_", "-"]) if len(parts) > 1 else ""
    return joint.join(parts), joint.replace("-", "_").join(parts).upper(), "".join(p.capitalize() for p in parts)


def write(template, names, value):
    text = template
    for mark, name in zip(("{s}", "{S}", "{C}"), names):
        text = text.replace(mark, name)
    shown = base64.b64encode(value.encode()).decode() if "{b}" in text else value
    at = text.index("{b}" if "{b}" in text else "{v}")
    return text[:at] + shown + text[at + 3:], (at, at + len(shown))


def of_services(seed):
    """(context, service, text, span): every service in every context."""
    rng = random.Random(seed)
    out = []
    for word, form in services():
        for name, template in CONTEXTS.items():
            value = fill_form("{%s}" % form, rng) if form else rng.choice(KEYS)(rng)
            out.append((name, word, *write(template, names_of(word, rng), value)))
    return out


def of_forms(detectors, seed):
    """(context, row, text, span): every form of every row of credentials in every context, named after nothing known."""
    rng = random.Random(seed)
    out = []
    for row in detectors:
        for form in row["forms"]:
            for name, template in FORM_CONTEXTS.items():
                out.append((name, row["name"], *write(template, ("acme", "ACME", "Acme"), fill_form(form, rng))))
    return out


# ---- what is none ----

CLEAN = {
    "record of a wheel": "{s}/resources/client.py,sha256={sha256_url},1823\n",
    "npm lock": '    "node_modules/{s}": {\n      "version": "4.2.1",\n      "resolved": "https://registry.npmjs.org/{s}/-/{s}-4.2.1.tgz",\n'
                '      "integrity": "sha512-{b64}==",\n',
    "yarn lock": '{s}-pass@^1.0.2:\n  version "1.0.2"\n  resolved "https://registry.yarnpkg.com/{s}/-/{s}-1.0.2.tgz#{sha1}"\n  '
                 'integrity sha512-{b64}==\n  dependencies:\n    get-pass "^0.1.1"\n',
    "cargo lock": '[[package]]\nname = "{s}-token"\nversion = "0.3.1"\nchecksum = "{sha256}"\n',
    "poetry lock": '    {file = "{s}-3.1.tar.gz", hash = "sha256:{sha256}"},\n',
    "go sum": "github.com/{s}/{s}-go v1.4.2 h1:{b64_32}=\ngithub.com/{s}/{s}-go v1.4.2/go.mod h1:{b64_32}=\n",
    "pods": "SPEC CHECKSUMS:\n  {C}: {sha1}\n  {C}Core: {sha1}\n",
    "submodule": " {sha1} vendor/{s} (v1.4.2)\n",
    "workflow": "      - uses: {s}/action@{sha1} # v3\n",
    "image": "    image: {s}/agent@sha256:{sha256}\n",
    "log": "[INFO] {s} request {uuid} took 31 ms, trace {md5}\n",
    "identifier": "  {s}_request_id: {uuid}\n",
    "commit": "{s}: bump to commit {sha1}\n",
    "bundle": '<script src="/static/js/{s}.{hex20}.js"></script>\n',
    "call of code": "const key = {s}Client.getApiKey(request, options2);\n",
    "type of code": "def load_{s}_key(path: str) -> ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey:\n",
    "name of code": "from {s}.auth import OAuth2ClientError, Socks4Response, AuthBase64Encoder\n{s}_token = OAuth2TokenProvider()\n",
    "constant": "#define {S}_KEY_ATTR NL80211_ATTR_KEY_INACTIVITY_TIMEOUT\n",
    "snake": "{s}_key_name = 'k8s_service_account_token_provider'\n",
    "pointer": "int {s}_open(struct {s} *s, pass *callback_data, void *pass_data);\n",
    "time": '{s}_token: {"issued": "2026-01-29T00:00:00Z", "key": "2026-01-29T00:00:00Z"}\n',
    "host": 'export {S}_AUTH_DOMAIN="shop18922506.{s}.com"\n',
    "public key": '{s}_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE{b64}=="\n',
    "ssh public key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b64_32} anna@{s}\n",
    "path": "key_file: keys/2024/11/{s}-key2.pem\nauthors/2003/11/msg1353.html\n",
    "link": "See https://docs.{s}.com/auth/2024/api-keys2.html and rfc6749 for {s} tokens.\n",
    "bearer link": "bearer https://tools.ietf.org/html/rfc6750 of {s}\n",
    "basic word": "basic Operators of {s}: basic SFNT/TrueType and basic Optional fields\n",
    "translation": '"{s}.password": "Passwort", "{s}.password.hint": "Mindestens 8 Zeichen", "forgotPassword": "Passwort vergessen?"\n',
    "form": '<label for="password">Password</label> <input type="password" name="{s}_password" placeholder="Password" />\n',
    "openapi": '{s}Password:\n  type: string\n  format: password\n  minLength: 8\n  description: The password of the account\n',
    "schema": "CREATE TABLE {s}_users (id uuid, password varchar(255) NOT NULL, api_key char(64), token text);\n",
    "manual": "  --{s}-token TOKEN   the token for {s} (default: ${S}_TOKEN)\n  --password-file FILE  read it from a file\n",
    "environment": 'token = os.environ["{S}_TOKEN"]\nsecret = process.env.{S}_SECRET\napi_key: ${{ secrets.{S}_API_KEY }}\n',
    "template": "{s}_password: {{ {s}_password }}\n{s}_key: <your-{s}-key>\n{S}_TOKEN=xxxxxxxxxxxxxxxxxxxx\nPASSWORD=changeme\n",
    "format": 'printf("password for %s: ", user); snprintf(key, sizeof key, "{s}_key=%s", value);\n',
    "picture": '{s}_icon = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA{b64}{b64}"\n',
    "highlighting": "hi def link euphoria3Keyword {C}2Library\nsyn keyword {s}Key modula3Identifier pl1Statement\n",
    "prose": "The {s} API needs a key; ask for a token and keep it secret. Version 2.14.0 of 2026-01-02 changed that.\n",
}


def of_clean(seed, rounds):
    """(what, text): texts of code, manuals and lock files that name services and keys and hold no secret."""
    rng = random.Random(seed)
    names = [word for word, _ in services()]
    out = []
    for _ in range(rounds):
        for what, template in CLEAN.items():
            text = template
            for mark, name in zip(("{s}", "{S}", "{C}"), names_of(rng.choice(names), rng)):
                text = text.replace(mark, name)
            made = {"{sha1}": lambda: rng.randbytes(20).hex(), "{sha256}": lambda: rng.randbytes(32).hex(),
                    "{md5}": lambda: rng.randbytes(16).hex(), "{hex20}": lambda: rng.randbytes(10).hex(),
                    "{uuid}": lambda: str(uuid.UUID(bytes=rng.randbytes(16), version=4)),
                    "{sha256_url}": lambda: base64.urlsafe_b64encode(rng.randbytes(32)).decode().rstrip("="),
                    "{b64_32}": lambda: base64.b64encode(rng.randbytes(32)).decode().rstrip("="),
                    "{b64}": lambda: base64.b64encode(rng.randbytes(64)).decode().rstrip("=")}
            for mark, make in made.items():
                while mark in text:
                    text = text.replace(mark, make(), 1)
            out.append((what, text))
    return out
