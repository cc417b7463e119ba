/* Every rule of the configuration, broken once: the message is compared whole, with its place and its advice.
 * The last test proves that no setting was left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf_help.h"
#include "conf/allow.h"
#include "conf/detectors.h"
#include "conf/row.h"

/* The valid file of conf_help.h with `find` replaced by `put`, and everything that is then said about it. */
typedef struct conf_case {
    const char *name, *find, *put, *want;
} conf_case;
static const conf_case cases[] = {
    {"a later version of the format", "version: 1", "version: 2",
     "f:1:10: error: version: \"2\" is too large\n"
     "    write 1; for example version: 1\n"},
    {"a version in quotes", "version: 1", "version: \"1\"",
     "f:1:10: error: version: \"1\" is not a whole number\n"
     "    write decimal digits without quotes; for example version: 1\n"},
    {"no version", "version: 1\n", "",
     "f:1:1: error: missing key \"version\"\n"
     "    add it; for example version: 1\n"},
    {"an unknown key with a near one", "review: {", "reveiw: {",
     "f:44:1: error: unknown key \"reveiw\"\n"
     "    did you mean \"review\"?\n"},
    {"an unknown key without a near one", "review: {withhold: [credentials]}", "xyzzy: 1",
     "f:44:1: error: unknown key \"xyzzy\"\n"
     "    remove it, or see docs/reference/configuration.md\n"},
    {"a key twice", "state: ./state", "version: 1",
     "f:3:1: error: this key is already there, in line 1\n"
     "    keep one of the two\n"},
    {"a section that is a text", "listen: {address: \"127.0.0.1:8080\"}", "listen: here",
     "f:2:9: error: listen: a single value stands here\n"
     "    write KEY: VALUE pairs; for example listen: {address: \"127.0.0.1:8080\"}\n"},
    {"a section without value", "review: {withhold: [credentials]}", "review:",
     "f:44:8: error: review: there is no value\n"
     "    write KEY: VALUE pairs; for example review: {withhold: [credentials]}\n"},
    {"a state folder that nginx would misread", "state: ./state", "state: './st\"ate'",
     "f:3:8: error: state: \"./st\\\"ate\" is not valid here\n"
     "    the path holds one of \" ' \\ $ ` ; { }, which nginx would read as more than a path; for example "
     "state: ./state\n"},
    {"a state folder that is a number", "state: ./state", "state: 7",
     "f:3:8: error: state: \"7\" reads as a number, not as a text\n"
     "    put it in quotes; for example state: ./state\n"},
    {"an address without port", "127.0.0.1:8080", "127.0.0.1",
     "f:2:19: error: listen.address: \"127.0.0.1\" is not valid here\n"
     "    the port is missing; for example address: 127.0.0.1:8080\n"},
    {"port 0", "127.0.0.1:8080", "127.0.0.1:0",
     "f:2:19: error: listen.address: \"127.0.0.1:0\" is not valid here\n"
     "    the port is not a number from 1 to 65535; for example address: 127.0.0.1:8080\n"},
    {"a port that is too large", "127.0.0.1:8080", "127.0.0.1:65536",
     "f:2:19: error: listen.address: \"127.0.0.1:65536\" is not valid here\n"
     "    the port is not a number from 1 to 65535; for example address: 127.0.0.1:8080\n"},
    {"a host name to listen on", "127.0.0.1:8080", "gateway.example.com:8080",
     "f:2:19: error: listen.address: \"gateway.example.com:8080\" is not valid here\n"
     "    the host is not an address of this machine in digits; for example address: 127.0.0.1:8080\n"},
    {"an address that is not loopback, without TLS", "127.0.0.1:8080", "0.0.0.0:8080",
     "f:2:19: error: listen.address: \"0.0.0.0:8080\" is not loopback, and there is no certificate\n"
     "    add tls: {certificate: FILE, key: FILE}, or listen on 127.0.0.1\n"},
    {"TLS without a key", "{address: \"127.0.0.1:8080\"}",
     "{address: \"0.0.0.0:8080\", tls: {certificate: c.pem}}",
     "f:2:35: error: listen.tls: missing key \"key\"\n"
     "    add it; for example key: tls/gateway.key\n"},
    {"TLS without a certificate", "{address: \"127.0.0.1:8080\"}",
     "{address: \"127.0.0.1:8080\", tls: {key: k.pem}}",
     "f:2:37: error: listen.tls: missing key \"certificate\"\n"
     "    add it; for example certificate: tls/gateway.crt\n"},
    {"a certificate path with a variable of nginx", "{address: \"127.0.0.1:8080\"}",
     "{tls: {certificate: $host, key: k.pem}}",
     "f:2:29: error: listen.tls.certificate: \"$host\" is not valid here\n"
     "    the path holds one of \" ' \\ $ ` ; { }, which nginx would read as more than a path; for example "
     "certificate: tls/gateway.crt\n"},
    {"a key path that is empty", "{address: \"127.0.0.1:8080\"}", "{tls: {certificate: c.pem, key: \"\"}}",
     "f:2:41: error: listen.tls.key: \"\" is not valid here\n"
     "    a path has 1 to 1024 bytes; for example key: tls/gateway.key\n"},
    {"a level above 15", "secret: 4", "secret: 16",
     "f:4:18: error: levels.secret: \"16\" is too large\n"
     "    write something from 0 to 15; for example levels: {secret: 4}\n"
     "f:29:24: error: destinations.local.clearance.level: \"secret\" is not a level\n"
     "    use a shipped level or name it under levels\n"},
    {"a level without number", "secret: 4", "secret: ",
     "f:4:18: error: levels.secret: there is no value\n"
     "    write a whole number; for example levels: {secret: 4}\n"
     "f:29:24: error: destinations.local.clearance.level: \"secret\" is not a level\n"
     "    use a shipped level or name it under levels\n"},
    {"a level name in capitals", "levels: {secret: 4}", "levels: {secret: 4, TOP: 5}",
     "f:4:21: error: levels: \"TOP\" cannot be a name here\n"
     "    a name is made of a-z, 0-9, `.`, `_` and `-`, and begins with a letter or digit\n"},
    {"a shipped level with another number", "levels: {secret: 4}", "levels: {secret: 4, internal: 5}",
     "f:4:21: error: levels: \"internal\" is a shipped name with another number\n"
     "    choose another name\n"},
    {"two levels with one number", "levels: {secret: 4}", "levels: {secret: 4, top: 4}",
     "f:4:21: error: levels: \"top\" has a number that another name has too\n"
     "    give it a number of its own\n"},
    {"levels as a list", "levels: {secret: 4}", "levels: [secret]",
     "f:4:9: error: levels: a list stands here\n"
     "    write NAME: NUMBER; for example levels: {secret: 4}\n"
     "f:29:24: error: destinations.local.clearance.level: \"secret\" is not a level\n"
     "    use a shipped level or name it under levels\n"},
    {"an own category with a shipped number", "reactor: 32", "reactor: 1",
     "f:5:23: error: categories.reactor: \"1\" is too small\n"
     "    write something from 32 to 63; for example categories: {reactor-design: 32}\n"},
    {"an own category above 63", "reactor: 32", "reactor: 64",
     "f:5:23: error: categories.reactor: \"64\" is too large\n"
     "    write something from 32 to 63; for example categories: {reactor-design: 32}\n"},
    {"an octal number", "reactor: 32", "reactor: 040",
     "f:5:23: error: categories.reactor: \"040\" is not a whole number\n"
     "    write decimal digits without quotes; for example categories: {reactor-design: 32}\n"},
    {"a destination name with a space", "  cloud:\n", "  \"clo ud\":\n",
     "f:7:3: error: destinations: \"clo ud\" cannot be a name here\n"
     "    a name is made of a-z, 0-9, `.`, `_` and `-`, and begins with a letter or digit\n"
     "f:31:30: error: models.assistant.destinations: \"cloud\" is not a destination\n"
     "    add it under destinations\n"},
    {"a destination name that would close a block of nginx", "  cloud:\n", "  \"a{}\":\n",
     "f:7:3: error: destinations: \"a{}\" cannot be a name here\n"
     "    a name is made of a-z, 0-9, `.`, `_` and `-`, and begins with a letter or digit\n"
     "f:31:30: error: models.assistant.destinations: \"cloud\" is not a destination\n"
     "    add it under destinations\n"},
    {"no vendor", "    vendor: a vendor\n", "",
     "f:7:3: error: destinations.cloud: missing key \"vendor\"\n"
     "    add it; for example vendor: openai\n"},
    {"an empty vendor", "vendor: a vendor", "vendor: \"\"",
     "f:8:13: error: destinations.cloud.vendor: \"\" is empty\n"
     "    write a text of at most 200 bytes; for example vendor: openai\n"},
    {"a vendor with a control character", "vendor: a vendor", "vendor: \"a\\tb\"",
     "f:8:13: error: destinations.cloud.vendor: \"a\\tb\" is not valid here\n"
     "    the text holds control characters; for example vendor: openai\n"},
    {"a vendor that is a number", "vendor: a vendor", "vendor: 12",
     "f:8:13: error: destinations.cloud.vendor: \"12\" reads as a number, not as a text\n"
     "    put it in quotes; for example vendor: openai\n"},
    {"an unknown tier", "tier: cloud", "tier: clould",
     "f:9:11: error: destinations.cloud.tier: \"clould\" is not known here\n"
     "    did you mean \"cloud\"?\n"},
    {"a tier that resembles nothing", "tier: cloud", "tier: moon",
     "f:9:11: error: destinations.cloud.tier: \"moon\" is not known here\n"
     "    write cloud or self-hosted\n"},
    {"an unknown dialect", "dialect: openai", "dialect: open-ai",
     "f:10:14: error: destinations.cloud.dialect: \"open-ai\" is not known here\n"
     "    did you mean \"openai\"?\n"},
    {"a URL without scheme", "https://api.example.com/v1", "api.example.com/v1",
     "f:11:15: error: destinations.cloud.base_url: the URL begins with neither https:// nor http://\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"a URL with a password", "https://api.example.com/v1", "https://me:secret@api.example.com/v1",
     "f:11:15: error: destinations.cloud.base_url: a base URL holds no user and no password\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"a URL with a query", "https://api.example.com/v1", "https://api.example.com/v1?key=1",
     "f:11:15: error: destinations.cloud.base_url: a base URL has no query and no fragment\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"a URL with a fragment", "https://api.example.com/v1", "'https://api.example.com/v1#x'",
     "f:11:15: error: destinations.cloud.base_url: a base URL has no query and no fragment\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"a URL with an odd character in its path", "https://api.example.com/v1", "https://api.example.com/v%31",
     "f:11:15: error: destinations.cloud.base_url: the path holds characters other than letters, digits and "
     "`._~/-`\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"a URL that climbs", "https://api.example.com/v1", "https://api.example.com/a/../b",
     "f:11:15: error: destinations.cloud.base_url: the path holds an empty segment, `.` or `..`\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"a URL whose host is a disguised address", "https://api.example.com/v1", "http://0x7f.1/v1",
     "f:11:15: error: destinations.cloud.base_url: the host is neither a lower-case host name nor an IPv4 "
     "address nor an [IPv6] address\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"a URL in capitals", "https://api.example.com/v1", "https://API.example.com/v1",
     "f:11:15: error: destinations.cloud.base_url: the host is neither a lower-case host name nor an IPv4 "
     "address nor an [IPv6] address\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"a URL with an open bracket", "https://api.example.com/v1", "'http://[::1/v1'",
     "f:11:15: error: destinations.cloud.base_url: a bracket is not closed\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"a URL with a wrong port", "https://api.example.com/v1", "https://api.example.com:0443/v1",
     "f:11:15: error: destinations.cloud.base_url: the port is not a number from 1 to 65535\n"
     "    for example base_url: https://api.openai.com/v1\n"},
    {"https to an address", "https://api.example.com/v1", "https://10.0.0.1/v1",
     "f:11:15: error: destinations.cloud.base_url: https:// to an address in digits\n"
     "    use the host name that its certificate is for: nginx verifies names only\n"},
    {"http to a host that is not loopback", "https://api.example.com/v1", "http://api.example.com/v1",
     "f:11:15: error: destinations.cloud.base_url: http:// to a host that is not loopback\n"
     "    use https://, or add plain_http: true if the way there is safe\n"
     "f:16:9: error: destinations.cloud.ca: a CA for a destination without TLS\n"
     "    remove ca, or use https://\n"},
    {"a model that is true", "model: m1", "model: true",
     "f:12:12: error: destinations.cloud.model: \"true\" reads as true or false, not as a text\n"
     "    put it in quotes; for example model: gpt-4o-mini\n"},
    {"an empty model", "model: m1", "model: \"\"",
     "f:12:12: error: destinations.cloud.model: \"\" is empty\n"
     "    write a text of at most 200 bytes; for example model: gpt-4o-mini\n"},
    {"a region that is a number", "region: us-east-1", "region: 1.5",
     "f:13:13: error: destinations.cloud.region: \"1.5\" reads as a number, not as a text\n"
     "    put it in quotes; for example region: us-east-1\n"},
    {"a code that is no jurisdiction", "jurisdictions: [US]", "jurisdictions: [XX]",
     "f:14:21: error: destinations.cloud.jurisdictions: \"XX\" is not a jurisdiction\n"
     "    use ISO 3166-1 codes, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"the United Kingdom by its nickname", "jurisdictions: [US]", "jurisdictions: [UK]",
     "f:14:21: error: destinations.cloud.jurisdictions: \"UK\" is not a jurisdiction\n"
     "    ISO 3166-1 calls the United Kingdom GB\n"},
    {"a group in lower case", "jurisdictions: EEA", "jurisdictions: eea",
     "f:27:20: error: destinations.local.jurisdictions: \"eea\" is not a jurisdiction\n"
     "    did you mean \"EEA\"?\n"},
    {"a code in lower case", "jurisdictions: [US]", "jurisdictions: [us]",
     "f:14:21: error: destinations.cloud.jurisdictions: \"us\" is not a jurisdiction\n"
     "    did you mean \"US\"?\n"},
    {"no jurisdiction at all", "jurisdictions: [US]", "jurisdictions: []",
     "f:14:20: error: destinations.cloud.jurisdictions: nothing is listed\n"
     "    list at least one; for example jurisdictions: [US]\n"},
    {"a jurisdiction twice", "jurisdictions: [US]", "jurisdictions: [US, US]",
     "f:14:25: error: destinations.cloud.jurisdictions: \"US\" is listed twice\n"
     "    keep one of the two; for example jurisdictions: [US]\n"},
    {"a credential in the clear is not repeated", "env:CLOUD_KEY", "sk-very-secret",
     "f:15:17: error: destinations.cloud.credential: a credential is given by reference, never itself\n"
     "    for example credential: env:OPENAI_API_KEY\n"},
    {"a credential from an odd variable", "env:CLOUD_KEY", "env:9KEY",
     "f:15:17: error: destinations.cloud.credential: what follows env: is not the name of an environment "
     "variable\n"
     "    for example credential: env:OPENAI_API_KEY\n"},
    {"a credential from a file that nginx would misread", "env:CLOUD_KEY", "'file:a;b'",
     "f:15:17: error: destinations.cloud.credential: the path holds one of \" ' \\ $ ` ; { }, which nginx "
     "would read as more than a path\n"
     "    for example credential: env:OPENAI_API_KEY\n"},
    {"a CA path with quotes", "ca: ca.pem", "ca: 'a\"b'",
     "f:16:9: error: destinations.cloud.ca: \"a\\\"b\" is not valid here\n"
     "    the path holds one of \" ' \\ $ ` ; { }, which nginx would read as more than a path; for example "
     "ca: tls/internal-ca.pem\n"},
    {"a CA without TLS", "base_url: https://api.example.com/v1", "base_url: http://localhost/v1",
     "f:16:9: error: destinations.cloud.ca: a CA for a destination without TLS\n"
     "    remove ca, or use https://\n"},
    {"plain_http in quotes", "plain_http: false", "plain_http: \"false\"",
     "f:17:17: error: destinations.cloud.plain_http: \"false\" is neither true nor false\n"
     "    write true or false, without quotes; for example plain_http: true\n"},
    {"plain_http as YAML 1.1 knows it", "plain_http: false", "plain_http: no",
     "f:17:17: error: destinations.cloud.plain_http: \"no\" is neither true nor false\n"
     "    write true or false, without quotes; for example plain_http: true\n"},
    {"no clearance level", "{level: internal, categories: [pii]}", "{categories: [pii]}",
     "f:18:5: error: destinations.cloud.clearance: missing key \"level\"\n"
     "    add it; for example level: internal\n"},
    {"an unknown level", "level: internal", "level: internl",
     "f:18:24: error: destinations.cloud.clearance.level: \"internl\" is not a level\n"
     "    did you mean \"internal\"?\n"},
    {"an unknown category", "categories: [pii]", "categories: [pil]",
     "f:18:47: error: destinations.cloud.clearance.categories: \"pil\" is not a category\n"
     "    did you mean \"pii\"?\n"},
    {"categories that are a map", "categories: [pii]", "categories: {pii: 1}",
     "f:18:46: error: destinations.cloud.clearance.categories: a map stands here\n"
     "    write a list; for example categories: [source-code]\n"},
    {"an unknown permission", "permits: [opaque]", "permits: [opaqe]",
     "f:19:15: error: destinations.cloud.permits: \"opaqe\" is not known here\n"
     "    did you mean \"opaque\"?\n"},
    {"permits as a text", "permits: [opaque]", "permits: opaque",
     "f:19:14: error: destinations.cloud.permits: a single value stands here\n"
     "    write a list; for example permits: [opaque]\n"},
    {"a time without unit", "connect: 5s", "connect: 5",
     "f:20:25: error: destinations.cloud.timeouts.connect: \"5\" has no unit\n"
     "    write a whole number and ms, s, min or h; for example connect: 5s\n"},
    {"a time with a wrong unit", "first_byte: 60s", "first_byte: 1m",
     "f:20:41: error: destinations.cloud.timeouts.first_byte: \"1m\" has a unit that is not known\n"
     "    did you mean \"1min\"?\n"},
    {"a time with an unheard-of unit", "first_byte: 60s", "first_byte: 1fortnight",
     "f:20:41: error: destinations.cloud.timeouts.first_byte: \"1fortnight\" has a unit that is not known\n"
     "    write a whole number and ms, s, min or h; for example first_byte: 60s\n"},
    {"a fraction of a second", "idle: 60s", "idle: 1.5s",
     "f:20:52: error: destinations.cloud.timeouts.idle: \"1.5s\" has a unit that is not known\n"
     "    write a whole number and ms, s, min or h; for example idle: 60s\n"},
    {"a time that is too short", "connect: 5s", "connect: 1ms",
     "f:20:25: error: destinations.cloud.timeouts.connect: \"1ms\" is too small\n"
     "    write something from 50ms to 75s; for example connect: 5s\n"},
    {"a time that overflows", "connect: 5s", "connect: 99999999999999999999s",
     "f:20:25: error: destinations.cloud.timeouts.connect: \"99999999999999999999s\" is too large\n"
     "    write a whole number and ms, s, min or h; for example connect: 5s\n"},
    {"a negative time", "connect: 5s", "connect: -5s",
     "f:20:25: error: destinations.cloud.timeouts.connect: \"-5s\" does not begin with a whole number\n"
     "    write a whole number and ms, s, min or h; for example connect: 5s\n"},
    {"a circuit of impossible numbers", "idle: 60s}",
     "idle: 60s}\n    breaker: {failures: 99999, share: 101, least: 0, open: 1ms, open_max: 2h, retry_after: "
     "2h}",
     "f:21:25: error: destinations.cloud.breaker.failures: \"99999\" is too large\n"
     "    write something from 0 to 10000; for example failures: 5\n"
     "f:21:39: error: destinations.cloud.breaker.share: \"101\" is too large\n"
     "    write something from 0 to 100; for example share: 50\n"
     "f:21:51: error: destinations.cloud.breaker.least: \"0\" is too small\n"
     "    write something from 1 to 10000; for example least: 20\n"
     "f:21:60: error: destinations.cloud.breaker.open: \"1ms\" is too small\n"
     "    write something from 100ms to 1h; for example open: 5s\n"
     "f:21:75: error: destinations.cloud.breaker.open_max: \"2h\" is too large\n"
     "    write something from 100ms to 1h; for example open_max: 2min\n"
     "f:21:92: error: destinations.cloud.breaker.retry_after: \"2h\" is too large\n"
     "    write something from 0ms to 1h; for example retry_after: 5min\n"},
    {"a budget of impossible numbers", "idle: 60s}", "idle: 60s}\n    retries: {share: 101, floor: 99999}",
     "f:21:22: error: destinations.cloud.retries.share: \"101\" is too large\n"
     "    write something from 0 to 100; for example share: 20\n"
     "f:21:34: error: destinations.cloud.retries.floor: \"99999\" is too large\n"
     "    write something from 0 to 10000; for example floor: 3\n"},
    {"probes of impossible numbers", "idle: 60s}",
     "idle: 60s}\n    health: {every: 2h, path: health, timeout: 1ms}",
     "f:21:21: error: destinations.cloud.health.every: \"2h\" is too large\n"
     "    write something from 0ms to 1h; for example every: 10s\n"
     "f:21:31: error: destinations.cloud.health.path: \"health\" is not valid here\n"
     "    a path begins with `/`; for example path: /health\n"
     "f:21:48: error: destinations.cloud.health.timeout: \"1ms\" is too small\n"
     "    write something from 50ms to 75s; for example timeout: 2s\n"},
    {"a probe's path with a space", "idle: 60s}", "idle: 60s}\n    health: {path: \"/a b\"}",
     "f:21:20: error: destinations.cloud.health.path: \"/a b\" is not valid here\n"
     "    the path of a probe is made of visible ASCII characters, without `#`; for example path: /health\n"},
    {"a model name with a space", "  assistant: {", "  \"assis tant\": {",
     "f:31:3: error: models: \"assis tant\" cannot be a name here\n"
     "    a model name is made of letters, digits and `._:/@-`, and begins with a letter or digit\n"
     "f:37:14: error: applications.chat.models: \"assistant\" is not a model\n"
     "    add it under models\n"},
    {"a model without destinations", "[cloud, local]", "[]",
     "f:31:29: error: models.assistant.destinations: nothing is listed\n"
     "    list at least one; for example destinations: [cloud, local]\n"},
    {"a model with an unknown destination", "[cloud, local]", "[cluod, local]",
     "f:31:30: error: models.assistant.destinations: \"cluod\" is not a destination\n"
     "    did you mean \"cloud\"?\n"},
    {"a model with a destination twice", "[cloud, local]", "[cloud, cloud]",
     "f:31:37: error: models.assistant.destinations: \"cloud\" is listed twice\n"
     "    keep one of the two; for example destinations: [cloud, local]\n"},
    {"too many destinations", "[cloud, local]",
     "[a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,aa,ab,ac,ad,ae,af,ag]",
     "f:31:29: error: models.assistant.destinations: too many are listed\n"
     "    list fewer\n"},
    {"replay as a number", "replay: false", "replay: 1",
     "f:31:53: error: models.assistant.replay: \"1\" is neither true nor false\n"
     "    write true or false, without quotes; for example replay: true\n"},
    {"a use case without owner", "owner: o, ", "",
     "f:33:3: error: use_cases.general: missing key \"owner\"\n"
     "    add it; for example owner: support@example.com\n"},
    {"a use case without purpose", "purpose: p, ", "",
     "f:33:3: error: use_cases.general: missing key \"purpose\"\n"
     "    add it; for example purpose: Draft answers to customers\n"},
    {"a use case with an unknown level", "level: public", "level: publik",
     "f:33:42: error: use_cases.general.level: \"publik\" is not a level\n"
     "    did you mean \"public\"?\n"},
    {"a use case with an unknown category", "categories: []", "categories: [lega]",
     "f:33:63: error: use_cases.general.categories: \"lega\" is not a category\n"
     "    did you mean \"legal\"?\n"},
    {"a use case with an unknown residency", "residency: \"*\"", "residency: EUROPE",
     "f:33:77: error: use_cases.general.residency: \"EUROPE\" is not a jurisdiction\n"
     "    use ISO 3166-1 codes, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"a use case name with a slash", "  general: {", "  gen/eral: {",
     "f:33:3: error: use_cases: \"gen/eral\" cannot be a name here\n"
     "    a name is made of a-z, 0-9, `.`, `_` and `-`, and begins with a letter or digit\n"
     "f:36:15: error: applications.chat.use_case: \"general\" is not a use case\n"
     "    add it under use_cases\n"},
    {"an unknown use case", "use_case: general", "use_case: genral",
     "f:36:15: error: applications.chat.use_case: \"genral\" is not a use case\n"
     "    did you mean \"general\"?\n"},
    {"an unknown model", "models: [assistant]", "models: [asistant]",
     "f:37:14: error: applications.chat.models: \"asistant\" is not a model\n"
     "    did you mean \"assistant\"?\n"},
    {"no statement on user text", "    user_text: untrusted\n", "",
     "f:35:3: error: applications.chat: missing key \"user_text\"\n"
     "    add it; for example user_text: untrusted\n"},
    {"half a statement on user text", "user_text: untrusted", "user_text: maybe",
     "f:38:16: error: applications.chat.user_text: \"maybe\" is not known here\n"
     "    write trusted or untrusted\n"},
    {"a canary as a number", "user_text: untrusted", "user_text: untrusted\n    canary: 1",
     "f:39:13: error: applications.chat.canary: \"1\" is neither true nor false\n"
     "    write true or false, without quotes; for example canary: true\n"},
    {"an address instead of a host", "user_text: untrusted",
     "user_text: untrusted\n    image_hosts: [img.example.org, \"https://x.example\"]",
     "f:39:36: error: applications.chat.image_hosts: \"https://x.example\" is not valid here\n"
     "    a host is made of a-z, 0-9, `.` and `-`, with `*.` in front or not; for example image_hosts: "
     "[img.example.org, \"*.example.com\"]\n"},
    {"hosts of links with a blank", "user_text: untrusted",
     "user_text: untrusted\n    link_hosts: [\"docs example\"]",
     "f:39:18: error: applications.chat.link_hosts: \"docs example\" is not valid here\n"
     "    a host is made of a-z, 0-9, `.` and `-`, with `*.` in front or not; for example link_hosts: "
     "[docs.example.org]\n"},
    {"a list of hosts that is nearly one", "user_text: untrusted",
     "user_text: untrusted\n    link_host: [docs.example.org]",
     "f:39:5: error: applications.chat: unknown key \"link_host\"\n"
     "    did you mean \"link_hosts\"?\n"},
    {"a permission that only destinations have", "permits: [state]", "permits: [opaque]",
     "f:39:15: error: applications.chat.permits: \"opaque\" is not known here\n"
     "    write state, egress or server-tools\n"},
    {"a key that is too short is not repeated", "00112233445566ff:aaaa", "112233445566ff:aaaa",
     "f:40:12: error: applications.chat.keys: a key is 16 hexadecimal digits, a colon and 64 hexadecimal "
     "digits, in lower case\n"
     "    for example keys: "
     "[\"00112233445566ff:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]\n"},
    {"a key in capitals", "00112233445566ff", "00112233445566FF",
     "f:40:12: error: applications.chat.keys: a key is 16 hexadecimal digits, a colon and 64 hexadecimal "
     "digits, in lower case\n"
     "    for example keys: "
     "[\"00112233445566ff:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]\n"},
    {"an application name that is empty", "  chat:\n", "  \"\":\n",
     "f:35:3: error: applications: \"\" cannot be a name here\n"
     "    a name has 1 to 63 characters\n"},
    {"a body above the hard bound", "body: 8MiB", "body: 33MiB",
     "f:42:16: error: limits.body: \"33MiB\" is too large\n"
     "    write something from 1KiB to 32MiB; for example body: 8MiB\n"},
    {"a size in decimal units", "body: 8MiB", "body: 8MB",
     "f:42:16: error: limits.body: \"8MB\" has a unit that is not known\n"
     "    did you mean \"8MiB\"?\n"},
    {"a size without unit", "answer: 8MiB", "answer: 8388608",
     "f:42:30: error: limits.answer: \"8388608\" has no unit\n"
     "    write a whole number and B, KiB, MiB or GiB; for example answer: 8MiB\n"},
    {"a size that is too small", "held: 1MiB", "held: 1KiB",
     "f:42:42: error: limits.held: \"1KiB\" is too small\n"
     "    write something from 4KiB to 16MiB; for example held: 1MiB\n"},
    {"no findings", "findings: 1000", "findings: 0",
     "f:42:58: error: limits.findings: \"0\" is too small\n"
     "    write something from 1 to 100000; for example findings: 1000\n"},
    {"a wait with a space", "record_wait: 2s", "record_wait: 2 s",
     "f:42:77: error: limits.record_wait: \"2 s\" has a unit that is not known\n"
     "    write a whole number and ms, s, min or h; for example record_wait: 2s\n"},
    {"a life that is too long", "snapshot_life: 10min", "snapshot_life: 25h",
     "f:42:96: error: limits.snapshot_life: \"25h\" is too large\n"
     "    write something from 10s to 24h; for example snapshot_life: 10min\n"},
    {"a rate that is none", "body_rate: 1KiB", "body_rate: 0B",
     "f:42:114: error: limits.body_rate: \"0B\" is too small\n"
     "    write something from 1B to 16MiB; for example body_rate: 1KiB\n"},
    {"a worker that holds nothing", "memory: 1GiB", "memory: 1MiB",
     "f:43:11: error: limits.memory: \"1MiB\" is too small\n"
     "    write something from 64MiB to 1024GiB; for example memory: 4GiB\n"},
    {"a share that holds nothing", "memory_per_key: 512MiB", "memory_per_key: 512KiB",
     "f:43:33: error: limits.memory_per_key: \"512KiB\" is too small\n"
     "    write something from 64MiB to 1024GiB; for example memory_per_key: 1GiB\n"},
    {"no wait for a turn", "label_wait: 10s", "label_wait: 0s",
     "f:43:53: error: limits.label_wait: \"0s\" is too small\n"
     "    write something from 10ms to 10min; for example label_wait: 10s\n"},
    {"no requests", "requests_per_minute: 600", "requests_per_minute: 0",
     "f:41:35: error: applications.chat.limits.requests_per_minute: \"0\" is too small\n"
     "    write something from 1 to 10000000; for example requests_per_minute: 600\n"},
    {"more at once than a worker can hold", "concurrent: 50", "concurrent: 60001",
     "f:41:52: error: applications.chat.limits.concurrent: \"60001\" is too large\n"
     "    write something from 1 to 60000; for example concurrent: 50\n"},
    {"bytes per minute without a unit", "request_bytes_per_minute: 256MiB", "request_bytes_per_minute: 256",
     "f:41:82: error: applications.chat.limits.request_bytes_per_minute: \"256\" has no unit\n"
     "    write a whole number and B, KiB, MiB or GiB; for example request_bytes_per_minute: 256MiB\n"},
    {"fewer bytes per minute than a body has", "request_bytes_per_minute: 256MiB",
     "request_bytes_per_minute: 7MiB",
     "f:35:3: error: applications.chat.limits.request_bytes_per_minute: is smaller than limits.body\n"
     "    allow at least one largest body per minute\n"},
    {"a category to withhold that is unknown", "withhold: [credentials]", "withhold: [credential]",
     "f:44:21: error: review.withhold: \"credential\" is not a category\n"
     "    did you mean \"credentials\"?\n"},
    {"a category that is withheld and masked", "withhold: [credentials]", "withhold: [pii], mask: [pci, pii]",
     "f:44:39: error: review.mask: \"pii\" is withheld as well\n"
     "    leave it in one of the two lists\n"},
    {"a kind that is withheld and masked", "withhold: [credentials]", "withhold: [email], mask: email",
     "f:44:35: error: review.mask: \"email\" is withheld as well\n"
     "    leave it in one of the two lists\n"},
    {"a kind that is masked and passes", "withhold: [credentials]", "mask: hidden-text, pass: [hidden-text]",
     "f:44:36: error: review.pass: \"hidden-text\" is masked as well\n"
     "    leave it in one of the two lists\n"},
    {"a kind of echoes that is unknown", "withhold: [credentials]", "echoes: [emial]",
     "f:44:19: error: review.echoes: \"emial\" is not a category\n"
     "    use a shipped category or name it under categories\n"},
    {"a kind that passes anyway", "withhold: [credentials]", "pass: [email]",
     "f:44:17: error: review.pass: \"email\" is no kind of the category outward\n"
     "    see `sallyport detector list`\n"},
    {"a host with a path", "withhold: [credentials]", "hosts: [img.example.org/x]",
     "f:44:18: error: review.hosts: \"img.example.org/x\" is not valid here\n"
     "    a host is made of a-z, 0-9, `.` and `-`, with `*.` in front or not; for example hosts: "
     "[img.example.org, \"*.example.com\"]\n"},
    {"a segment that is too small", "segment: 16MiB", "segment: 512KiB",
     "f:45:18: error: audit.segment: \"512KiB\" is too small\n"
     "    write something from 1MiB to 1GiB; for example segment: 16MiB\n"},
    {"a segment that holds no large body", "segment: 16MiB", "segment: 9MiB",
     "f:1:1: error: audit.segment: a segment cannot hold a record of the largest request\n"
     "    make audit.segment at least twice limits.body\n"},
    {"a client that may take no time", "listen: {address: \"127.0.0.1:8080\"}",
     "listen: {timeouts: {header: 1ms, body: 1ms, send: 1ms, idle: 1ms}}",
     "f:2:29: error: listen.timeouts.header: \"1ms\" is too small\n"
     "    write something from 1s to 1h; for example header: 10s\n"
     "f:2:40: error: listen.timeouts.body: \"1ms\" is too small\n"
     "    write something from 1s to 1h; for example body: 60s\n"
     "f:2:51: error: listen.timeouts.send: \"1ms\" is too small\n"
     "    write something from 1s to 1h; for example send: 60s\n"
     "f:2:62: error: listen.timeouts.idle: \"1ms\" is too small\n"
     "    write something from 1s to 1h; for example idle: 75s\n"},
    {"client time limits that are no map", "listen: {address: \"127.0.0.1:8080\"}", "listen: {timeouts: 5s}",
     "f:2:20: error: listen.timeouts: a single value stands here\n"
     "    write KEY: VALUE pairs; for example timeouts: {send: 30s}\n"},
    {"too few connections", "workers: 1", "connections: 1",
     "f:46:22: error: nginx.connections: \"1\" is too small\n"
     "    write something from 64 to 1000000; for example connections: 16384\n"},
    {"connections beyond counting", "workers: 1", "connections_per_address: 1000001",
     "f:46:34: error: nginx.connections_per_address: \"1000001\" is too large\n"
     "    write something from 0 to 1000000; for example connections_per_address: 2048\n"},
    {"a user with a space", "nginx: {workers: 1", "processes: {user: 'www data'}\nnginx: {workers: 1",
     "f:46:19: error: processes.user: \"www data\" is not valid here\n"
     "    a user's name is made of a-z, 0-9, `_` and `-`, has at most 32 characters and begins with a letter "
     "or "
     "`_`; for example user: www-data\n"},
    {"half a confinement", "nginx: {workers: 1", "processes: {confine: half}\nnginx: {workers: 1",
     "f:46:22: error: processes.confine: \"half\" is not known here\n    write off or strict\n"},
    {"workers in words", "workers: 1", "workers: one",
     "f:46:18: error: nginx.workers: \"one\" is not a whole number\n"
     "    write decimal digits without quotes; for example workers: 2\n"},
    {"a hexadecimal number", "workers: 1", "workers: 0x1",
     "f:46:18: error: nginx.workers: \"0x1\" is not a whole number\n"
     "    write decimal digits without quotes; for example workers: 2\n"},
    {"a program path with a semicolon", "binary: nginx", "binary: 'nginx;'",
     "f:46:29: error: nginx.binary: \"nginx;\" is not valid here\n"
     "    the path holds one of \" ' \\ $ ` ; { }, which nginx would read as more than a path; for example "
     "binary: /usr/sbin/nginx\n"},
};

#include "conf_framework_cases.inc"
enum { N_FRAMEWORK = sizeof framework_cases / sizeof framework_cases[0] };

static void check_case(sp_mem *mem, const char *base, const conf_case *c)
{
    spc_problems problems = {.mem = mem};
    const spc_conf *conf = NULL;
    const sp_bytes text = help_replace(mem, base, c->find, c->put);
    const sp_status status = help_parse(&conf, &problems, text);
    const char *got = help_problems(&problems, "f");
    if (status != SP_EFIELD || conf != NULL || strcmp(got, c->want) != 0) {
        fail_msg("%s: status %d\n%s", c->name, status, got);
    }
}

static void check_alone(const char *base, const conf_case *c)
{
    sp_arena arena;
    sp_arena_init(&arena, HELP_MEMORY);
    check_case(&arena.mem, base, c);
    sp_arena_fini(&arena);
}

static void each_broken_rule_is_reported_with_place_and_advice(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) check_alone(help_base, &cases[i]);
    for (size_t i = 0; i < N_FRAMEWORK; i++) check_alone(framework_base, &framework_cases[i]);
}

/* ---- completeness ---- */

/* Whether an expected message is about this key: at its path, or as a key that is missing above it. */
static bool is_about(const conf_case *c, const char *path, const char *key)
{
    char at[128];
    char missing[128];
    (void)snprintf(at, sizeof at, "error: %s%s%s", path, path[0] != '\0' ? "." : "", key);
    (void)snprintf(missing, sizeof missing, "error: %s%smissing key \"%s\"", path,
                   path[0] != '\0' ? ": " : "", key);
    return strstr(c->want, at) != NULL || strstr(c->want, missing) != NULL;
}

static bool is_covered(const char *path, const char *key)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (is_about(&cases[i], path, key)) return true;
    }
    for (size_t i = 0; i < N_FRAMEWORK; i++) {
        if (is_about(&framework_cases[i], path, key)) return true;
    }
    return false;
}

