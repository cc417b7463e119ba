/* Passwords and tokens on command lines, where an option, the order of the arguments or what the command is
 * fed with tells them. Commands with user and password in one argument are in written.c. */
#include "detect/secret.h"

#include <hs/hs.h>

enum { ARGUMENT_MAX = 128, LINE_BEFORE = 100 };

/* ---- arguments ---- */

static bool ends_argument(int c)
{
    return c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '|' || c == ';' || c == '<' || c == '>';
}

static bool is_in_argument(int c)
{
    return !ends_argument(c);
}

static bool is_in_quotes(int c)
{
    return c >= ' ' && c != '"' && c != '\'';
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t';
}

/* Reads the argument at `i`, in quotes or not. @return behind it; m->start and m->end are what it says. */
static size_t read_argument(sp_window *w, size_t i, sp_match *m)
{
    const int quote = sp_peek(w, i);
    m->start = i;
    if (quote != '"' && quote != '\'') {
        m->end = sp_skip(w, i, i + ARGUMENT_MAX, is_in_argument);
        return m->end;
    }
    m->start = i + 1;
    m->end = sp_skip(w, i + 1, i + 1 + ARGUMENT_MAX, is_in_quotes);
    return sp_peek(w, m->end) == quote ? m->end + 1 : m->end;
}

/* Where the next argument on the line begins. */
static size_t next_argument(sp_window *w, size_t i, sp_match *m)
{
    for (unsigned n = 0; n < 8; n++, i++) {
        m->start = i;
        if (!is_blank(sp_peek(w, i))) break;
    }
    return i;
}

/* Is the argument more than a word, a number, a path or another option? */
static bool is_password(const sp_window *w, const sp_match *m)
{
    enum { PASSWORD_MIN = 6 };
    const sp_look look = sp_look_at(w, m->start, m->end);
    const int first = w->p[m->start];
    if (look.n < PASSWORD_MIN || look.distinct < 4 || look.uppers + look.lowers == 0) return false;
    if (first == '-' || first == '/' || first == '.' || first == '~' || first == '*') return false;
    if (sp_has_word(w, m->start, m->end, "://|\\|=/|password|passwd")) return false;
    const bool is_more = look.digits > 0 || look.others > 0 || (look.uppers > 0 && look.lowers > 0);
    const bool is_file =
        look.others > 0 && sp_has_word(w, m->start, m->end, ".txt|.conf|.json|.yml|.pem|.key");
    return is_more && !is_file && !sp_is_stand_in(w, m->start, m->end);
}

static void argument_is_password(sp_window *w, size_t i, sp_match *m, uint8_t confidence)
{
    read_argument(w, next_argument(w, i, m), m);
    if (m->end > m->start && !w->ran_out && is_password(w, m)) m->confidence = confidence;
}

/* ---- options ---- */

static const char *const p_commands[] = {"skopeo",       "twine",   "cqlsh",    "evil-winrm", "rdesktop",
                                         "crackmapexec", "netexec", "arangosh", NULL};
static const char *const capital_p_commands[] = {"sqlcmd", "bcp",      "isql",       "tsql", "unzip",
                                                 "zip",    "ipmitool", "ssh-keygen", NULL};
static const char *const mqtt_commands[] = {"mosquitto_pub", "mosquitto_sub", "mosquitto_rr", NULL};
static const char *const keygen_commands[] = {"ssh-keygen", NULL};
static const char *const openssl_commands[] = {"openssl", NULL};
static const char *const putty_commands[] = {"plink",  "pscp",     "psftp", "putty",
                                             "kadmin", "addprinc", "cpw",   NULL};
static const char *const rdp_commands[] = {"xfreerdp", "wfreerdp", "sdl-freerdp", NULL};
static const char *const task_commands[] = {"schtasks", NULL};
static const char *const pdf_commands[] = {"pdftk", NULL};
static const char *const wifi_commands[] = {"nmcli", NULL};
static const char *const server_commands[] = {"radius-server", "tacacs-server", NULL};

