"""Secrets where people leave them besides files of settings: behind their own identifier, in commands, notes, tables,
lists, columns, configurations of devices, and in the words of many languages. Everything follows from the seed.

A template marks a secret with `{p}` (a password), `{w}` (one of letters and digits), `{k}` (a key), `{z}` (an AWS secret),
`{h}` (32 of hexadecimal), `{b}` (32 bytes in base 64), `{c}` (a recovery code), `{7}` (Cisco's type 7); `{a}` is the id of
an AWS key and `{i}` that of an account of Twilio, which are no secrets here. What it yields are texts and where their
secrets stand.
"""

import base64
import random
import re
import string
import uuid

import lib_settings


def of(rng, alphabet, n):
    return "".join(rng.choice(alphabet) for _ in range(n))


PAIRS = {
    "aws": ["{a},{z}\n", "Access key ID,Secret access key\n{a},{z}\n", "{a} {z}\n", "{a}:{z}\n", "keys: {a} / {z}\n", "{a}\n{z}\n",
            "User name,Password,Access key ID,Secret access key,Console login link\nshop,,{a},{z},https://1.signin.aws.amazon.com/console\n",
            '["{a}", "{z}"]\n', '"{a}","{z}"\n', "id {a}\nsecret {z}\n", "boto3.client('s3', 'eu-west-1', '{a}', '{z}')\n",
            "<td>{a}</td><td>{z}</td>\n", "| {a} | {z} |\n", "mc alias set s3 https://s3.internal {a} {z}\n", "{a}\t{z}\n",
            "access {a}, secret {z}\n", 'id: {a}\nvalue: "{z}"\n', "id={a};secret={z}\n", '{"id":"{a}","secret":"{z}"}\n',
            "- {a}\n- {z}\n", "the new key is {a} with secret {z}.\n", "`{a}` / `{z}`\n"],
    "twilio": ["{i}:{h}\n", "{i},{h}\n", "Client('{i}', '{h}')\n", 'new Twilio("{i}", "{h}");\n', "SID {i}\nToken {h}\n",
               "curl -u {i}:{h} https://api.twilio.com/2010-04-01/Accounts\n", "account {i} / {h}\n"],
}
COMMANDS = {
    "curl": ["curl -u {k}: https://api.shop.com/v1\n", "curl --user {k}: https://api.shop.com/v1\n", "curl -u robot:{p} https://api.internal\n",
             "curl -s -u 'robot:{p}' https://api.internal\n", "curl --user \"robot:{p}\" https://api.internal\n", "curl -u{k}: https://api.shop.com\n",
             "curl -X POST https://api.shop.com/v1 -u {k}:\n", "curl --user=robot:{p} https://api.internal\n"],
    "web": ["wget --user=robot --password={p} https://files.internal/x\n", "wget --http-user robot --http-password {p} https://files.internal/x\n",
            "http -a robot:{p} GET https://api.internal\n", "lftp -u robot,{p} sftp://files.internal\n", "https --auth robot:{p} api.internal\n"],
    "database": ["mysql -uroot -p{p} shop\n", "mysql -h db --user=shop --password={p} shop\n", "mysqldump -u root -p'{p}' shop > x.sql\n",
                 "PGPASSWORD={p} psql -h db -U shop\n", "PGPASSWORD='{p}' pg_dump shop\n", "redis-cli -h cache -a {p} ping\n",
                 "mongosh --host db -u admin -p {p} --authenticationDatabase admin\n", "mongodump -u admin --password {p}\n",
                 "sqlcmd -S db -U sa -P {p} -Q 'select 1'\n", "bcp shop out x -S db -U sa -P '{p}'\n", "influx -username admin -password {p}\n",
                 "MYSQL_PWD={p} mysql -u root\n", "cqlsh db -u cassandra -p {p}\n", "clickhouse-client --user default --password {p}\n",
                 "REDISCLI_AUTH={p} redis-cli ping\n", "mysqladmin -u root password '{p}'\n"],
    "login": ["sshpass -p {p} ssh robot@db\n", "sshpass -p'{p}' scp x robot@db:\n", "SSHPASS={p} sshpass -e ssh db\n",
              "docker login -u robot -p {p} registry.internal\n", "docker login --username robot --password {p} registry.internal\n",
              "echo {p} | docker login -u robot --password-stdin registry.internal\n", "echo '{p}' | sudo -S apt update\n",
              "echo \"robot:{p}\" | chpasswd\n", "echo '{p}' | kinit robot\n", "podman login -u robot -p '{p}' registry.internal\n",
              "az login --service-principal -u app -p {p} --tenant shop\n", "oc login https://ocp.internal -u robot -p {p}\n",
              "helm registry login -u robot -p {p} registry.internal\n", "skopeo login -u robot -p {p} registry.internal\n",
              "twine upload -u __token__ -p {p} dist/*\n", "su - postgres -c \"psql -c \\\"ALTER USER shop PASSWORD '{p}'\\\"\"\n"],
    "windows": ["net use Z: \\\\files\\shop {p} /user:robot\n", "net use \\\\files\\shop /user:CORP\\robot {p}\n", "net user robot {p} /add\n",
                "runas /user:robot /password:{p} cmd\n", "cmdkey /add:files /user:robot /pass:{p}\n", "psexec \\\\web -u admin -p {p} cmd\n",
                "xfreerdp /v:web /u:robot /p:{p}\n", "schtasks /create /ru robot /rp {p} /tn x\n", "rdesktop -u robot -p {p} web\n",
                "wmic /node:web /user:admin /password:{p} os get\n", "smbclient //files/shop -U robot%{p}\n", "winexe -U 'CORP/robot%{p}' //web cmd\n",
                "mount -t cifs //files/shop /mnt -o username=robot,password={p}\n", "evil-winrm -i web -u admin -p '{p}'\n",
                "impacket-secretsdump corp/robot:{p}@web\n"],
    "archives": ["unzip -P {p} backup.zip\n", "zip -r -P '{p}' x.zip x\n", "7z x -p{p} backup.7z\n", "7za a -p'{p}' x.7z x\n", "unrar x -p{p} x.rar\n",
                 "openssl enc -d -aes-256-cbc -k {p} -in x\n", "openssl rsa -in key.pem -passin pass:{p}\n", "openssl pkcs12 -export -passout pass:{p} -in x\n",
                 "gpg --batch --passphrase {p} -d x.gpg\n", "gpg --passphrase='{p}' -d x.gpg\n", "keytool -genkey -keystore x.jks -storepass {p} -keypass {p}\n",
                 "ansible-playbook site.yml -e ansible_become_pass={p}\n", "htpasswd -b .htpasswd robot {p}\n", "htpasswd -bc users robot '{p}'\n",
                 "java -Djavax.net.ssl.keyStorePassword={p} -jar x.jar\n", "ssh-keygen -t ed25519 -N '{p}' -f x\n", "ssh-keygen -p -P {p} -N '' -f x\n",
                 "qpdf --decrypt --password={p} x.pdf y.pdf\n", "pdftk x.pdf input_pw {p} output y.pdf\n", "jarsigner -storepass {p} x.jar me\n"],
    "devices": ["snmpwalk -v2c -c {w} switch1\n", "snmpget -v 2c -c {w} 10.0.0.7 sysName.0\n", "ipmitool -H bmc -U admin -P {p} power on\n",
                "mosquitto_pub -h mq -u robot -P {p} -t x -m 1\n", "nmcli dev wifi connect Shop password {p}\n", "wpa_passphrase Shop {p}\n",
                "kadmin -q 'addprinc -pw {p} robot'\n", "plink -ssh robot@db -pw {p} ls\n", "pscp -pw {p} x robot@db:\n",
                "sshfs robot@db:/ /mnt -o password_stdin <<< '{p}'\n"],
    "tokens": ["vault login {k}\n", "npm config set //registry.internal/:_authToken {k}\n", "heroku config:set JWT_SECRET={k}\n",
               "kubectl create secret generic x --from-literal=password={p}\n", "kubectl create secret docker-registry r --docker-password={p}\n",
               "aws configure set aws_secret_access_key {z}\n", "sonar-scanner -Dsonar.token={k}\n", "doctl auth init -t {k}\n",
               "ngrok config add-authtoken {k}\n", "flyctl auth token {k}\n", "mvn deploy -Drepo.password={p}\n", "gh secret set TOKEN --body {k}\n",
               "kubectl --token={k} get pods\n", "cloudflared service install {k}\n", "consul acl set-agent-token agent {k}\n"],
}
NOTES = {
    "markdown": ["**Password:** {p}\n", "**Password**: {p}\n", "- **Password:** `{p}`\n", "`password`: `{p}`\n", "* Password - {p}\n",
                 "- password: `{p}`\n", "__Password:__ {p}\n", "*Password*: {p}\n", "**API key:** `{k}`\n", "**API key**: {k}\n", "Password → {p}\n",
                 "1. Password: `{p}`\n", "> **Password:** {p}\n", "**Login:** robot\n**Password:** {p}\n", "- **Token**: `{k}`\n", "***Password:*** {p}\n",
                 "Password:\n\n    {p}\n", "### Password\n`{p}`\n", "**Password (staging):** `{p}`\n", "Password (wiki): {p}\n", "- API key = `{k}`\n",
                 "User/Password: robot/{p}\n", "Login: robot / Password: {p}\n", "user:pass = robot:{p}\n", "Login: robot/{p}\n", "credentials: robot / {p}\n"],
    "cells": ["| Password | {p} |\n", "| **Password** | `{p}` |\n", "| password | `{p}` |\n", "| API key | `{k}` |\n", "| Secret | {k} |\n",
              "| User | robot |\n| Password | {p} |\n", "Password\t{p}\n", "|| Password | {p} ||\n", "| DB_PASSWORD | {p} |\n", "password;{p}\n",
              "|`API_TOKEN`|`{k}`|\n", "Password | {p}\n"],
    "html": ["<td>Password</td><td>{p}</td>\n", "<tr><th>Password</th><td>{p}</td></tr>\n", "<b>Password:</b> {p}<br>\n", "<strong>Password</strong>: {p}</p>\n",
             "<dt>Password</dt><dd>{p}</dd>\n", "<label>Password</label> <span>{p}</span>\n", '<input type="password" name="password" value="{p}">\n',
             '<input name="password" type="hidden" value="{p}" />\n', "<td>API key</td>\n<td><code>{k}</code></td>\n", "<li>Password: <code>{p}</code></li>\n",
             "<p>Password: <b>{p}</b></p>\n", '<input type="hidden" name="api_key" value="{k}">\n', "<th>Password</th>\n  <td>{p}</td>\n"],
}
COLUMNS = {
    "first row": ["username,password\nrobot,{p}\n", "user;password\nrobot;{p}\n", "user\tpassword\nrobot\t{p}\n", '"user","password"\n"robot","{p}"\n',
                  "host,user,password,port\ndb,robot,{p},5432\n", "name,url,username,password\nwiki,https://wiki.internal,robot,{p}\n",
                  "service,api_key\nshop,{k}\n", "id,name,secret\n1,shop,{k}\n", "title,login_uri,login_username,login_password\nwiki,https://w,robot,{p}\n",
                  "| user | password |\n|---|---|\n| robot | {p} |\n", "| Host | User | Password |\n|:-----|------|-----:|\n| db | robot | `{p}` |\n",
                  "email,passwd\nrobot@shop.com,{p}\n", "Benutzer;Passwort\nrobot;{p}\n", "user,pass\nrobot,{p}\n", "password,user\n{p},robot\n",
                  "service,token,created\nshop,{k},2026-01-04\n", "user | password\n-----|-----\nrobot | {p}\n"],
    "all rows": ["username,password\nrobot,{p}\nclerk,{p}\nadmin,{p}\n", "user\tpassword\nrobot\t{p}\nclerk\t{p}\nadmin\t{p}\n",
                 "host;user;password\ndb1;robot;{p}\ndb2;robot;{p}\ndb3;robot;{p}\ndb4;clerk;{p}\n",
                 "| user | password |\n|---|---|\n| robot | {p} |\n| clerk | {p} |\n| admin | {p} |\n", "service,api_key\nshop,{k}\nmail,{k}\nbill,{k}\n"],
}
# Not among them: "set community x" and "backup code x" without a colon, which sentences say of other things.
FORMATS = {
    "pgpass": ["db.internal:5432:shop:robot:{p}\n", "*:*:*:robot:{p}\n", "localhost:5432:*:postgres:{p}\n"],
    "cisco": ["enable password {w}\n", "enable password 7 {7}\n", "username robot password 7 {7}\n", "username robot privilege 15 password 0 {w}\n",
              "key 7 {7}\n", "tacacs-server key 7 {7}\n", "radius-server host 10.0.0.1 key {w}\n", "snmp-server community {w} RO\n", "username robot secret 0 {w}\n",
              " ip ospf message-digest-key 1 md5 7 {7}\n", " neighbor 10.0.0.1 password {w}\n", "crypto isakmp key {w} address 10.0.0.1\n", " standby 1 authentication {w}\n",
              "line vty 0 4\n password {w}\n login\n"],
    "devices": ["rocommunity {w} 10.0.0.0/8\n", "set snmp community {w} authorization read-only\n", "com2sec readonly default {w}\n", "set password ENC {b}\n", "set psksecret {w}\n",
                "/user add name=robot password={w} group=full\n", "wpa_passphrase={w}\n", 'psk="{w}"\n', "wpa-psk {w}\n"],
    "networks": ["[Interface]\nPrivateKey = {b}\nAddress = 10.0.0.2/24\n", "[Peer]\nPublicKey = x\nPresharedKey = {b}\n", "robot * {w} *\n", ': PSK "{p}"\n', "10.0.0.1 10.0.0.2 : PSK \"{p}\"\n",
                 'robot Cleartext-Password := "{p}"\n', "client nas {\n  ipaddr = 10.0.0.1\n  secret = {w}\n}\n", 'key "rndc" {\n  algorithm hmac-sha256;\n  secret "{b}";\n};\n',
                 '"robot" * "{p}" *\n', "robot : EAP \"{p}\"\n", "option rpcd password {w}\n", "auth-user-pass\nrobot\n{p}\n"],
    "wallets": ["{W}\n", "wallet key: {W}\n", "importprivkey {W}\n", "{P}\n", "bip38 {P}\n"],
    "codes": ["Your recovery codes:\n{c}\n{c}\n{c}\n", "Backup codes: {c} {c} {c}\n", "recovery codes\n1. {c}\n2. {c}\n3. {c}\n", "backup codes (keep them safe):\n\n- {c}\n- {c}\n- {c}\n",
              "Recovery code: {c}\n", "GitHub recovery codes\n\n{c}\n{c}\n", "otpauth://totp/shop:robot?secret={o}&issuer=shop\n", "TOTP secret: {o}\n", "2FA key {o}\n"],
    "files": ["<Properties action=\"U\" cpassword=\"{b}\" userName=\"robot\"/>\n", "<Password>\n <Value>{p}</Value>\n <PlainText>true</PlainText>\n</Password>\n", '"kty":"oct","k":"{k}"\n',
              "requirepass {w}\n", "masterauth {w}\n", "rpcpassword={w}\n", "bind_password: {p}\n", "ldap_default_authtok = {w}\n", "relayhost user robot:{p}\n",
              "[smtp.internal]:587 robot:{p}\n", "robot:{S}\n", "user = \"robot:{p}\"\n", "proxy-user = robot:{p}\n", "http_proxy=http://robot:{w}@proxy.internal:3128\n",
              "identified by '{p}'\n", "--requirepass {w}\n", "spring.security.user.password={p}\n", "d-i passwd/root-password password {w}\n", "rootpw --plaintext {w}\n",
              "chpasswd:\n  list: |\n    root:{p}\n", "AdminPassword={w}\n", "guacamole: password={w}\n", "TOKEN_KEY = \"{k}\"\n", "sa_password={p}\n", "SA_PASSWORD={p}\n"],
}
# The word for password, and for key or token, where the language uses one of its own.
WORDS = {
    "arabic": (["كلمة المرور", "كلمة السر", "الرقم السري"], ["المفتاح السري", "رمز الوصول", "مفتاح API"]),
    "hebrew": (["סיסמה", "סיסמא", "הסיסמה"], ["מפתח סודי", "מפתח API", "אסימון"]),
    "russian": (["Пароль", "пароль", "Пароль от почты", "пароля"], ["Ключ API", "Секретный ключ", "Токен", "токен доступа"]),
    "ukrainian": (["Пароль", "Гасло"], ["Ключ API", "Секретний ключ", "Токен"]),
    "bulgarian": (["Парола", "парола"], ["Таен ключ", "Токен"]),
    "serbian": (["Лозинка", "Lozinka", "Šifra"], ["Тајни кључ", "Tajni ključ"]),
    "polish": (["Hasło", "hasło", "Haslo"], ["Klucz API", "Klucz tajny", "Sekret"]),
    "czech": (["Heslo", "heslo"], ["Klíč API", "Tajný klíč"]),
    "slovene": (["Geslo"], ["Skrivni ključ"]),
    "croatian": (["Zaporka", "Lozinka"], ["Tajni ključ"]),
    "romanian": (["Parola", "Parolă"], ["Cheie API", "Cheia secretă"]),
    "turkish": (["Şifre", "Parola", "Sifre"], ["Gizli anahtar", "API anahtarı"]),
    "greek": (["Κωδικός", "Κωδικός πρόσβασης", "Συνθηματικό"], ["Μυστικό κλειδί", "Κλειδί API"]),
    "chinese": (["密码", "口令", "密碼"], ["密钥", "访问令牌", "金鑰"]),
    "japanese": (["パスワード", "暗証番号"], ["秘密鍵", "APIキー", "アクセストークン"]),
    "korean": (["비밀번호", "암호", "패스워드"], ["비밀 키", "API 키", "액세스 토큰"]),
    "hindi": (["पासवर्ड", "कूटशब्द"], ["गुप्त कुंजी", "API कुंजी"]),
    "thai": (["รหัสผ่าน"], ["คีย์ลับ", "โทเค็น"]),
    "vietnamese": (["Mật khẩu", "mật khẩu", "Mat khau"], ["Khóa API", "Khóa bí mật"]),
    "indonesian": (["Kata sandi", "kata sandi", "Sandi"], ["Kunci API", "Kunci rahasia"]),
    "persian": (["رمز عبور", "گذرواژه"], ["کلید API", "کلید محرمانه"]),
    "german": (["Passwort", "Kennwort", "Passwort für die Kasse"], ["API-Schlüssel", "Geheimer Schlüssel", "Zugangstoken"]),
    "french": (["Mot de passe", "mot de passe du wiki", "MDP"], ["Clé API", "Clé secrète", "Jeton d'accès"]),
    "spanish": (["Contraseña", "contraseña", "Clave", "Contrasena"], ["Clave API", "Clave secreta", "Token de acceso"]),
    "portuguese": (["Senha", "Palavra-passe", "palavra passe"], ["Chave API", "Chave secreta"]),
    "italian": (["Parola d'ordine", "Password", "parola chiave"], ["Chiave API", "Chiave segreta"]),
    "dutch": (["Wachtwoord", "wachtwoord"], ["API-sleutel", "Geheime sleutel"]),
    "nordic": (["Lösenord", "Adgangskode", "Passord", "Salasana", "Kodeord", "Lykilorð"], ["API-nyckel", "Hemlig nyckel", "Nøgle"]),
    "baltic": (["Parool", "Salasõna", "Parole", "Slaptažodis"], ["Slaptas raktas"]),
    "hungarian": (["Jelszó", "jelszó"], ["Titkos kulcs", "API kulcs"]),
    "english": (["Password", "Passphrase", "Passcode", "Login password", "Password for wiki", "pwd", "pass", "PIN"], ["API key", "Access token", "Secret key", "Client secret"]),
}
SAID = ["{W}: {v}\n", "{W} : {v}\n", "{W} = {v}\n", "{W} - {v}\n", "{W}：{v}\n", "* {W}: `{v}`\n", "**{W}:** {v}\n", "| {W} | {v} |\n", '"{W}": "{v}"\n', "robot@shop.com\n{W}: {v}\n\n-- \nAnna\n"]

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58_check(payload):
    import hashlib
    data = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    n, out = int.from_bytes(data, "big"), ""
    while n:
        n, r = divmod(n, 58)
        out = BASE58[r] + out
    return out


