"""Files of settings as people write them, with secrets made at random and with what only looks like one: what the
detectors of credentials are measured on without any text of others. Everything follows from the seed.

A template marks a secret with `{p}` (a password), `{w}` (one of letters and digits), `{k}` (a key) or `{b}` (user and
password in base 64); `{s}` and `{S}` name a service. What it yields are texts and where their secrets stand.
"""

import base64
import random
import re
import string
import uuid

SERVICES = ["adzuna", "calendly", "mailjet", "airtable", "rollbar", "wistia", "bugsnag", "clickup", "freshdesk", "onelogin",
            "zerobounce", "pipedrive", "statuspage", "shortcut", "typeform"]
WORDS = ["summer", "tiger", "copper", "harbor", "falcon", "meadow", "winter", "dragon", "rocket", "violet"]
SIGNS = "!@#%+-_*?"


def password(rng):
    word = rng.choice(WORDS)
    return rng.choice([
        lambda: word.capitalize() + str(rng.randrange(10, 9999)) + rng.choice("!?+*"),
        lambda: word + "-" + rng.choice(WORDS) + "-" + str(rng.randrange(10, 99)),
        lambda: word.replace("e", "3").replace("o", "0").replace("i", "1") + rng.choice(WORDS).capitalize()
        + str(rng.randrange(100)),
        lambda: "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(rng.randrange(10, 20))) + "7a",
        lambda: "".join(rng.choice(string.ascii_letters + string.digits + SIGNS) for _ in range(14)) + "x4",
    ])()


def key(rng):
    def of(alphabet, n):
        return "".join(rng.choice(alphabet) for _ in range(n))

    return rng.choice([
        lambda: of("0123456789abcdef", rng.choice([32, 40, 64])),
        lambda: of(string.ascii_letters + string.digits, rng.choice([20, 24, 32, 40, 48])),
        lambda: of(string.ascii_lowercase + string.digits, rng.choice([24, 32])),
        lambda: base64.b64encode(rng.randbytes(30)).decode(),
        lambda: of(string.ascii_letters + string.digits + "-_", 43) + "a",
    ])()