/* Which option of which commands is followed by a password. Sought by what a head ends with. */
static const struct {
    const char *option;
    const char *const *commands; /* one of them stands before it; NULL: the option is enough */
} options[] = {
    {" -p ", p_commands},        {" -P ", capital_p_commands},
    {" -P ", mqtt_commands},     {" -N ", keygen_commands},
    {" -k ", openssl_commands},  {" -pw ", putty_commands},
    {" /p:", rdp_commands},      {" /rp ", task_commands},
    {"input_pw ", pdf_commands}, {"user_pw ", pdf_commands},
    {"owner_pw ", pdf_commands}, {" password ", wifi_commands},
    {" key ", server_commands},  {"-storepass ", NULL},
    {"-keypass ", NULL},         {"become_pass=", NULL},
    {"sudo_pass=", NULL},        {"ssh_pass=", NULL},
    {"wpa_passphrase ", NULL},   {" -password ", NULL},
    {" -Password ", NULL}, /* as PowerShell has it */
};

static bool is_option(const sp_window *w, size_t head_end, const char *option)
{
    const sp_bytes word = sp_bytes_of(option);
    return head_end >= word.n && sp_bytes_eq((sp_bytes){w->p + head_end - word.n, word.n}, word);
}

static bool is_in_address(int c)
{
    return sp_is_hex(c) || c == '.' || c == ':';
}

/* "neighbor 10.0.0.1 password ": of a router that speaks BGP, and no sentence about a neighbor. */
static bool is_of_peer(const sp_window *w, size_t head_end)
{
    enum { ADDRESS_MAX = 40 };
    static const char *const neighbor[] = {"neighbor", NULL};
    if (!is_option(w, head_end, " password ")) return false;
    const size_t end = head_end - (sizeof " password " - 1);
    size_t i = end;
    while (i > 0 && end - i < ADDRESS_MAX && is_in_address(w->p[i - 1])) i--;
    sp_charge(w, end - i + sizeof "neighbor");
    return i < end && (sp_is_digit(w->p[i]) || sp_has_word(w, i, end, ":")) && sp_before(w, i) == ' ' &&
           sp_has_context(w, i - 1, sizeof "neighbor" - 1, neighbor);
}

/* Behind `-password`, which any program has: no expression, no command or type by its name ("Read-Host",
 * "SecureString"), and nothing that says where the password is. */
static bool is_bare_password(const sp_window *w, const sp_match *m)
{
    const int first = w->p[m->start];
    const bool is_quoted = sp_before(w, m->start) == '"' || sp_before(w, m->start) == '\'';
    if (is_quoted) return true;
    if (first == '(' || first == '[' || sp_has_word(w, m->start, m->end, "env:|pass:|file:|prompt"))
        return false;
    for (size_t i = m->start; i < m->end; i++) {
        if (!sp_is_alpha(w->p[i]) && w->p[i] != '-') return true;
    }
    return false;
}

/* `sqlcmd -S db -U sa -P secret`, `keytool -storepass secret`. */
static void option_password(sp_window *w, size_t head_end, sp_match *m)
{
    enum { OPTIONS_COST = 32 };
    m->start = head_end;
    sp_charge(w, OPTIONS_COST);
    if (is_of_peer(w, head_end)) argument_is_password(w, head_end, m, 78);
    for (size_t i = 0; m->confidence == 0 && i < sizeof options / sizeof options[0]; i++) {
        if (!is_option(w, head_end, options[i].option)) continue;
        sp_charge(w, options[i].commands != NULL ? LINE_BEFORE : 0);
        if (options[i].commands != NULL &&
            !sp_has_context(w, head_end, sp_line_reach(w, head_end, LINE_BEFORE), options[i].commands))
            continue;
        const bool has_name = is_option(w, head_end, "wpa_passphrase "); /* of the network */
        argument_is_password(w, has_name ? read_argument(w, head_end, m) : head_end, m, 78);
        const bool is_any = options[i].commands == NULL && is_option(w, head_end, "assword ");
        if (is_any && m->confidence != 0 && !is_bare_password(w, m)) m->confidence = 0;
        return;
    }
}

/* ---- arguments by their order ---- */