def cisco7(rng):
    word = of(rng, string.ascii_letters + string.digits, rng.randrange(7, 12))
    table = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
    at = rng.randrange(16)
    return f"{at:02d}" + "".join(f"{ord(c) ^ ord(table[(at + i) % 53]):02X}" for i, c in enumerate(word))


MAKERS = {
    "p": lib_settings.password, "k": lib_settings.key, "w": lambda rng: re.sub(r"\W", "", lib_settings.password(rng)) + "4",
    "z": lambda rng: base64.b64encode(rng.randbytes(30)).decode(), "h": lambda rng: rng.randbytes(16).hex(),
    "b": lambda rng: base64.b64encode(rng.randbytes(32)).decode(), "7": cisco7,
    "o": lambda rng: of(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", rng.choice([16, 32])),
    "W": lambda rng: base58_check(b"\x80" + rng.randbytes(32) + b"\x01"), "P": lambda rng: base58_check(b"\x01\x42\xc0" + rng.randbytes(36)),
    "S": lambda rng: "$apr1$" + of(rng, BASE58, 8) + "$" + of(rng, BASE58, 22),
}
CODES = [lambda rng: of(rng, string.ascii_lowercase + string.digits, 5) + "-" + of(rng, string.ascii_lowercase + string.digits, 4) + "7",
         lambda rng: of(rng, string.digits, 4) + "-" + of(rng, string.digits, 4), lambda rng: rng.randbytes(5).hex() + "-" + rng.randbytes(5).hex(),
         lambda rng: of(rng, string.ascii_uppercase + string.digits, 9) + "4", lambda rng: of(rng, string.digits, 8)]
PLAIN = {"a": lambda rng: "AKIA" + of(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16), "i": lambda rng: "AC" + rng.randbytes(16).hex()}
MARK = re.compile(r"\{([a-zA-Z7])\}")


def fill(template, rng):
    """A template with its secrets. @return (text, [(start, end), …])"""
    text, spans, code = "", [], rng.choice(CODES if template.count("{c}") > 1 else CODES[:1])
    for i, part in enumerate(MARK.split(template)):
        if i % 2 == 0:
            text += part
            continue
        value = (code if part == "c" else MAKERS.get(part) or PLAIN[part])(rng)
        if part not in PLAIN:
            spans.append((len(text), len(text) + len(value)))
        text += value
    return text, spans


GROUPS = {"pairs": PAIRS, "commands": COMMANDS, "notes": NOTES, "columns": COLUMNS, "formats": FORMATS}


def places(seed, rounds):
    """(group, template, text, spans) of every template, `rounds` times."""
    rng = random.Random(seed)
    out = []
    for _ in range(rounds):
        for group, sorts in GROUPS.items():
            out += [(f"{group} {sort}", t, *fill(t, rng)) for sort, templates in sorts.items() for t in templates]
    return out


def languages(seed, rounds):
    """The same of every word of every language in each way to say it."""
    rng = random.Random(seed)
    out = []
    for _ in range(rounds):
        for language, (passwords, keys) in WORDS.items():
            for word, mark in [(w, "{p}") for w in passwords] + [(w, "{k}") for w in keys]:
                for template in SAID:
                    t = template.replace("{W}", word).replace("{v}", mark)
                    out.append((f"{language} {'password' if mark == '{p}' else 'key'}", t, *fill(t, rng)))
    return out


# Tables, notes, commands and lists of the same make that hold none; `{u}` `{x}` `{y}` `{n}` are an identifier, a digest, a short
# digest and a number.
CLEAN = {
    "options": "| Option | Type | Default |\n|---|---|---|\n| password | string | none |\n| token | string | |\n| api_key | string | required |\n",
    "methods": "| Method | Password | Token |\n|---|---|---|\n| OAuth2 | no | RS256 |\n| Basic | yes | - |\n",
    "columns of digests": "file,sha256,size\na.c,{x},{n}\nb.c,{x},{n}\n",
    "columns of identifiers": "id,user_id,created\n{u},{u},2026-01-04\n",
    "columns of counts": "host,password_changes,logins\ndb1,{n},{n}\n",
    "columns of times": "user,password_changed_at,last_login\nrobot,2026-01-04T10:00:00Z,2026-02-01T08:00:00Z\n",
    "hash column": "name,password_hash_type\nrobot,argon2id\n",
    "list in code": "words = [\n    'password',\n    'encodesql92',\n    'ssh2_connect',\n]\n",
    "pattern": "Ed448PrivateKey|Ed448PublicKey|X448PrivateKey|\nPassCollisions|AxisAngle2Rot|\n",
    "types": "    ed25519.Ed25519PrivateKey,\n    ed448.Ed448PrivateKey,\n    x448.X448PublicKey,\n",
    "rules": "Password:\n- at least 12 characters\n- no word of a list\n\nPassword - see chapter 4\n",
    "rules in bold": "**Password:** at least 12 characters\n**Token**: expires after 3600 seconds\n**API key:** see the console\n",
    "form": '<td>Password</td><td><input type="password" name="password" value=""></td>\n<th>Token</th><td>required</td>\n',
    "placeholder": "Password: <your password>\n| Password | ******** |\n**API key:** `YOUR_API_KEY`\nПароль: ********\n密码：<密码>\n",
    "words": "Пароль: введите новый пароль\n密码：请输入密码\nパスワード：8文字以上\nכמה סיסמה: נדרשת\nคำว่า รหัสผ่าน: จำเป็น\nPasswort: erforderlich\n",
    "translation": 'msgid "Password"\nmsgstr "Пароль"\n\nmsgid "Enter the password: "\nmsgstr "Введите пароль: "\n',
    "i18n": '{"password": "Mật khẩu", "password_hint": "Ít nhất 8 ký tự", "token": "Mã thông báo", "login": "Đăng nhập"}\n',
    "commands": "curl -u $USER:$PASS https://api.internal\nmysql -u root -p shop\nsqlcmd -S db -E -Q 'select 1'\nmkdir -p build/x64\n"
                "cp -p a1 b2\nnet use Z: \\\\files\\shop\nnet user robot /active:no\necho $PASS | sudo -S ls\necho done | tee log2\n",
    "manual": "-p PASSWORD   the password of the user\n-P FILE  read it from a file\n--token TOKEN\nuse the parser as a token source\n"
              "Use the hash as the key of the map. Use version2 as the password hashing scheme.\n",
    "devices": "snmp-server community public RO\nno snmp-server community\nenable password is required\nip address 10.0.0.7 255.255.255.0\n",
    "log": "[INFO] login: user robot2 from 10.0.0.7\npassword check took 12ms\ntoken refreshed, trace {y} span {y}\nfor user robot: 5432: refused\n",
    "identifiers": "sentry_release={x}\ndatadog trace_id: {x}\ntwilio message SM{h}\nstripe customer_id: cus_{y}\nticket INC00{n} Login is broken\n",
    "aws": "arn:aws:iam::123456789012:user/robot\nAKIA is how the id of a key begins\ncommit {x} of the aws provider\n",
    "docker": "FROM shop@sha256:{x}\nLABEL build={y}\nRUN echo 'password' | sha256sum\n",
    "codes": "Backup codes are shown once; keep the recovery codes in a safe place.\nError codes: 404 500 503\nstatus codes\n\n200\n404\n",
    "version": "password-store 1.7.4-6\nkeepassxc: 2.7.4+dfsg\nlibsecret-1-0 0.20.5-3\npass v1.2.3 - key: 20240101\n",
}


def clean(seed, rounds):
    """(what, text) of texts that hold no secret."""
    rng = random.Random(seed)
    out = []
    for _ in range(rounds):
        for what, text in CLEAN.items():
            made = {"{u}": lambda: str(uuid.UUID(bytes=rng.randbytes(16), version=4)), "{x}": lambda: rng.randbytes(32).hex(),
                    "{y}": lambda: rng.randbytes(7).hex(), "{h}": lambda: rng.randbytes(16).hex(), "{n}": lambda: str(rng.randrange(10000, 99999))}
            for mark, make in made.items():
                while mark in text:
                    text = text.replace(mark, make(), 1)
            out.append((what, text))
    return out
