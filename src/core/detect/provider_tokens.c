/* Tokens of services by form (token.h): what documents of the services say, or what their tokens show. Most
 * have a word of their own in front, since scanners of repositories asked for it; where a checksum is public
 * its proof stands here. The forms are the tests: test_tokens.c fills each at random, and spoils it. */
#include "detect/token.h"

#include <string.h>

/* ---- proofs ---- */

static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* npm_<30 random><6: their CRC-32 in base 62>, as of GitHub (GitHub, "Behind GitHub's new authentication
 * token formats", 2021; npm took them over). */
static bool is_npm(sp_bytes token)
{
    enum { WORD = 4, RANDOM = 30, CRC = 6 };
    uint32_t crc = sp_crc32(0, (sp_bytes){token.p + WORD, RANDOM});
    for (size_t i = WORD + RANDOM + CRC; i-- > WORD + RANDOM; crc /= 62) {
        if (token.p[i] != (uint8_t)base62[crc % 62]) return false;
    }
    return crc == 0;
}

/* cfat_<40 random><8: their CRC-32 in hexadecimal>. */
static bool is_cloudflare(sp_bytes token)
{
    enum { RANDOM = 40, CRC = 8 };
    uint8_t crc[4];
    const uint8_t *end = token.p + token.n;
    if (sp_hex_decode(crc, sizeof crc, (sp_bytes){end - CRC, CRC}) != SP_OK) return false;
    sp_reader in = sp_reader_of((sp_bytes){crc, sizeof crc});
    return sp_read_u32(&in) == sp_crc32(0, (sp_bytes){end - CRC - RANDOM, RANDOM});
}

/* glpat-<payload>.<version>.<2: length of the payload><7: CRC-32 of all before it in base 36> (GitLab,
 * lib/authn/token_field/generator/routable_token.rb; older ones without the version). */
static bool is_gitlab_routable(sp_bytes token)
{
    enum { CRC = 7 };
    static const char base36[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint32_t crc = sp_crc32(0, (sp_bytes){token.p, token.n - CRC});
    for (size_t i = token.n; i-- > token.n - CRC; crc /= 36) {
        if (token.p[i] != (uint8_t)base36[crc % 36]) return false;
    }
    return crc == 0;
}

/* The checksum of Bech32 (BIP 173), over the human part and the data. */
static uint32_t bech32_step(uint32_t sum, uint32_t v)
{
    static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    const uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ v;
    for (unsigned i = 0; i < 5; i++) sum ^= (top >> i & 1) != 0 ? generator[i] : 0;
    return sum;
}

static bool is_bech32(sp_bytes token)
{
    static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const uint8_t *one = memrchr(token.p, '1', token.n);
    if (one == NULL) return false;
    const size_t human = (size_t)(one - token.p);
    uint32_t sum = 1;
    for (size_t i = 0; i < human; i++) sum = bech32_step(sum, (uint32_t)(token.p[i] | 0x20) >> 5);
    sum = bech32_step(sum, 0);
    for (size_t i = 0; i < human; i++) sum = bech32_step(sum, (token.p[i] | 0x20) & 31);
    for (size_t i = human + 1; i < token.n; i++) {
        const uint8_t c = token.p[i];
        const char *digit = strchr(digits, sp_is_upper(c) ? c + 32 : c);
        if (digit == NULL) return false;
        sum = bech32_step(sum, (uint32_t)(digit - digits));
    }
    return sum == 1;
}

/* ---- rows ---- */

#define TOKEN(title, id, forms_of) PROVEN(title, id, forms_of, NULL)
#define PROVEN(title, id, forms_of, proof_of)                                                         \
    {                                                                                                 \
        .name = (title), .kind = SP_KIND_##id, .forms = (forms_of), .proof = (proof_of), SP_TOKEN_ROW \
    }

static const sp_row rows[] = {
    /* Models and what is built around them */
    TOKEN("huggingface-token", HUGGINGFACE_TOKEN, "hf_{a34} api_org_{a34}"),
    TOKEN("groq-key", API_KEY, "gsk_{w52}"),
    TOKEN("replicate-token", API_KEY, "r8_{w36-40}"),
    TOKEN("perplexity-key", API_KEY, "pplx-{w40-64}"),
    TOKEN("xai-key", API_KEY, "xai-{s70-100}"),
    TOKEN("langsmith-key", API_KEY, "lsv2_(pt|sk)_{h32}_{h10}"),
    TOKEN("langfuse-secret-key", API_KEY, "sk-lf-{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("openrouter-key", API_KEY, "sk-or-v1-{h64}"),
    TOKEN("helicone-key", API_KEY, "sk-helicone-{n7}-{n7}-{n7}-{n7} pk-helicone-{n7}-{n7}-{n7}-{n7}"),
    TOKEN("elevenlabs-key", API_KEY, "sk_{h48}"),
    TOKEN("nvidia-key", API_KEY, "nvapi-{s60-72}"),
    TOKEN("voyage-key", API_KEY, "pa-{s43}"),
    TOKEN("fireworks-key", API_KEY, "fw_{w22-24}"),
    TOKEN("together-key", API_KEY, "tgp_v1_{s43}"),
    TOKEN("cerebras-key", API_KEY, "csk-{n48}"),
    TOKEN("e2b-key", API_KEY, "e2b_{h40}"),
    TOKEN("tavily-key", API_KEY, "tvly-{w32} tvly-(dev|prod)-{w32}"),
    TOKEN("firecrawl-key", API_KEY, "fc-{h32}"),
    TOKEN("pinecone-key", API_KEY, "pcsk_{w5-6}_{w60-70}"),
    TOKEN("weights-and-biases-key", API_KEY, "wandb_v1_{s40-90}"),
    TOKEN("jina-key", API_KEY, "jina_{w32}{s28}"),
    TOKEN("mem0-key", API_KEY, "m0-{w40}"),
    TOKEN("runpod-key", API_KEY, "rpa_{w40-52}"),
    TOKEN("llamacloud-key", API_KEY, "llx-{w48}"),
    TOKEN("apify-token", API_KEY, "apify_api_{w34-36}"),
    TOKEN("bedrock-key", API_KEY, "ABSK{b108-269}"),
    TOKEN("bedrock-short-key", API_KEY, "bedrock-api-key-{t60-2000}"),
    TOKEN("lambda-cloud-key", API_KEY, "secret_{n10-40}_{h32}.{w32}"),

    /* Clouds */
    TOKEN("gcp-api-key", GCP_API_KEY, "AIza{s35}"),
    TOKEN("google-client-secret", GOOGLE_OAUTH, "GOCSPX-{s28}"),
    TOKEN("google-access-token", GOOGLE_OAUTH, "ya29.{p40-1000}"),
    TOKEN("google-refresh-token", GOOGLE_OAUTH, "1//0{s40-140}"),
    TOKEN("google-hmac-key", API_KEY, "GOOG1E{N55-56}"),
    TOKEN("firebase-server-key", API_KEY, "{s11}<:APA91b>{s130-140}"),
    TOKEN("azure-storage-key", AZURE_KEY, "{b76}<+ASt>{b6}=="),
    TOKEN("azure-cosmos-key", AZURE_KEY, "{b76}<ACDb>{b6}=="),
    TOKEN("azure-batch-key", AZURE_KEY, "{b76}<+ABa>{b6}=="),
    TOKEN("azure-service-bus-key", AZURE_KEY, "{b33}<+ASb>{b6}="),
    TOKEN("azure-event-hub-key", AZURE_KEY, "{b33}<+AEh>{b6}="),
    TOKEN("azure-relay-key", AZURE_KEY, "{b33}<+ARm>{b6}="),
    TOKEN("azure-iot-key", AZURE_KEY, "{b33}<AIoT>{b6}="),
    TOKEN("azure-search-key", AZURE_KEY, "{w42}<AzSe>{w6}"),
    TOKEN("azure-registry-key", AZURE_KEY, "{b42}<+ACR>{w6}"),
    TOKEN("azure-function-key", AZURE_KEY, "{s44}<AzFu>{s8}=="),
    TOKEN("azure-openai-key", AZURE_KEY, "{w52}<JQQJ99>{w26}"),
    TOKEN("azure-client-secret", AZURE_KEY, "{p3}{d1}<Q~>{z31-34}"),
    TOKEN("intra42-secret", API_KEY, "s-s4t2ud-{h64} s-s4t2af-{h64}"),
    TOKEN("azure-devops-token", AZURE_KEY, "{w76}<AZDO>{w4}"),
    TOKEN("digitalocean-token", DIGITALOCEAN_TOKEN, "dop_v1_{h64} doo_v1_{h64} dor_v1_{h64}"),
    TOKEN("alibaba-access-key-id", API_KEY, "LTAI{w12-20}"),
    TOKEN("tencent-secret-id", API_KEY, "AKID{w32}"),
    TOKEN("yandex-cloud-key", API_KEY, "AQVN{s35-38}"),
    TOKEN("yandex-cloud-iam-token", API_KEY, "t1.{p80-500}"),
    TOKEN("yandex-passport-token", API_KEY, "y0_{s50-60}"),
    TOKEN("yandex-aws-secret", API_KEY, "YCA{s32-38} YCO{s37-38} YCN{s37-38} YCM{s37-38}"),
    TOKEN("scaleway-access-key", API_KEY, "SCW{N17}"),
    PROVEN("cloudflare-token", API_KEY, "cfat_{w40}{h8} cfut_{w40}{h8} cfk_{w40}{h8}", is_cloudflare),
    TOKEN("cloudflare-origin-ca-key", API_KEY, "v1.0-{h24}-{h146}"),
    TOKEN("fly-token", API_KEY, "fo1_{s43} fm1a_{t100-2000} fm1r_{t100-2000} fm2_{t100-2000}"),
    TOKEN("netlify-token", API_KEY, "nfp_{w36} nfc_{w36} nfo_{w36} nfu_{w36}"),
    TOKEN("vercel-token", API_KEY, "vcp_{w24-60} vci_{w24-60} vca_{w24-60} vcr_{w24-60} vck_{w24-60}"),
    TOKEN("supabase-token", API_KEY, "sbp_{n40} sb_secret_{s31} sbp_oauth_{h40}"),
    TOKEN("planetscale-token", API_KEY, "pscale_tkn_{p32-64} pscale_oauth_{p32-64} pscale_pw_{p32-64}"),
    TOKEN("neon-key", API_KEY, "napi_{n60-70}"),
    TOKEN("render-key", API_KEY, "rnd_{w28-36}"),
    TOKEN("heroku-key", HEROKU_KEY, "HRKU-AA{s58} HRKU-{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("doppler-token", API_KEY, "dp.(pt|ct|scim|audit|said|sa).{w40-44} dp.st.{p40-80}"),
    TOKEN("infisical-token", API_KEY, "st.{h24}.{h32}.{h32}"),
    TOKEN("pulumi-token", API_KEY, "pul-{h40}"),
    TOKEN("terraform-token", TERRAFORM_TOKEN, "{w14}<.atlasv1.>{s60-70}"),
    TOKEN("vault-token", VAULT_TOKEN, "hvs.{s90-200} hvs.{s24} hvb.{s100-300} hvr.{s24-200}"),
    TOKEN("databricks-token", DATABRICKS_TOKEN, "dapi{x32} dapi{x32}-{d1} dose{h32} dkea{h32}"),
    TOKEN("tailscale-key", API_KEY, "tskey-{l3-10}-{w8-20}-{w9-40} tskey-{l3-10}-{w20-40} tskey-{h24}"),
    TOKEN("1password-service-account", API_KEY, "ops_eyJ{t240-2000}"),
    TOKEN("1password-secret-key", API_KEY, "A3-{N6}-{N6}-{N5}-{N5}-{N5}-{N5} A3-{N6}-{N11}-{N5}-{N5}-{N5}"),
    TOKEN("aiven-password", PASSWORD, "AVNS_{s19}"),
    TOKEN("fauna-key", API_KEY, "fnA{s36-38}"),
    TOKEN("xata-key", API_KEY, "xau_{w32-40}"),
    TOKEN("openshift-token", API_KEY, "sha256~{s43}"),
    TOKEN("akamai-token", API_KEY, "akab-{n16}-{n16}"),

    /* Code and packages */
    TOKEN("gitlab-token", GITLAB_TOKEN, "glpat-{s20}"),
    TOKEN("gitlab-runner-token", GITLAB_TOKEN, "glrt-{s20} glrt-t{d1}_{s20-27} GR1348941{s20}"),
    PROVEN("gitlab-routable-token", GITLAB_TOKEN,
           "glpat-{s27-300}.{n9} glpat-{s20-300}.{n2}.{n9} glrt-t{d1}_{s27-300}.{n9} "
           "glrt-{s27-300}.{n2}.{n9}",
           is_gitlab_routable),
    TOKEN("gitlab-other-token", GITLAB_TOKEN,
          "gldt-{s20} glft-{s20} glimt-{s25} glsoat-{s20} glffct-{s20} glptt-{h40} gloas-{h64} "
          "glagent-{s50} glwt-{s20-60}"),
    TOKEN("gitlab-job-token", GITLAB_TOKEN, "glcbt-{w1-5}_{s20} glcbt-{s20}"),
    TOKEN("bitbucket-app-password", BITBUCKET_TOKEN, "ATBB{w24}{x8} ATBB{w32}"),
    TOKEN("bitbucket-access-token", BITBUCKET_TOKEN, "ATCTT3xFfGN0{s100-240}={x8}"),
    TOKEN("atlassian-token", ATLASSIAN_TOKEN, "ATATT3xFfGF0{s100-240}={x8} ATATT{s180-220}"),
    PROVEN("npm-token", NPM_TOKEN, "npm_{w36}", is_npm),
    TOKEN("pypi-token", PYPI_TOKEN, "pypi-AgEIcHlwaS5vcmc{s50-1000} pypi-AgENdGVzdC5weXBpLm9yZw{s50-1000}"),
    TOKEN("rubygems-key", API_KEY, "rubygems_{h48}"),
    TOKEN("nuget-key", API_KEY, "oy2{n43}"),
    TOKEN("crates-token", API_KEY, "cio{w32}"),
    TOKEN("clojars-token", API_KEY, "CLOJARS_{n60}"),
    TOKEN("packagist-token", API_KEY, "packagist_(uut|ort|out|oat)_{h60-76}"),
    TOKEN("dockerhub-token", DOCKERHUB_TOKEN, "dckr_pat_{s27} dckr_oat_{s32}"),
    TOKEN("artifactory-key", API_KEY, "AKCp{w69}"),
    TOKEN("artifactory-reference-token", API_KEY, "cmVmdGtu{w56}"),
    TOKEN("sonar-token", API_KEY, "sqp_{h40} squ_{h40} sqa_{h40} sqb_{h40}"),
    TOKEN("snyk-token", API_KEY, "snyk_(uat|sat).{n8}.{s40-400}"),
    TOKEN("circleci-token", API_KEY, "CCIPAT_{w22}_{n40} CCIPRJ_{w22}_{n40}"),
    TOKEN("buildkite-token", API_KEY, "bkua_{n40-44} bkpi_{h40} bkaj_{p40-400} bkct_{w40-80}"),
    TOKEN("harness-token", API_KEY, "pat.{s22}.{h24}.{w20} sat.{s22}.{h24}.{w20}"),
    TOKEN("octopus-key", API_KEY, "API-{N26-32}"),
    TOKEN("launchdarkly-key", API_KEY,
          "sdk-{x8}-{x4}-{x4}-{x4}-{x12} api-{x8}-{x4}-{x4}-{x4}-{x12} "
          "mob-{x8}-{x4}-{x4}-{x4}-{x12}"),
    TOKEN("sourcegraph-token", API_KEY, "sgp_{x40} sgp_local_{x40} sgp_{x16}_{x40} slk_{h64} sgd_{h64}"),
    TOKEN("infracost-key", API_KEY, "ico-{w32}"),
    TOKEN("spectral-key", API_KEY, "spu-{h32}"),
    TOKEN("endor-key", API_KEY, "endr+{w16}"),
    TOKEN("depot-token", API_KEY, "depot_(org|project|user)_{w40-120}"),
    TOKEN("deno-token", API_KEY, "ddp_{w36} ddw_{w36}"),
    TOKEN("trigger-key", API_KEY, "tr_(dev|prod|stg|pat)_{w20-44}"),
    TOKEN("inngest-key", API_KEY, "signkey-(prod|test|branch)-{h64}"),
    TOKEN("chromatic-token", API_KEY, "chpt_{h12-32}"),
    TOKEN("wakatime-key", API_KEY, "waka_{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("postman-key", API_KEY, "PMAK-{h24}-{h34} PMAT-{N26}"),
    TOKEN("readme-key", API_KEY, "rdme_{n70}"),
    TOKEN("prefect-key", API_KEY, "pnu_{w36} pnb_{w36}"),
    TOKEN("settlemint-token", API_KEY, "sm_(aat|pat|sat)_{w16}"),
    TOKEN("defined-networking-key", API_KEY, "dnkey-{s26}-{s52}"),

    /* Watching */
    TOKEN("sentry-token", SENTRY_TOKEN, "sntrys_eyJ{t80-600} sntryu_{h64}"),
    TOKEN("grafana-token", GRAFANA_TOKEN, "glsa_{w32}_{x8} glc_eyJ{t32-400} glc_{t48-400} eyJrIjoi{b60-400}"),
    TOKEN("newrelic-key", NEWRELIC_KEY,
          "NRAK-{N27} NRJS-{h19} NRII-{s32} NRIQ-{s32} NRAA-{h27} NRRA-{h42} NRIP-{s27-32} "
          "NRAK{w27}"),
    TOKEN("newrelic-license", NEWRELIC_KEY, "{x36}<NRAL> {h30}<FFFFNRAL> eu01xx{x26-34}NRAL"),
    TOKEN("pixie-key", NEWRELIC_KEY, "px-(dep|api)-{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("dynatrace-token", API_KEY,
          "dt0c01.{N24}.{N64} dt0(s01|s02|s06|s08|s16|a01|e01).{N24}.{N64} "
          "dt0(s02|s04|s08).{N8}.{N64}"),
    TOKEN("honeycomb-key", API_KEY, "hc(aik|bik|cik|alk|xik|xlk|aic)_{n52-64}"),
    TOKEN("datadog-key", DATADOG_KEY, "ddapp_{w34-40} ddpat_{w30-80}"),
    TOKEN("posthog-key", API_KEY, "phx_{s40-48} phc_{w40-48} phs_{w40-48}"),
    TOKEN("axiom-token", API_KEY, "xaat-{h8}-{h4}-{h4}-{h4}-{h12} xapt-{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("statsig-key", API_KEY, "secret-{w40-48} console-{w40-48}"),

    /* Money */
    TOKEN("stripe-key", STRIPE_KEY,
          "sk_live_{w16-247} sk_test_{w16-247} rk_live_{w16-247} rk_test_{w16-247} "
          "sk_prod_{w16-247} rk_prod_{w16-247} sk_org_{w16-247}"),
    TOKEN("stripe-webhook-secret", STRIPE_KEY, "whsec_{b32-64}"),
    TOKEN("paypal-braintree-token", PAYPAL_TOKEN, "access_token$production${n16}${h32}"),
    TOKEN("square-token", SQUARE_TOKEN, "sq0atp-{s22} sq0csp-{s43} sq0idp-{s22} EAAA{s58-62}"),
    TOKEN("shopify-token", SHOPIFY_TOKEN,
          "shpat_{w32-40} shpca_{w32-40} shppa_{w32-40} shpss_{w32-40} shpua_{w32-40} "
          "shptka_{w32-40} shprka_{w32-40} shpltm_{w32-40}"),
    TOKEN("plaid-token", API_KEY,
          "access-sandbox-{h8}-{h4}-{h4}-{h4}-{h12} access-production-{h8}-{h4}-{h4}-{h4}-{h12} "
          "access-development-{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("adyen-key", API_KEY, "AQE{t70-400}"),
    TOKEN("razorpay-key", API_KEY, "rzp_live_{w14} rzp_test_{w14}"),
    TOKEN("flutterwave-key", API_KEY,
          "FLWSECK_TEST-{n32}-X FLWSECK-{n32}-X FLWPUBK_TEST-{n32}-X FLWPUBK-{n32}-X"),
    TOKEN("checkout-key", API_KEY,
          "sk_sbox_{n26-27} sk_{h8}-{h4}-{h4}-{h4}-{h12} sk_test_{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("lob-key", API_KEY, "live_{h35} test_{h35} live_pub_{h31} test_pub_{h31}"),
    TOKEN("mollie-key", API_KEY, "live_{w30} test_{w30}"),
    TOKEN("gocardless-token", API_KEY, "live_{s40} sandbox_{s40}"),
    TOKEN("easypost-key", API_KEY, "EZAK{w54} EZTK{w54}"),
    TOKEN("shippo-token", API_KEY, "shippo_live_{x40} shippo_test_{x40}"),
    TOKEN("duffel-token", API_KEY, "duffel_live_{p43} duffel_test_{p43}"),
    TOKEN("omise-key", API_KEY, "skey_{n19} skey_test_{n19}"),
    TOKEN("xendit-key", API_KEY, "xnd_production_{w40-64} xnd_development_{w40-64}"),
    TOKEN("midtrans-key", API_KEY, "Mid-server-{s24} SB-Mid-server-{s24}"),
    TOKEN("paddle-key", API_KEY, "pdl_(live|sdbx)_apikey_{n26}_{w22}_{w3}"),
    TOKEN("polar-token", API_KEY, "polar_(oat|pat|whs)_{w40-60}"),
    TOKEN("mercury-token", API_KEY, "mercury_production_{p30-120}"),
    TOKEN("persona-key", API_KEY,
          "persona_production_{h8}-{h4}-{h4}-{h4}-{h12} persona_sandbox_{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("onfido-token", API_KEY, "api_live.{p30-60} api_sandbox.{p30-60}"),

    /* Messages */
    TOKEN("sendgrid-key", SENDGRID_KEY, "SG.{s20-24}.{s39-50}"),
    TOKEN("twilio-key", TWILIO_KEY, "SK{h32}"),
    TOKEN("mailgun-key", MAILGUN_KEY, "key-{h32} pubkey-{h32}"),
    TOKEN("mailchimp-key", MAILCHIMP_KEY, "{h32}<-us>{d1-2}"),
    TOKEN("brevo-key", API_KEY, "xkeysib-{h64}-{w16} xsmtpsib-{h64}-{w16}"),
    TOKEN("resend-key", API_KEY, "re_{w8}_{w24}"),
    TOKEN("telegram-token", TELEGRAM_TOKEN,
          "{d8-10}<:AA>{s32-34} bot{d8-10}<:AA>{s32-34} "
          "tgram://{d8-10}:{s35} api.telegram.org/bot{d8-10}:{s35}"),
    TOKEN("discord-mfa-token", DISCORD_TOKEN, "mfa.{s84}"),
    TOKEN("facebook-token", FACEBOOK_TOKEN,
          "EAAC{w80-300} EAAG{w80-300} EAAB{w80-300} EAAM{w80-300} EAAD{w80-300} EAAI{w80-300} "
          "EAACEdEose0cBA{w20-300}"),
    TOKEN("instagram-token", FACEBOOK_TOKEN, "IGQV{s80-300} IGAA{s80-300}"),
    TOKEN("intercom-key", API_KEY, "dG9rO{b54}= dG9rO{b55}"),
    TOKEN("telnyx-key", API_KEY, "KEY0{x30-36}_{w20-24} KEY{N32}_{w22}"),
    TOKEN("onesignal-key", API_KEY, "os_v2_app_{n90-120} os_v2_org_{n90-120}"),
    TOKEN("ubidots-key", API_KEY, "BBFF-{w30} BBUS-{w30}"),
    TOKEN("courier-key", API_KEY, "pk_prod_{N28} pk_test_{N28}"),

    /* Work */
    TOKEN("linear-key", API_KEY, "lin_api_{w40} lin_oauth_{h32-64} lin_wh_{w40}"),
    TOKEN("notion-token", API_KEY, "secret_{w43} ntn_{d11}{w35}"),
    TOKEN("airtable-pat", API_KEY, "pat{w14}.{h64}"),
    TOKEN("figma-token", API_KEY, "figd_{s40} figu_{s40} figdh_{s40}"),
    TOKEN("dropbox-token", API_KEY, "sl.u.{s130-2000} sl.{s130-2000}"),
    TOKEN("contentful-token", API_KEY, "CFPAT-{s40-44}"),
    TOKEN("typeform-token", API_KEY, "tfp_{p40-60}"),
    TOKEN("hubspot-token", API_KEY, "pat-(na1|na2|na3|eu1|ap1)-{x8}-{x4}-{x4}-{x4}-{x12}"),
    TOKEN("frameio-token", API_KEY, "fio-u-{s64}"),
    TOKEN("scalingo-token", API_KEY, "tk-us-{s48}"),
    TOKEN("adafruit-key", API_KEY, "aio_{w28}"),
    TOKEN("adobe-client-secret", API_KEY, "p8e-{w32}"),
    TOKEN("maxmind-key", API_KEY, "{w6}_{w29}<_mmk>"),
    TOKEN("rapidapi-key", API_KEY, "{w10}<msh>{w15}p1{w6}jsn{w12}"),
    TOKEN("mapbox-token", API_KEY,
          "sk.eyJ{s50-200}.{s20-24} pk.eyJ{s50-200}.{s20-24} tk.eyJ{s50-200}.{s20-24}"),
    TOKEN("stytch-secret", API_KEY, "secret-live-{s30-50} secret-test-{s30-50}"),
    TOKEN("pubnub-key", API_KEY,
          "sec-c-{b46-60} pub-c-{n8}-{n4}-{n4}-{n4}-{n12} sub-c-{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("canva-secret", API_KEY, "cnvca{s50-60}"),
    TOKEN("ory-token", API_KEY, "ory_(pat|at|rt|ac|apikey)_{s30-60}"),
    TOKEN("dbt-token", API_KEY, "dbtc_{s32-60} dbtu_{s32-60} dbts_{s32-60}"),
    TOKEN("hex-token", API_KEY, "hxtp_{h60-120} hxtw_{h60-120}"),
    TOKEN("metabase-key", API_KEY, "mb_{b43}="),
    TOKEN("unkey-key", API_KEY, "unkey_{w20-30}"),
    TOKEN("dub-key", API_KEY, "dub_{w24}"),
    TOKEN("cal-key", API_KEY, "cal_live_{h32} cal_{h32}"),
    TOKEN("zuplo-key", API_KEY, "zpka_{h32}_{h8}"),
    TOKEN("tinybird-token", API_KEY, "p.eyJ{s40-300}.{s43}"),
    TOKEN("flagsmith-key", API_KEY, "ser.{w20-24}"),
    TOKEN("lambdatest-key", API_KEY, "LT_{w40-60}"),
    TOKEN("nightfall-key", API_KEY, "NF-{w32}"),
    TOKEN("authress-key", API_KEY,
          "sc_{n5-30}.{n4-6}.acc_{s10-32}.{t30-140} ext_{n5-30}.{n4-6}.acc-{s10-32}.{t30-140} "
          "scauth_{n5-30}.{n4-6}.acc_{s10-32}.{t30-140}"),
    PROVEN("age-secret-key", AGE_KEY, "AGE-SECRET-KEY-1{N58}", is_bech32),
    TOKEN("wallet-extended-key", PRIVATE_KEY, "xprv{w107} yprv{w107} zprv{w107} tprv{w107}"),
    TOKEN("wallet-import-key", PRIVATE_KEY, /* WIF; BIP 38 */
          "Kw{k50} Kx{k50} Ky{k50} Kz{k50} L1{k50} L2{k50} L3{k50} L4{k50} L5{k50} 5H{k49} 5J{k49} 5K{k49} "
          "6P(R|Y|f|n|o){k55}"),
    TOKEN("nostr-secret-key", PRIVATE_KEY, "nsec1{n58}"),
    TOKEN("rootly-key", API_KEY, "rootly_{h64}"),
    TOKEN("ramp-key", API_KEY, "ramp_(id|sec|tok)_{w40-48}"),
    TOKEN("langchain-key", API_KEY, "ls__{h32}"),
    TOKEN("thingsboard-device-token", API_KEY, "thingsboard.cloud/api/v1/{n20}"),
    TOKEN("thunderstore-token", API_KEY, "tss_{w32}"),

    /* Webhooks: who knows the address may write */
    TOKEN("discord-webhook", WEBHOOK,
          "discord.com/api/webhooks/{d17-20}/{s60-72} "
          "discordapp.com/api/webhooks/{d17-20}/{s60-72}"),
    TOKEN("teams-webhook", WEBHOOK,
          "outlook.office.com/webhook/{s36}@{s36}/IncomingWebhook/{x32}/{s36} "
          "outlook.office365.com/webhook/{s36}@{s36}/IncomingWebhook/{x32}/{s36} "
          "webhook.office.com/webhookb2/{s36}@{s36}/IncomingWebhook/{x32}/{s36}{s0-60}"),
    TOKEN("zapier-webhook", WEBHOOK, "hooks.zapier.com/hooks/catch/{w4-16}/{w6-16}"),
    TOKEN("google-chat-webhook", WEBHOOK,
          "chat.googleapis.com/v1/spaces/{s8-16}/messages(?key=){s39}(&token=){s40-50}"),
    TOKEN("dingtalk-webhook", WEBHOOK, "oapi.dingtalk.com/robot/send(?access_token=){h64}"),
    TOKEN("wecom-webhook", WEBHOOK,
          "qyapi.weixin.qq.com/cgi-bin/webhook/send(?key=){x8}-{x4}-{x4}-{x4}-{x12}"),
    TOKEN("feishu-webhook", WEBHOOK,
          "open.feishu.cn/open-apis/bot/v2/hook/{x8}-{x4}-{x4}-{x4}-{x12} "
          "open.larksuite.com/open-apis/bot/v2/hook/{x8}-{x4}-{x4}-{x4}-{x12}"),
    TOKEN("ringcentral-webhook", WEBHOOK,
          "hooks.glip.com/webhook/{x8}-{x4}-{x4}-{x4}-{x12} "
          "hooks.ringcentral.com/webhook/v2/{p60-300}"),
    TOKEN("mattermost-webhook", WEBHOOK, "hooks/{n26}"),
    TOKEN("make-webhook", WEBHOOK,
          "hook.(eu1|eu2|us1|us2|integromat).make.com/{n32} hook.integromat.com/{n32}"),
    TOKEN("ifttt-webhook", WEBHOOK, "maker.ifttt.com/trigger/{s2-60}/with/key/{s20-50}"),
    TOKEN("tines-webhook", WEBHOOK, "tines.com/webhook/{h32}/{h32} tines.io/webhook/{h32}/{h32}"),

    /* Hashes of passwords, as crypt(5), PHC strings and servers write them */
    TOKEN("bcrypt-hash", PASSWORD_HASH, "$2a${d2}${c53} $2b${d2}${c53} $2x${d2}${c53} $2y${d2}${c53}"),
    TOKEN("argon2-hash", PASSWORD_HASH,
          "$argon2id$v={e30-300} $argon2i$v={e30-300} $argon2d$v={e30-300} $argon2id$m={e30-300} "
          "$argon2i$m={e30-300}"),
    TOKEN("sha-crypt-hash", PASSWORD_HASH,
          "$5${c1-16}${c43} $5$rounds={d1-9}${c1-16}${c43} $6${c1-16}${c86} "
          "$6$rounds={d1-9}${c1-16}${c86}"),
    TOKEN("md5-crypt-hash", PASSWORD_HASH, "$1${c1-8}${c22} $apr1${c1-8}${c22}"),
    TOKEN("yescrypt-hash", PASSWORD_HASH, "$y${c1-8}${c1-32}${c43} $gy${c1-8}${c1-32}${c43} $7${e40-100}"),
    TOKEN("phpass-hash", PASSWORD_HASH, "$P${c31} $H${c31} $S${c52}"),
    TOKEN("cisco-hash", PASSWORD_HASH, "$8${c14}${c43} $9${c14}${c43}"),
    /* surer than the e-mail address of the user that stands in it */
    {.name = "kerberos-hash",
     .kind = SP_KIND_PASSWORD_HASH,
     .forms = "$krb5asrep${e40-2000} $krb5tgs${e40-2000} $krb5pa${e40-2000}",
     .sure = 97,
     SP_TOKEN_ROW},
    TOKEN("framework-hash", PASSWORD_HASH,
          "pbkdf2_sha256${d4-8}${w1-40}${b43}= pbkdf2_sha1${d4-8}${w1-40}${b27}= "
          "pbkdf2_sha512${d4-8}${w1-40}${b86}== bcrypt_sha256$$2b${d2}${c53} "
          "scrypt:{d2-9}:{d1-3}:{d1-3}${c1-40}${h128} pbkdf2:sha256:{d4-8}${w1-40}${h64} "
          "scrypt${c1-40}${e20-200}"),
    TOKEN("scram-hash", PASSWORD_HASH,
          "SCRAM-SHA-256${d3-9}:{b16-44}{t0-2}${b43}=:{b43}= "
          "SCRAM-SHA-1${d3-9}:{b16-44}{t0-2}${b27}=:{b27}="),
    TOKEN("grub-hash", PASSWORD_HASH, "grub.pbkdf2.sha512.{d4-8}.{N64-300}.{N64-300}"),

    /* Others */
    TOKEN("recaptcha-key", API_KEY, "6Lc{s37} 6Ld{s37} 6Le{s37} 6Lf{s37}"),
    TOKEN("salesforce-session", API_KEY, "00D{w12-15}!{p80-130}"),
    TOKEN("ionic-token", API_KEY, "ion_{w40-44}"),
    TOKEN("dependency-track-key", API_KEY, "odt_{w32-40}"),
    TOKEN("flb-live-key", API_KEY, "flb_live_{w20}"),
    TOKEN("shelltime-token", API_KEY, "shltm_{w36-44}"),
    TOKEN("voiceflow-key", API_KEY, "VF.(WS|DM).{h24}.{w16}"),
    TOKEN("teamwork-key", API_KEY, "tkn.v1_{b60-90}"),
    TOKEN("segment-token", API_KEY, "sgp_{w64}"),
    TOKEN("clickup-token", API_KEY, "pk_{d6-9}_{N32}"),
    TOKEN("zoho-token", API_KEY, "1000.{h32}.{h32}"),
    TOKEN("django-secret-key", API_KEY, "django-insecure-{g50}"),
    TOKEN("arcade-key", API_KEY, "ak_live_{w24-48} ak_test_{w24-48}"),
    TOKEN("aws-appsync-key", API_KEY, "da2-{n26}"),
    TOKEN("amazon-mws-token", API_KEY, "amzn.mws.{h8}-{h4}-{h4}-{h4}-{h12}"),
    TOKEN("twitter-bearer-token", TWITTER_TOKEN, "AAAAAAAAAAAAAAAAAAAAA{r60-140}"),
    TOKEN("slack-legacy-config-token", SLACK_TOKEN, "xoxe-1-{b100-200}"),
};

const sp_family sp_family_provider_tokens = {rows, sizeof rows / sizeof rows[0]};