/* `net use Z: \\files\shop secret /user:x`, `net user x secret /add`. */
static void net_password(sp_window *w, size_t head_end, sp_match *m)
{
    enum { ARGUMENTS_MAX = 5 };
    bool is_due =
        w->p[head_end - 2] == 'e'; /* "net use": behind what is no name of a drive, a share, a switch */
    size_t i = head_end;
    for (unsigned n = 0;; n++) {
        if (n == ARGUMENTS_MAX) return;
        i = next_argument(w, i, m);
        const int first = sp_peek(w, i);
        const size_t end = read_argument(w, i, m);
        if (end == i || w->ran_out) return;
        const bool is_other = first == '\\' || first == '/' || first == '*' || sp_peek(w, end - 1) == ':';
        if (!is_other && is_due) break;
        is_due = is_due || !is_other; /* "net user": behind the name */
        i = end;
    }
    if (m->end > m->start && is_password(w, m)) m->confidence = 80;
}

/* `htpasswd -b file x secret`, `htpasswd -nb x secret`. */
static void htpasswd(sp_window *w, size_t head_end, sp_match *m)
{
    size_t end = read_argument(w, head_end, m); /* the letters of its options */
    bool is_batch = false, is_shown = false;
    for (size_t i = m->start; i < m->end; i++) {
        is_batch = is_batch || w->p[i] == 'b';
        is_shown = is_shown || w->p[i] == 'n';
    }
    for (unsigned n = is_shown ? 1 : 2; n > 0 && is_batch; n--)
        end = read_argument(w, next_argument(w, end, m), m);
    if (is_batch) argument_is_password(w, end, m, 80);
}

/* `smbclient //files/shop -U x%secret`. */
static void smb_user(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const commands[] = {"smbclient", "winexe", "rpcclient", "smbget", "net", "wmic", NULL};
    m->start = head_end;
    if (!sp_has_context(w, head_end, sp_line_reach(w, head_end, LINE_BEFORE), commands)) return;
    read_argument(w, head_end, m);
    while (m->start < m->end && w->p[m->start] != '%') m->start++;
    m->start += m->start < m->end;
    if (m->end > m->start && !w->ran_out && is_password(w, m)) m->confidence = 82;
}

/* ---- what a command is fed with ---- */

/* Behind what `echo secret` prints: does a pipe into a command follow that reads a password? */
static bool feeds_password(sp_window *w, size_t i)
{
    enum { COMMAND_MAX = 90 };
    static const char *const readers[] = {"sudo -S",        "chpasswd",   "password-stdin", "kinit",
                                          "passwd --stdin", "pass-stdin", "cryptsetup",     "passphrase-fd 0",
                                          "-pass stdin",    NULL};
    i = sp_skip(w, i, i + 4, is_blank);
    if (sp_peek(w, i) != '|') return false;
    for (const size_t limit = i + COMMAND_MAX; i < limit && sp_peek(w, i) >= ' '; i++) {
        sp_charge(w, 1);
        for (const char *const *reader = readers; *reader != NULL; reader++) {
            if (w->p[i] == (uint8_t) * *reader && sp_goes_on(w, i, *reader, false)) return true;
        }
    }
    return false;
}

/* `echo secret | sudo -S …`, `echo "x:secret" | chpasswd`. */
static void piped_password(sp_window *w, size_t head_end, sp_match *m)
{
    const size_t first = sp_goes_on(w, head_end, "-n ", false) ? head_end + 3 : head_end;
    const size_t end = read_argument(w, first, m);
    if (m->end == m->start || !feeds_password(w, end) || w->ran_out) return;
    const size_t start = m->start;
    while (m->start < m->end && w->p[m->start] != ':') m->start++;
    m->start = m->start == m->end ? start : m->start + 1;
    if (is_password(w, m)) m->confidence = 80;
}

/* ---- tokens ---- */