SETTINGS = {
    "env": [
        "# settings of {s}\nAPP_ENV=production\nDB_HOST=db.internal\nDB_USER=shop\nDB_PASSWORD={p}\n{S}_API_KEY={k}\nPORT=8080\n",
        'DB_PASS="{p}"\nREDIS_URL=redis://:{w}@cache:6379/0\nSESSION_SECRET={k}\nDEBUG=false\n',
        "export {S}_TOKEN={k}\nexport PGPASSWORD='{p}'\nexport PATH=$PATH:/opt/bin\n",
        "MAIL_USERNAME=robot\nMAIL_PASSWORD={p} # of the relay\n{S}_SECRET={k}\nJWT_SECRET_KEY={k}\n",
    ],
    "yaml": [
        "database:\n  host: db.internal\n  port: 5432\n  username: shop\n  password: {p}\n",
        "api:\n  base_url: https://api.{s}.com/v1\n  auth_type: API-Key\n  in: Header\n  {s}_key: \"{k}\"\n",
        "spring:\n  datasource:\n    url: jdbc:postgresql://db:5432/shop\n    username: shop\n    password: '{p}'\n",
        "# credentials for {s}\nconfig:\n  client_id: shop-web\n  client_secret: {k}\n  timeout: 30\n",
        "api:\n  auth_type: Bearer\n  base_url: https://api.{s}.com\n  token: {k}\n  api_version: v1\n",
        "smtp:\n  user: robot\n  password: |\n    {p}\n  tls: true\n",
    ],
    "json": [
        '{{\n  "host": "db.internal",\n  "user": "shop",\n  "password": "{p}",\n  "apiKey": "{k}"\n}}\n',
        '{{"name":"DB_PASSWORD","value":"{p}"}}\n',
        '{{"data":"{{\\"user\\":\\"shop\\",\\"password\\":\\"{p}\\",\\"access_token\\":\\"{k}\\"}}"}}\n',
        '{{"auths": {{"registry.internal": {{"auth": "{b}"}}}}}}\n',
        '{{\n  "{s}": {{\n    "endpoint": "https://api.{s}.com",\n    "key": "{k}"\n  }}\n}}\n',
    ],
    "toml": [
        '[database]\nserver = "db.internal"\nport = 5432\npassword = "{p}"\n\n[{s}]\napi_key = "{k}"\nenabled = true\n',
        '[[registry]]\nname = "internal"\ntoken = "{k}"\n',
    ],
    "ini": [
        "[client]\nuser = shop\npassword = {p}\nhost = db.internal\n",
        "[{s}]\nurl = https://api.{s}.com\nkey = {k}\nretries = 3\n",
        "[default]\nregion = eu-central-1\nsecret_token={k}\n",
    ],
    "xml": [
        '<configuration>\n  <add key="SmtpPassword" value="{p}" />\n  <add key="{s}ApiKey" value="{k}" />\n</configuration>\n',
        "<server>\n  <id>central</id>\n  <username>deploy</username>\n  <password>{p}</password>\n</server>\n",
        "<StringCredentials>\n  <scope>GLOBAL</scope>\n  <id>{s}</id>\n  <secret>{k}</secret>\n  <owner>admin</owner>\n</StringCredentials>\n",
        "<dict>\n  <key>Password</key>\n  <string>{p}</string>\n</dict>\n",
        '<add name="Shop" connectionString="Server=db;Database=shop;User Id=sa;Password={p};" />\n',
    ],
    "terraform": [
        'resource "aws_db_instance" "shop" {{\n  username = "shop"\n  password = "{p}"\n  port     = 5432\n}}\n',
        'variable "{s}_token" {{\n  type    = string\n  default = "{k}"\n}}\n',
        'provider "{s}" {{\n  api_key = "{k}"\n  app_key = "{k}"\n}}\n',
        'environment {{\n  name  = "DB_PASSWORD"\n  value = "{p}"\n}}\n',
    ],
    "compose": [
        "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_USER: shop\n      POSTGRES_PASSWORD: {p}\n",
        "services:\n  app:\n    environment:\n      - MYSQL_ROOT_PASSWORD={p}\n      - {S}_API_TOKEN={k}\n",
        "env:\n  - name: DB_PASSWORD\n    value: {p}\n  - name: {S}_TOKEN\n    value: \"{k}\"\n",
    ],
    "npmrc": ["registry=https://npm.internal/\n//npm.internal/:_authToken={k}\nalways-auth=true\n",
              "//npm.internal/:username=robot\n//npm.internal/:_password={b}\n"],
    "netrc": ["machine git.internal\n  login robot\n  password {p}\n", "machine git.internal login robot password {p}\n"],
    "pypirc": ["[pypi]\nrepository = https://pypi.internal/\nusername = robot\npassword = {p}\n"],
    "kubeconfig": ["users:\n- name: admin\n  user:\n    token: {k}\n", "users:\n- name: admin\n  user:\n    username: admin\n    password: {p}\n"],
    "headers": ["GET /v1/items HTTP/1.1\nHost: api.internal\nAuthorization: Bearer {k}\nAccept: */*\n",
                "POST /v1 HTTP/1.1\nX-Api-Key: {k}\n", "Authorization: Basic {b}\n", "X-{s}-Token: {k}\nContent-Length: 0\n",
                "PRIVATE-TOKEN: {k}\n"],
    "commands": ["curl -u robot:{w} https://api.internal/v1\n", "curl -H 'X-Api-Key: {k}' https://api.{s}.com\n",
                 "curl 'https://api.{s}.com/v1/items?api_key={k}&limit=5'\n", "mysql -u root -p{p} shop\n",
                 "docker login -u robot -p {p} registry.internal\n", "vault login --token {k}\n",
                 "sshpass -p '{p}' ssh robot@db.internal\n", "redis-cli -h cache -a {p} ping\n",
                 "{s} login --api-key {k}\n"],
    "connections": ["postgres://shop:{w}@db.internal:5432/shop\n", "amqps://robot:{w}@mq.internal/vhost\n",
                    "jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password={p};\n",
                    "Server=db;Uid=shop;Pwd={p};\n"],
    "sql": ["CREATE USER shop IDENTIFIED BY '{p}';\n", "ALTER ROLE shop WITH PASSWORD '{p}';\n",
            "CREATE LOGIN shop WITH PASSWORD = '{p}';\n"],
    "powershell": ['$password = "{p}"\n', 'ConvertTo-SecureString "{p}" -AsPlainText -Force\n',
                   '$env:{S}_API_KEY = "{k}"\n', '$headers = @{{ "x-api-key" = "{k}" }}\n'],
    "properties": ["spring.datasource.username=shop\nspring.datasource.password={p}\n", "{s}.api.key={k}\n{s}.timeout=30\n",
                   "jwt.secret = {k}\n"],
    "source": ['api_key = "{k}"\n', "const {s}Token = '{k}';\n", 'client = Client(user="shop", password="{p}")\n',
               'String password = "{p}";\n', 'requests.get(url, auth=("robot", "{p}"))\n',
               '$db = new PDO("mysql:host=db", "shop", "{p}");\n', 'req.Header.Set("X-Api-Key", "{k}")\n',
               'os.environ["{S}_SECRET"] = "{k}"\n', '# {s}\nKEY = "{k}"\n', "define('DB_PASSWORD', '{p}');\n",
               '[INFO] Sending request to the {s} API\n[DEBUG] Using Key={k}\n[INFO] Response received: 200 OK\n'],
    "messages": ["Hi, the password is {p}, please change it.\n", "user: anna pw: {p}\n", "Das Passwort lautet {p}\n",
                 "el password nuevo es: {p}\n", "пароль: {p}\n", "密码：{p}\n", "パスワード: {p}\n", "mot de passe : {p}\n",
                 "contraseña: {p}\n", "senha: {p}\n", "Here is the API key: {k}\n", "the {s} token is {k}\n",
                 "Passwort für den Server: {p}\n"],
}

