/* Detectors for addresses of machines and of wallets: IP, MAC, Bitcoin, Ethereum and their like. */
#include "detect/detect_internal.h"

#include <hs/hs.h>
#include <openssl/sha.h>
#include <string.h>

/* ---- IPv4 (RFC 791); which are nobody's on the internet: RFC 6890 and its registry ---- */

static bool is_outside_word(int c)
{
    return !sp_is_alnum(c) && c != '_' && c != '-';
}

/* One octet without leading zeroes; @return where it ends, 0 if there is none. */
static size_t octet(sp_window *w, size_t i, unsigned *value)
{
    const size_t end = sp_skip(w, i, i + 4, sp_is_digit);
    *value = 0;
    for (size_t k = i; k < end; k++) *value = *value * 10 + (unsigned)(w->p[k] - '0');
    return end > i && end - i <= 3 && *value <= 255 && (w->p[i] != '0' || end == i + 1) ? end : 0;
}

static bool is_public(const unsigned o[4])
{
    static const struct {
        uint8_t first, second, bits; /* of the first two octets */
    } reserved[] = {
        {0, 0, 8},     {10, 0, 8},   {100, 64, 10},  {127, 0, 8},   {169, 254, 16},
        {172, 16, 12}, {192, 0, 16}, {192, 168, 16}, {198, 18, 15}, {224, 0, 3},
    };
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        const unsigned mask = 0xffffu << (16 - reserved[i].bits) & 0xffffu;
        if ((((o[0] << 8 | o[1]) ^ (unsigned)(reserved[i].first << 8 | reserved[i].second)) & mask) == 0)
            return false;
    }
    return !(o[0] == 198 && o[1] == 51 && o[2] == 100) && !(o[0] == 203 && o[1] == 0 && o[2] == 113);
}

/* Four numbers with dots are as often a version. */
static bool is_version(const sp_window *w, size_t start)
{
    static const char *const words[] = {"version",  "versions", "release", "ver",
                                        "firmware", "build",    "section", NULL};
    return sp_before(w, start) == 'v' || sp_has_context(w, start, 16, words);
}

/* @return confidence; 0 if it is none. */
static uint8_t read_ipv4(sp_window *w, size_t head_end, sp_match *m, bool *is_internet)
{
    unsigned o[4];
    m->start = head_end - 1;
    while (m->start > 0 && head_end - m->start < 12 &&
           (sp_is_digit(w->p[m->start - 1]) || w->p[m->start - 1] == '.'))
        m->start--;
    const int before = sp_before(w, m->start);
    if (!is_outside_word(before) || before == '.' || w->p[m->start] == '.') return 0;
    size_t i = octet(w, m->start, &o[0]);
    for (size_t k = 1; k < 4 && i != 0; k++) i = sp_peek(w, i) == '.' ? octet(w, i + 1, &o[k]) : 0;
    if (i == 0) return 0;
    const int after = sp_peek(w, i);
    if (!is_outside_word(after) || (after == '.' && sp_is_digit(sp_peek(w, i + 1))) ||
        is_version(w, m->start))
        return 0;
    m->end = i;
    *is_internet = is_public(o);
    return o[0] == 0 || (o[1] == 0 && o[2] == 0 && o[3] == 0) ? 0 : 85;
}

static void ipv4_public(sp_window *w, size_t head_end, sp_match *m)
{
    bool is_internet = false;
    const uint8_t sure = read_ipv4(w, head_end, m, &is_internet);
    if (is_internet) m->confidence = sure;
}

static void ipv4_internal(sp_window *w, size_t head_end, sp_match *m)
{
    bool is_internet = true;
    const uint8_t sure = read_ipv4(w, head_end, m, &is_internet);
    if (!is_internet && sure != 0) m->confidence = 60;
}

/* ---- IPv6 (RFC 4291): eight groups, or fewer around one "::" ---- */