/* `vault login …`, `doctl auth init -t …`: it has to look drawn at random. */
static void command_token(sp_window *w, size_t head_end, sp_match *m)
{
    read_argument(w, next_argument(w, head_end, m), m);
    if (m->end == m->start || w->ran_out) return;
    const sp_look look = sp_look_at(w, m->start, m->end);
    if (look.n < 16 || !(sp_is_opaque(&look, SP_REASON_NAMED) || sp_is_uuid(w, m->start, m->end))) return;
    if (!sp_is_stand_in(w, m->start, m->end) && !sp_is_other(w, m->start, m->end)) m->confidence = 82;
}

/* ---- rows ---- */

static const sp_example option_examples[] = {
    "sqlcmd -S db -U sa -P [Gr8twall99] -Q 'select 1'",
    "keytool -genkey -keystore x.jks -storepass [k3Lq9Zt2] -keypass x",
    "plink -ssh joe@db -pw '[Pa55-w0rt]' ls",
    "openssl enc -d -aes-256-cbc -k [Sommer2024] -in x",
    "skopeo login -u joe -p [x1y2z3w4] registry.example.com",
    "ansible-playbook site.yml -e ansible_become_pass=[k3Lq9Zt2]",
    "wpa_passphrase Shop [Fluss7Pferd]",
    " neighbor 10.0.0.1 password [Gr8twall99]\n",
    "radius-server host 10.0.0.1 key [k3Lq9Zt2]\n",
    "Connect-VIServer vc.lab -User joe -Password [Gr8twall99]\n",
    "java -jar agent.jar -url http://ci -user joe -password [k3Lq9Zt2]",
    "New-LocalUser joe -Password (ConvertTo-SecureString $p1 -AsPlainText)",
    "Set-Mail -Password $Secret1",
    "Set-Mail -Password SecureString",
    "New-LocalUser joe -Password Read-Host",
    "tool -password env:DB_PASS2",
    "usage: agent -user NAME -password <Shop1word>",
    "agent -password /run/secrets/agent2",
    "the option -password takes it from the terminal",
    "sqlcmd -S db -P $PASSWORD",
    "mkdir -P k3Lq9Zt2",
    "openssl req -k ./server2.key",
    "keytool -storepass changeit",
    "zip -P <password1> x.zip",
    "cp -p Gr8twall99 x",
    "unzip x.zip\nmkdir -P k3Lq9Zt2",
    "crane export -p k3Lq9Zt2",
    "My neighbor changed her password yesterday2",
    "the neighbor of 10.0.0.1 password yesterday2",
    "neighbor face.d password yesterday2",
    NULL,
};

static const sp_example net_examples[] = {
    "net use Z: \\\\files\\shop [Gr8twall99] /user:joe",
    "net use \\\\files\\shop /user:CORP\\joe [k3Lq9Zt2]\n",
    "net user joe [Pa55-w0rt] /add",
    "C:\\> net use * \\\\10.0.0.7\\c$ '[Sommer2024]'",
    "net user admin2 \"[x1y2z3w4]\"",
    "net use Z: \\\\files\\shop2",
    "net user admin2 /add",
    "net use Z: /delete",
    "net use \\\\files\\shop %PASSWORD1% /user:joe",
    "the net user count2 is down",
    "net use case",
    "net use Z: \\\\files\\shop /user:joe /savecred /persistent:yes2",
    NULL,
};

static const sp_example htpasswd_examples[] = {
    "htpasswd -b .htpasswd joe [Gr8twall99]",
    "htpasswd -bc users joe '[k3Lq9Zt2]'\n",
    "htpasswd -nb joe [Pa55-w0rt]",
    "htpasswd -nbB admin \"[Sommer2024]\" > users",
    "$ htpasswd -cb /etc/users anna [x1y2z3w4]\n",
    "htpasswd -c users joe2a4b6",
    "htpasswd -b users joe $PASS1",
    "htpasswd -b users joe",
    "htpasswd -n joe",
    "htpasswd -b users joe password",
    NULL,
};