static void check_table(const spc_table *table, const char *path)
{
    for (const spc_row *row = table->rows; row->key != NULL; row++) {
        char below[128];
        (void)snprintf(below, sizeof below, "%s%s%s", path, path[0] != '\0' ? "." : "", row->key);
        if (!is_covered(path, row->key)) {
            fail_msg("no case breaks %s", below);
        }
        if (row->table != NULL && !row->table->is_bare) {
            (void)strncat(below, help_entry(below), sizeof below - strlen(below) - 1);
            check_table(row->table, below);
        }
    }
}

static void each_setting_is_broken_by_a_case(void **state)
{
    (void)state;
    check_table(&spc_table_conf, "");
}

/* Short memory gives no detector that lacks its check, or whose pattern ends too early. */
static void detectors_are_whole_or_none(void **state)
{
    (void)state;
    static spc_text shape = {.v = SP_LIT("ddd~ddd")}, word = {.v = SP_LIT("staff no")};
    static spc_detector d = {.name = {.v = SP_LIT("staff-number")},
                             .meaning = {.v = SP_LIT("number of an employee")},
                             .pattern = {.v = SP_LIT("\\bEMP-[0-9]{6}\\b")},
                             .check = {.v = SP_LIT("luhn")},
                             .shapes = {.v = &shape, .n = 1},
                             .words = {.v = &word, .n = 1}};
    const spc_detectors all = {.v = &d, .n = 1};
    size_t n_none = 0;
    for (size_t limit = 0; limit < 2048; limit += 8) {
        sp_arena arena;
        sp_arena_init(&arena, limit);
        const sp_custom_detector *v = spc_detectors_compiled(&all, &arena.mem);
        n_none += v == NULL;
        if (v != NULL) {
            assert_string_equal(v->name, "staff-number");
            assert_string_equal(v->pattern, "\\bEMP-[0-9]{6}\\b");
            assert_string_equal(v->check, "luhn");
            assert_string_equal(v->shapes, "ddd~ddd");
            assert_string_equal(v->words, "staff no");
        }
        sp_arena_fini(&arena);
    }
    assert_in_range(n_none, 1, 255);
}