static void ipv6(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 1;
    while (m->start > 0 && head_end - m->start < 11 &&
           (sp_is_hex(w->p[m->start - 1]) || w->p[m->start - 1] == ':'))
        m->start--;
    const int before = sp_before(w, m->start);
    if (!is_outside_word(before) || before == ':' || before == '.' || !sp_is_hex(w->p[m->start])) return;
    size_t i = m->start, n_groups = 0, n_gaps = 0, n_digits = 0, longest = 0;
    while (n_groups < 8) {
        const size_t end = sp_skip(w, i, i + 5, sp_is_hex);
        if (end - i > 4) return;
        for (size_t k = i; k < end; k++) n_digits += sp_is_digit(w->p[k]);
        if (end - i > longest) longest = end - i;
        n_groups += end > i;
        i = end;
        if (sp_peek(w, i) != ':') break;
        const bool is_gap = sp_peek(w, i + 1) == ':';
        if (!is_gap && !sp_is_hex(sp_peek(w, i + 1))) break;
        n_gaps += is_gap;
        i += is_gap ? 2 : 1;
    }
    const int after = sp_peek(w, i);
    if (!is_outside_word(after) || after == ':' || n_gaps > 1 || (n_gaps == 0 && n_groups != 8)) return;
    if (n_digits < 2 || (longest < 3 && n_gaps != 0)) return;
    m->end = i;
    m->confidence = 85;
}

/* ---- MAC (IEEE 802) ---- */

static void mac(sp_window *w, size_t head_end, sp_match *m)
{
    if (head_end < 9) return;
    m->start = head_end - 9;
    const uint8_t gap = w->p[head_end - 1];
    const int before = sp_before(w, m->start);
    if (!is_outside_word(before) || before == ':' || w->p[m->start + 2] != gap) return;
    size_t i = m->start;
    for (size_t k = 0; k < 6; k++) {
        if (k > 0 && sp_peek(w, i++) != gap) return;
        if (!sp_is_hex(sp_peek(w, i)) || !sp_is_hex(sp_peek(w, i + 1))) return;
        i += 2;
    }
    const int after = sp_peek(w, i);
    if (!is_outside_word(after) || after == ':' || sp_count_distinct(w, m->start, i) < 4) return;
    m->end = i;
    m->confidence = 85;
}

/* ---- wallets ---- */

enum { BASE58_HEAD = 26, BASE58_MAX = 35, ADDRESS_BYTES = 25 };

/* The value of a digit; of what is none, anything: the text was looked at before. */
static uint32_t base58_digit(uint8_t c)
{
    if (sp_is_digit(c)) return c - '1';
    if (sp_is_upper(c)) return c - 'A' + 9u - (c > 'I') - (c > 'O');
    return c - 'a' + 33u - (c > 'l');
}

/* Base58Check (bitcoin wiki): a version byte, twenty bytes, and four of the double SHA-256 of these. Seven
 * words of 32 bits hold them, so that a number that is too long shows in the first; five digits are taken at
 * once. */
static bool base58_decode(uint8_t out[ADDRESS_BYTES], sp_bytes text)
{
    enum { WORDS = 7, AT_ONCE = 5 };
    uint32_t words[WORDS] = {0};
    for (size_t i = 0; i < text.n;) {
        uint32_t factor = 1, digits = 0;
        for (size_t n = 0; n < AT_ONCE && i < text.n; n++, factor *= 58)
            digits = digits * 58 + base58_digit(text.p[i++]);
        uint64_t carry = digits;
        for (size_t k = WORDS; k-- > 0; carry >>= 32) {
            carry += (uint64_t)factor * words[k];
            words[k] = (uint32_t)carry;
        }
        if (carry != 0) return false;
    }
    for (size_t i = 0; i < ADDRESS_BYTES; i++) {
        const size_t at = i + (size_t)WORDS * 4 - ADDRESS_BYTES;
        out[i] = (uint8_t)(words[at / 4] >> (24 - 8 * (at % 4)));
    }
    return words[0] <= UINT8_MAX;
}

/* As many zeroes as it has digits of that value in front: what is shorter is no address, and needs no digest.
 */
static bool is_base58_whole(const uint8_t address[ADDRESS_BYTES], sp_bytes text)
{
    size_t zeroes = 0, ones = 0;
    while (zeroes < ADDRESS_BYTES && address[zeroes] == 0) zeroes++;
    while (ones < text.n && text.p[ones] == '1') ones++;
    return zeroes == ones && (address[0] == 0 || address[0] == 5);
}

