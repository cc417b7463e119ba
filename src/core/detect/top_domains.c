/* Top-level domains: which last label makes an address out of "a@b.c". Country codes are those of the IANA
 * root zone; of the generic ones those in wide use, and the names that private networks use (RFC 2606, RFC
 * 6761, RFC 6762, and habit). Unknown names are for the caller to judge.
 * */
#include "detect/top_domains.h"

#include <string.h>

/* Two letters each. */
static const char countries[] = "acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbwbybzcacccd"
                                "cfcgchcickclcmcncocrcucvcwcxcyczdedjdkdmdodz"
                                "eceeegereseteufifjfkfmfofrgagbgdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthu"
                                "idieiliminioiqirisitjejmjojpkekgkhkikmknkpkr"
                                "kwkykzlalblclilklrlsltlulvlymamcmdmemgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznanc"
                                "nenfngninlnonpnrnunzompapepfpgphpkplpmpnprps"
                                "ptpwpyqarerorsrurwsasbscsdsesgshsiskslsmsnsosrssstsvsxsysztctdtftgthtjtktltm"
                                "tntotrtttvtwtzuaugukusuyuzvavcvevgvivnvuwfws"
                                "yeytzazmzw";

static const char *const generic[] = {
    "academy",       "aero",      "agency",      "app",          "art",        "asia",
    "bank",          "bayern",    "berlin",      "bio",          "biz",        "blog",
    "build",         "cafe",      "care",        "careers",      "cat",        "center",
    "chat",          "city",      "clinic",      "cloud",        "club",       "coach",
    "codes",         "coffee",    "com",         "community",    "company",    "consulting",
    "coop",          "corp",      "dental",      "design",       "dev",        "digital",
    "directory",     "edu",       "education",   "email",        "energy",     "engineering",
    "events",        "example",   "exchange",    "expert",       "family",     "farm",
    "finance",       "financial", "fit",         "foundation",   "fun",        "fund",
    "gallery",       "games",     "gmbh",        "global",       "gov",        "green",
    "group",         "guide",     "guru",        "hamburg",      "health",     "healthcare",
    "help",          "home",      "host",        "hosting",      "hotel",      "house",
    "immo",          "inc",       "info",        "insurance",    "int",        "internal",
    "international", "intranet",  "invalid",     "jobs",         "koeln",      "lan",
    "law",           "legal",     "life",        "limited",      "link",       "live",
    "llc",           "local",     "localdomain", "localhost",    "london",     "ltd",
    "management",    "market",    "marketing",   "me",           "media",      "medical",
    "mil",           "mobi",      "money",       "museum",       "name",       "net",
    "network",       "news",      "ninja",       "nyc",          "one",        "online",
    "onion",         "org",       "page",        "paris",        "partners",   "photo",
    "photography",   "photos",    "pharmacy",    "plus",         "post",       "press",
    "private",       "pro",       "productions", "properties",   "pub",        "quebec",
    "realty",        "reisen",    "rent",        "report",       "restaurant", "review",
    "rocks",         "ruhr",      "school",      "science",      "scot",       "services",
    "shop",          "site",      "social",      "software",     "solutions",  "space",
    "store",         "studio",    "study",       "style",        "support",    "swiss",
    "systems",       "tax",       "team",        "tech",         "technology", "tel",
    "test",          "tips",      "today",       "tokyo",        "tools",      "top",
    "tours",         "town",      "trade",       "training",     "travel",     "tv",
    "university",    "vegas",     "ventures",    "versicherung", "video",      "vip",
    "vision",        "wales",     "web",         "website",      "wien",       "wiki",
    "work",          "works",     "world",       "xyz",          "yoga",       "zone",
    "zuerich",
};

static bool is_same(const uint8_t *p, const char *word, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((p[i] | 0x20) != ((uint8_t)word[i] | 0x20)) return false;
    }
    return true;
}

bool sp_is_top_domain(sp_bytes label)
{
    if (label.n == 2) {
        for (const char *c = countries; *c != '\0'; c += 2) {
            if (is_same(label.p, c, 2)) return true;
        }
        return false;
    }
    if (label.n > 4 && is_same(label.p, "xn--", 4)) return true;
    for (size_t i = 0; i < sizeof generic / sizeof generic[0]; i++) {
        if (strlen(generic[i]) == label.n && is_same(label.p, generic[i], label.n)) return true;
    }
    return false;
}