/* Nor a rule that lacks a part of its pattern, its value or its name. @return whether there are rules. */
static bool check_rules(const spc_conf *conf, const char *text, size_t limit)
{
    size_t n;
    sp_arena arena;
    sp_arena_init(&arena, limit);
    const sp_custom_detector *v = spc_allow_compiled(conf, 0, &n, &arena.mem);
    assert_int_equal(n, 2);
    for (size_t i = 0; v != NULL && i < n; i++) {
        assert_string_equal(v[i].name + strlen("email:"), text);
        assert_string_equal(v[i].meaning, text);
        assert_string_equal(i == 0 ? v[i].pattern : v[i].terms[0], text);
    }
    sp_arena_fini(&arena);
    return v != NULL;
}

/* Texts of each length, since a buffer may be full where one ends. */
static void rules_are_whole_or_none(void **state)
{
    (void)state;
    enum { LONGEST = 130 };
    static char text[LONGEST + 1];
    static spc_text kind = {.v = SP_LIT("email")}, value;
    static uint16_t class = SP_KIND_EMAIL;
    spc_allow rules[] = {{.kinds = {.v = &kind, .n = 1}, .classes = &class},
                         {.kinds = {.v = &kind, .n = 1}, .values = {.v = &value, .n = 1}, .classes = &class}};
    const spc_conf conf = {.allows = {.v = rules, .n = 2}};
    size_t n_some = 0, n_all = 0;
    memset(text, 'a', LONGEST);
    for (size_t n = 50; n <= LONGEST; n++) {
        value.v = (sp_bytes){(const uint8_t *)&text[LONGEST - n], n};
        for (size_t i = 0; i < 2; i++) rules[i].name.v = rules[i].reason.v = value.v;
        rules[0].pattern.v = value.v;
        for (size_t limit = 0; limit < 4096; limit += 32, n_all++)
            n_some += check_rules(&conf, &text[LONGEST - n], limit);
    }
    assert_in_range(n_some, 1, n_all - 1);
}