static bool is_base58check(sp_bytes text)
{
    uint8_t address[ADDRESS_BYTES], once[SHA256_DIGEST_LENGTH], hash[SHA256_DIGEST_LENGTH];
    if (!base58_decode(address, text) || !is_base58_whole(address, text)) return false;
    if (SHA256(address, 21, once) == NULL || SHA256(once, sizeof once, hash) == NULL) return false;
    return memcmp(hash, address + 21, 4) == 0;
}

static bool is_base58(int c)
{
    return sp_is_alnum(c) && c != '0' && c != 'O' && c != 'I' && c != 'l';
}

/* Its checksum proves it, so it needs no word. */
static void base58_address(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - BASE58_HEAD;
    m->end = sp_skip(w, head_end, m->start + BASE58_MAX + 1, is_base58);
    if (m->end - m->start > BASE58_MAX || !is_outside_word(sp_peek(w, m->end))) return;
    if (is_base58check(sp_bytes_sub((sp_bytes){w->p, w->n}, m->start, m->end))) m->confidence = 97;
}

/* Bech32 and Bech32m (BIP 173, BIP 350): the checksum is a BCH code over GF(32). */
static uint32_t bech32_step(uint32_t sum, uint32_t value)
{
    static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    const uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++) sum ^= (top >> i) & 1 ? generator[i] : 0;
    return sum;
}

static bool is_bech32(sp_bytes text, size_t n_prefix)
{
    static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    uint32_t sum = 1;
    for (size_t i = 0; i < n_prefix; i++) sum = bech32_step(sum, text.p[i] >> 5);
    sum = bech32_step(sum, 0);
    for (size_t i = 0; i < n_prefix; i++) sum = bech32_step(sum, text.p[i] & 31);
    for (size_t i = n_prefix + 1; i < text.n; i++) {
        const char *at = strchr(alphabet, text.p[i]);
        if (at == NULL) return false;
        sum = bech32_step(sum, (uint32_t)(at - alphabet));
    }
    return sum == 1 || sum == 0x2bc830a3;
}

static void bech32_address(sp_window *w, size_t head_end, sp_match *m)
{
    const size_t n_prefix = w->p[head_end - 2] == 'c' && w->p[head_end - 3] == 't' ? 3 : 2;
    m->start = head_end - n_prefix - 1;
    const size_t end = sp_skip(w, head_end, m->start + 90, sp_is_alnum);
    m->end = end;
    if (end - m->start < 14 || sp_is_alnum(sp_before(w, m->start)) || !is_outside_word(sp_peek(w, end)))
        return;
    if (is_bech32(sp_bytes_sub((sp_bytes){w->p, w->n}, m->start, end), n_prefix)) m->confidence = 97;
}

/* An address of Ethereum is twenty bytes in hexadecimal. Digests have the same form, seldom with "0x". */
static void ethereum(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 14;
    const size_t end = sp_skip(w, head_end, m->start + 43, sp_is_hex);
    if (end - m->start != 42 || !is_outside_word(sp_peek(w, end)) ||
        sp_count_distinct(w, m->start + 2, end) < 8)
        return;
    m->end = end;
    m->confidence = 80;
}

/* ---- rows ---- */

