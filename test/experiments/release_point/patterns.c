/* 38 patterns: words, digits, groups, lines, blocks. No value opens anything. */
#include "patterns.h"

#define W(n, whole, head, bytes, longest, example)                    \
    {                                                                 \
        n, whole, head, bytes, longest, RUN_WORD, HEAD_FIXED, example \
    }
#define D(n, whole, head, bytes, longest, example)                      \
    {                                                                   \
        n, whole, head, bytes, longest, RUN_DIGITS, HEAD_FIXED, example \
    }
#define L(n, whole, head, bytes, longest, example)                    \
    {                                                                 \
        n, whole, head, bytes, longest, RUN_LINE, HEAD_FIXED, example \
    }

const pattern patterns[] = {
    {"e-mail", "\\b[A-Za-z0-9._%+\\-]{1,64}@([A-Za-z0-9\\-]{1,63}\\.){1,4}[a-z]{2,12}",
     "[A-Za-z0-9_%+-]@[A-Za-z0-9]", 2, 320, RUN_WORD, HEAD_LOCAL, "anna.berg@example.org"},
    W("github", "\\bgh[pousr]_[A-Za-z0-9]{36}", "\\bgh[pousr]_", 4, 40,
      "ghp_"
      "ZJDeVREhkptGF7Wvep0NwJWlPEQP7a0t2nxL"),
    W("github-fine", "\\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", "\\bgithub_pat_", 11, 93,
      "github_pat_"
      "11AALKJEA04kc5Z9kNGzwK_zLv1venPjF9IFl5QvO2plAgKD9KWmCiq6seyWr9nftbTMABK664eCS9JYG2"),
    W("aws-id", "\\b(AKIA|ASIA)[A-Z2-7]{16}", "\\b(?:AKIA|ASIA)", 4, 20,
      "AKIA"
      "IOSFODNN7EXAMPLE"),
    W("slack", "\\bxox[abposr]-[A-Za-z0-9\\-]{20,200}", "\\bxox[abposr]-", 5, 205,
      "xoxb-"
      "262541194339-1293084920079-Z21cXgXdDdZDABIcrdG3D9OF"),
    W("slack-hook", "https://hooks\\.slack\\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}",
      "https://hooks\\.slack\\.com/", 24, 90,
      "https://hooks.slack.com/services/"
      "T5T9FBDJQ/B5T5WFU0K/CdVQm6KZiMPRxAqiIraNkYBW"),
    W("openai", "\\bsk-[A-Za-z0-9_\\-]{40,200}", "\\bsk-", 3, 203,
      "sk-"
      "ZqSkh4mQUbd9pojV52VKT3BlbkFJ2enUikl6olKWlf1I3IE7"),
    W("jwt", "\\beyJ[A-Za-z0-9_\\-]+\\.[A-Za-z0-9_\\-]+\\.[A-Za-z0-9_\\-]+", "\\beyJ", 3, 8192,
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_"
      "XgL0n3I9PlFUP0THsR8U"),
    W("stripe", "\\bsk_(live|test)_[A-Za-z0-9]{24,99}", "\\bsk_(?:live|test)_", 8, 107,
      "sk_test_"
      "4eC39HqLyjWDarjtT1zdp7dc"),
    W("google", "\\bAIza[A-Za-z0-9_\\-]{35}", "\\bAIza", 4, 39,
      "AIza"
      "SyD4Fake0Fake1Fake2Fake3Fake4Fake5F"),
    W("gitlab", "\\bglpat-[A-Za-z0-9_\\-]{20}", "\\bglpat-", 6, 26,
      "glpat-"
      "Xy12ab34Cd56ef78Gh90"),
    W("npm", "\\bnpm_[A-Za-z0-9]{36}", "\\bnpm_", 4, 40,
      "npm_"
      "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"),
    W("sendgrid", "\\bSG\\.[A-Za-z0-9_\\-]{22}\\.[A-Za-z0-9_\\-]{43}", "\\bSG\\.", 3, 69,
      "SG."
      "aB3dE5gH7jK9mN1pQ3sT5v.W7yZ9bC1dE3fG5hJ7kL9mN1pQ3sT5vW7yZ9bC1dE3fG"),
    W("twilio", "\\bSK[0-9a-f]{32}", "\\bSK[0-9a-f]", 3, 34,
      "SK"
      "0123456789abcdef0123456789abcdef"),
    W("dsn", "postgres://[A-Za-z0-9_]+:[A-Za-z0-9!%._\\-]+@[A-Za-z0-9.\\-]+", "postgres://", 11, 256,
      "postgres://app:s3cret@db.internal"),
    W("uuid", "\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "\\b[0-9a-f]{4}", 4, 36,
      "0b9c2f4e-3a57-4c1d-9e21-7f6b5a4d3c2b"),
    W("eth", "\\b0x[0-9a-fA-F]{40}", "\\b0x[0-9a-fA-F]", 3, 42,
      "0x"
      "52908400098527886E0F7030069857D2E4169EE7"),
    W("btc", "\\bbc1[a-z0-9]{38,58}", "\\bbc1", 3, 61,
      "bc1"
      "qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    W("ipv4", "\\b\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}", "\\b[0-9]", 1, 15, "192.168.17.4"),
    W("mac", "\\b[0-9A-F]{2}(:[0-9A-F]{2}){5}", "\\b[0-9A-F]{2}:", 3, 17, "3C:22:FB:9A:01:7E"),
    W("vin", "\\b[A-HJ-NPR-Z0-9]{17}", "\\b[A-HJ-NPR-Z0-9]{3}", 3, 17, "WVWZZZ1JZXW000001"),
    W("in-pan", "\\b[A-Z]{5}\\d{4}[A-Z]", "\\b[A-Z]{5}[0-9]", 6, 10, "ABCPE1234F"),
    D("card", "\\b[2-6]\\d{3}[ \\-]?\\d{4}[ \\-]?\\d{4}[ \\-]?\\d{4}", "\\b[2-6][0-9]{2}", 3, 19,
      "4111 1111 1111 1111"),
    D("amex", "\\b3[47]\\d{2}[ \\-]?\\d{6}[ \\-]?\\d{5}", "\\b3[47]", 2, 17, "3782 822463 10005"),
    D("us-ssn", "\\b\\d{3}[ \\-]\\d{2}[ \\-]\\d{4}", "\\b[0-9]{3}", 3, 11, "078-05-1120"),
    D("phone", "\\+[1-9]\\d{0,2}([ ./\\-]?\\(?\\d{1,5}\\)?){2,6}", "\\+[1-9]", 2, 40, "+49 30 901820"),
    D("us-phone", "\\(\\d{3}\\) \\d{3}-\\d{4}", "\\([0-9]", 2, 14, "(415) 555-2671"),
    D("de-tax", "\\b\\d{2} \\d{3} \\d{3} \\d{3}", "\\b[0-9]{2}", 2, 14, "65 929 970 489"),
    D("uk-nhs", "\\b\\d{3} \\d{3} \\d{4}", "\\b[0-9]{3}", 3, 12, "943 476 5919"),
    D("coordinates", "\\b\\d{1,2}\\.\\d{4,6}, ?\\d{1,3}\\.\\d{4,6}", "\\b[0-9]", 1, 24, "52.5200, 13.4050"),
    {"iban", "\\b[A-Z]{2}\\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?", "\\b[A-Z]{2}[0-9]", 3, 42, RUN_GROUPS,
     HEAD_FIXED, "DE89 3704 0044 0532 0130 00"},
    {"uk-nino", "\\b[A-Z]{2} ?\\d{2} ?\\d{2} ?\\d{2} ?[A-D]", "\\b[A-Z]{2}", 2, 13, RUN_GROUPS, HEAD_FIXED,
     "AB 12 34 56 C"},
    L("password", "\\bpassword ?[=:] ?[^ \n]{6,64}", "\\bpassword", 8, 75, "password = hunter2hunter2"),
    L("bearer", "\\bAuthorization: Bearer [A-Za-z0-9._~+/=\\-]{16,256}", "\\bAuthorization:", 14, 290,
      "Authorization: Bearer abcdef0123456789abcd"),
    L("born", "\\bborn on \\d{1,2}\\.\\d{1,2}\\.\\d{4}", "\\bborn", 4, 18, "born on 14.03.1987"),
    L("us-address", "\\b\\d{1,5} [A-Z][a-z]+ (Street|Avenue|Road)", "\\b[0-9]", 1, 40,
      "1600 Amphitheatre Road"),
    {"pem", "-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[A-Za-z0-9+/=\\s]+-----END [A-Z ]{0,20}PRIVATE KEY-----",
     "-----BEGIN", 10, 4200, RUN_BLOCK, HEAD_FIXED,
     "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHVzzIbO\n-----END PRIVATE KEY-----"},
    {"pgp", "-----BEGIN PGP PRIVATE KEY BLOCK-----[^\\-]+-----END PGP PRIVATE KEY BLOCK-----", "-----BEGIN",
     10, 4200, RUN_BLOCK, HEAD_FIXED,
     "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF0wJx4BCADLxUv0kZ7w\n-----END PGP PRIVATE KEY "
     "BLOCK-----"},
};
const size_t n_patterns = sizeof patterns / sizeof patterns[0];