static void append_rule(sp_buf *out, const char *name, const char *kinds)
{
    enum { VALUES = 1024 };
    sp_buf_append_str(out, "  - {name: ");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, ", reason: r, kinds: [");
    sp_buf_append_str(out, kinds);
    sp_buf_append_str(out, "], values: [x");
    for (size_t i = 1; i < VALUES; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, ", v%zu", i);
        sp_buf_append_str(out, value);
    }
    sp_buf_append_str(out, "]}\n");
}

/* What no worker takes is refused, though each rule may stand: a value counts for each kind. */
static void rules_are_tried_together(void **state)
{
    (void)state;
    static const struct {
        const char *second, *want;
    } rows[] = {
        {"", ""},
        {"ip",
         "f:48:12: error: allow: detectors and rules cannot be used together, beginning with \"first\"\n"
         "    all detectors may have 4096 terms\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, HELP_MEMORY);
        spc_problems problems = {.mem = &arena.mem};
        const spc_conf *conf = NULL;
        sp_buf text = SP_BUF_IN(&arena.mem);
        sp_buf_append_str(&text, help_base);
        sp_buf_append_str(&text, "allow:\n");
        append_rule(&text, "first", "email, iban, card, phone");
        if (rows[i].second[0] != '\0') append_rule(&text, "second", rows[i].second);
        const sp_status status = help_parse(&conf, &problems, sp_buf_bytes(&text));
        assert_string_equal(help_problems(&problems, "f"), rows[i].want);
        assert_int_equal(status, rows[i].want[0] == '\0' ? SP_OK : SP_EFIELD);
        sp_arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_broken_rule_is_reported_with_place_and_advice),
        cmocka_unit_test(each_setting_is_broken_by_a_case),
        cmocka_unit_test(detectors_are_whole_or_none),
        cmocka_unit_test(rules_are_whole_or_none),
        cmocka_unit_test(rules_are_tried_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