static const sp_example ipv4_public_examples[] = {
    "login from [20.211.53.10]",
    "[8.8.8.8], [1.1.1.1]",
    "http://[93.184.216.34]:8080/x",
    "\"client\":\"[185.199.108.153]\"",
    "host [52.94.236.248].",
    "10.0.0.1 is ours",
    "version 1.2.3.4",
    "v2.14.0.1",
    "1.2.3.4.5",
    "256.1.1.1",
    "a1.2.3.4",
    NULL,
};
static const sp_example ipv4_internal_examples[] = {
    "gateway [192.168.1.1]",
    "[10.20.30.40]/8",
    "[172.16.0.5]",
    "listen [127.0.0.1]:80",
    "[100.64.3.2]",
    "8.8.8.8",
    "release 10.0.0.1",
    "10.0.0",
    "0.0.0.0",
    "10.0.0.01",
    NULL,
};
static const sp_example ipv6_examples[] = {
    "from [2001:db8:85a3::8a2e:370:7334]",
    "[fe80::1ff:fe23:4567:890a]",
    "[2606:4700:4700::1111]",
    "[2001:0db8:0000:0000:0000:ff00:0042:8329]",
    "([2a00:1450:4001:81b::200e]):443",
    "12:34:56",
    "std::vector",
    "ab::cd",
    "00:1b:44:11:3a:b7",
    "1:2:3:4:5:6:7:8:9",
    NULL,
};
static const sp_example mac_examples[] = {
    "([ba:fc:1c:ea:27:36])",
    "hwaddr [00:1B:44:11:3A:B7]",
    "[00-1b-44-11-3a-b7]",
    "mac=[e0:4c:a7:29:e1:9a];",
    "[f0:18:98:5e:2a:11] up",
    "00:00:00:00:00:00",
    "ba:fc:1c:ea:27",
    "ba:fc:1c:ea:27:36:11",
    "ba:fc-1c:ea:27:36",
    "12:34:56:78",
    NULL,
};
static const sp_example base58_examples[] = {
    "wallet [1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa] please",
    "Bitcoin address: [3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy]",
    "btc:[1BoatSLRHtKNngkdXEeobR76b53LETtpyT]",
    "\"address\": \"[1dice8EMZmqKvrGE4Qc9bUFf9PX3xaYDp]\"",
    "donate [17VZNX1SN5NtKa8UQFxwQbFeFc3iqRYhem].",
    "sent to [1BoatSLRHtKNngkdXEeobR76b53LETtpyT], then",
    "wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
    "wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf",
    "wallet x1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "btc 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNaa",
    "btc 2A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "address 111111111111111111111111111111",
    NULL,
};
static const sp_example bech32_examples[] = {
    "send to [bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4]",
    "[bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0]",
    "[bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq].",
    "bitcoin:[bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3]",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "bc1q",
    "abc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4x",
    NULL,
};
static const sp_example ethereum_examples[] = {
    "[0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed]",
    "to [0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359].",
    "[0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae]",
    "wallet=[0xdAC17F958D2ee523a2206206994597C13D831ec7];",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd",
    "0x0000000000000000000000000000000000000001",
    "a0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
    "{\"owner\":\"[0x00000000219ab540356cBB839Cbe05303d7705Fa]\"}",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "ipv4-public",
        .kind = SP_KIND_IP,
        .sign = SP_SIGN_IPV4,
        .validate = ipv4_public,
        .head_max = 12,
        .longest = 15,
        .least = 60,
        .source = "RFC 791; RFC 6890: what is on the internet",
        .examples = ipv4_public_examples,
    },
    {
        .name = "ipv4-internal",
        .kind = SP_KIND_IP,
        .sign = SP_SIGN_IPV4,
        .validate = ipv4_internal,
        .head_max = 12,
        .longest = 15,
        .least = 60,
        .source = "RFC 6890: private, shared, loopback, documentation",
        .examples = ipv4_internal_examples,
    },
    {
        .name = "ipv6",
        .kind = SP_KIND_IP,
        .sign = SP_SIGN_IPV6,
        .validate = ipv6,
        .head_max = 11,
        .longest = 39,
        .least = 60,
        .source = "RFC 4291",
        .examples = ipv6_examples,
    },
    {
        .name = "mac",
        .kind = SP_KIND_MAC,
        .sign = SP_SIGN_MAC,
        .validate = mac,
        .head_max = 9,
        .longest = 17,
        .least = 60,
        .source = "IEEE 802",
        .examples = mac_examples,
    },
    {
        .name = "bitcoin-base58",
        .kind = SP_KIND_BTC_ADDRESS,
        .sign = SP_SIGN_BASE58,
        .validate = base58_address,
        .head_max = BASE58_HEAD,
        .longest = BASE58_MAX,
        .least = 60,
        .source = "Base58Check",
        .examples = base58_examples,
    },
    {
        .name = "bitcoin-bech32",
        .kind = SP_KIND_BTC_ADDRESS,
        .head = "\\b(?:bc|ltc)1",
        .validate = bech32_address,
        .head_max = 4,
        .longest = 90,
        .least = 60,
        .source = "BIP 173, BIP 350",
        .examples = bech32_examples,
    },
    {
        .name = "ethereum",
        .kind = SP_KIND_ETH_ADDRESS,
        .sign = SP_SIGN_ETHEREUM,
        .validate = ethereum,
        .head_max = 14,
        .longest = 42,
        .least = 60,
        .source = "EIP-55",
        .examples = ethereum_examples,
    },
};

const sp_family sp_family_network = {rows, sizeof rows / sizeof rows[0]};