static const sp_example smb_examples[] = {
    "smbclient //files/shop -U joe%[Gr8twall99]",
    "winexe -U 'CORP/joe%[k3Lq9Zt2]' //web cmd",
    "rpcclient -U \"joe%[Pa55-w0rt]\" dc",
    "smbget -U joe%[Sommer2024] smb://x/y",
    "smbclient -L files -U admin%[x1y2z3w4]\n",
    "smbclient //files/shop -U joe",
    "smbclient //files/shop -U joe%$PASS1",
    "psql -U joe%Gr8twall99",
    "smbclient //files/shop -U %",
    "smbclient -U joe%<password1>",
    NULL,
};

static const sp_example piped_examples[] = {
    "echo [Gr8twall99] | sudo -S apt update",
    "echo '[k3Lq9Zt2]' | docker login -u joe --password-stdin registry.example.com",
    "echo \"joe:[Pa55-w0rt]\" | chpasswd",
    "echo -n '[Sommer2024]' | kinit joe",
    "echo joe:[x1y2z3w4] | sudo chpasswd\n",
    "echo '[Gr8twall99]' | gpg --batch --passphrase-fd 0 -d x.gpg",
    "echo [k3Lq9Zt2] | openssl enc -aes-256-cbc -pass stdin -in x",
    "echo $PASS1 | sudo -S ls",
    "echo Gr8twall99 | base64",
    "echo hello | sudo -S tee x",
    "echo Gr8twall99",
    "echo \"$USER:${PASS1}\" | chpasswd",
    "echo \"build2024 done\" | openssl enc -aes-256-cbc -k x",
    "echo \"build2024 done\" | gpg --batch --sign",
    NULL,
};

static const sp_example token_examples[] = {
    "vault login [Xk28dLmQpz71JvR0tW93]\n",
    "doctl auth init -t [4f8a2c91d07b4e3f9a6c5d18e2b7f034]",
    "gh secret set TOKEN --body '[k29dj3md8shq7wbz4x0n]'",
    "cloudflared service install [Xk28dLmQpz71JvR0tW93Xk28dLmQpz71JvR0tW93]",
    "flyctl auth token [Zq8w3Lx91kVbN7tY2p4R]\n",
    "vault login -method=userpass username=joe",
    "vault login $TOKEN",
    "bitcoin-cli importprivkey [L1aW4aubDFB7yfras2S1mN3bqg9nwySY8nkoLmJebSLD5BWv3ENZ]",
    "the auth token is checked by the gateway",
    "auth token <token>",
    "gh pr create --body 'fix: version2 of the login page'",
    NULL,
};

#define COMMAND(title, id, pattern, function, list, says)                                                \
    {                                                                                                    \
        .name = (title), .kind = SP_KIND_##id, .head = (pattern), .validate = (function), .head_max = 0, \
        .longest = ARGUMENT_MAX, .least = 60, .source = (says), .examples = (list)                       \
    }

static const sp_row rows[] = {
    COMMAND("option-password", PASSWORD,
            " -p | -P | -N | -k | -pw | /p:| /rp |input_pw |user_pw |owner_pw | password | key |-storepass "
            "|-keypass |"
            "become_pass=|sudo_pass=|ssh_pass=|wpa_passphrase | -[Pp]assword ",
            option_password, option_examples, "the manuals of the commands"),
    COMMAND("net-password", PASSWORD, "\\b[Nn]et user |\\b[Nn]et use ", net_password, net_examples,
            "https://learn.microsoft.com/windows-server/administration/windows-commands/net-use"),
    COMMAND("htpasswd-password", PASSWORD, "htpasswd -", htpasswd, htpasswd_examples,
            "https://httpd.apache.org/docs/2.4/programs/htpasswd.html"),
    COMMAND("smb-user", PASSWORD, " -U ", smb_user, smb_examples,
            "https://www.samba.org/samba/docs/current/man-html/smbclient.1.html"),
    COMMAND("piped-password", PASSWORD, "echo ", piped_password, piped_examples, "sudo(8), chpasswd(8)"),
    COMMAND("command-token", API_KEY,
            "vault login |auth token |auth init -t |service install |--body |agent-token agent |"
            "add-authtoken |--auth-?key |--authtoken |importprivkey ",
            command_token, token_examples, "the manuals of the commands"),
};

const sp_family sp_family_commands = {rows, sizeof rows / sizeof rows[0]};