# Values that stand for a secret, or that only look drawn at random.
STAND_INS = ["${DB_PASSWORD}", "$(cat /run/secrets/db)", "<your-password>", "xxxxxxxxxxxxxxxx", "{{ vault_password }}",
             "your_api_key_here", "********", "REPLACE_ME", "%DB_PASSWORD%", "[REDACTED]",
             "process.env.DB_PASSWORD", "os.environ['DB_PASSWORD']", "#{ENV['SECRET']}", "!vault |", "null", "true",
             "changeme", "/run/secrets/db_password", "secretKeyRef", "None"]

NEGATIVES = [
    "DB_PASSWORD={v}\n", "password: {v}\n", '"apiKey": "{v}"\n', "api_key = {v}\n", "token: {v}\n", "<password>{v}</password>\n",
    "    - name: DB_PASSWORD\n      value: {v}\n",
]
HARMLESS = [
    "id: {uuid}\n", '"requestId": "{uuid}",\n', "commit {sha1}\n", "image: shop@sha256:{sha256}\n",
    '"integrity": "sha512-{b64}",\n', 'checksum = "{sha256}"\n', "Resolved: https://registry.internal/x/-/x-1.2.3.tgz#{sha1}\n",
    '<img src="data:image/png;base64,iVBORw0KGgo{b64}{b64}">\n', "ETag: \"{md5}\"\n", "h1:{b64}=\n", "go.sum h1:{b64}=\n",
    "cache-key: npm-linux-{sha256}\n", 'var a=function(b,c){{return b.t1("k2e"+c.x9)}},d="M12.5 3l4 8a2 2 0 1c";\n',
    "revision={sha1}\n", "trace_id={md5} span_id=00f067aa0ba902b7\n", "password_reset_url: https://shop.internal/reset/{uuid}\n",
    "public_key: {b64}\n", "token_type: bearer\ntoken_count: 4096\n", "primary_key: {uuid}\n", "ssh-rsa {b64} anna@shop\n",
    "Enter the password for user anna: \n", "password must have at least 12 characters\n", "PasswordAuthentication no\n",
    "key: backups/2024/11/29/shop-0412.tar.gz\n", "secretName: shop-tls\n", "sort_key: created_at_2024\n", "fingerprint: {md5}\n",
]

MARK = re.compile(r"\{([pkwbsS])\}")


def fill(template, rng):
    """A template with its secrets. @return (text, [(start, end), …])"""
    service = rng.choice(SERVICES)
    text, spans = "", []
    plain = template.replace("{{", "\x01").replace("}}", "\x02")
    for i, part in enumerate(MARK.split(plain)):
        if i % 2 == 0:
            text += part.replace("\x01", "{").replace("\x02", "}")
            continue
        value = {"s": lambda: service, "S": lambda: service.upper(), "p": lambda: password(rng), "k": lambda: key(rng),
                 "w": lambda: re.sub(r"\W", "", password(rng)),
                 "b": lambda: base64.b64encode(b"robot:" + password(rng).encode()).decode()}[part]()
        if part not in "sS":
            spans.append((len(text), len(text) + len(value)))
        text += value
    return text, spans


def harmless(template, rng):
    return template.format(uuid=uuid.UUID(bytes=rng.randbytes(16)), sha1=rng.randbytes(20).hex(), md5=rng.randbytes(16).hex(),
                           sha256=rng.randbytes(32).hex(), b64=base64.b64encode(rng.randbytes(64)).decode().rstrip("="))


def settings(seed, rounds):
    """(format, text, spans) of every template, `rounds` times."""
    rng = random.Random(seed)
    return [(name, *fill(template, rng)) for _ in range(rounds) for name, templates in SETTINGS.items() for template in templates]


def negatives(seed, rounds):
    """(what, text): placeholders at each place, and what only looks like a secret."""
    rng = random.Random(seed)
    out = [(value, template.replace("{v}", value)) for template in NEGATIVES for value in STAND_INS]
    return out + [(template, harmless(template, rng)) for _ in range(rounds) for template in HARMLESS]
