/* Source code by evidence of several lines: a sample of each language, and texts that only look like one. */
#include "sallyport/code.h"

#include "detect/code_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine_help.h"

static const struct {
    const char *language, *text;
} samples[] = {
    {"C", "#include <stdio.h>\n\nstatic int total;\n\nint main(void)\n{\n    printf(\"%d\\n\", total);\n"
          "    return 0;\n}\n"},
    {"C++",
     "#include <vector>\nnamespace shop {\nclass Cart : public Base {\npublic:\n    explicit Cart(int n);\n"
     "    std::vector<int> items;\n};\n} // namespace shop\n"},
    {"Java", "package com.acme.tariff;\n\nimport java.util.List;\n\npublic class Tariff {\n"
             "    private final List<String> names;\n    @Override\n    public String toString() {\n"
             "        return names.get(0);\n    }\n}\n"},
    {"C#", "using System;\nnamespace Acme.Tariff\n{\n    public class Tariff\n    {\n"
           "        public string Name { get; set; }\n        private readonly int _rate;\n    }\n}\n"},
    {"JavaScript", "const fs = require('fs');\nfunction load(name) {\n  const text = fs.readFileSync(name);\n"
                   "  console.log(text.length);\n  return text;\n}\nmodule.exports = { load };\n"},
    {"TypeScript",
     "import { Rate } from './rate';\nexport interface Tariff {\n  name: string;\n  rate: number;\n}\n"
     "export function price(t: Tariff): number {\n  return t.rate;\n}\n"},
    {"Python",
     "import os\nfrom pathlib import Path\n\ndef load(name):\n    if not name:\n        return None\n"
     "    return Path(name).read_text()\n"},
    {"Go", "package main\n\nimport (\n\t\"fmt\"\n)\n\nfunc main() {\n\tn, err := read()\n\tif err != nil {\n"
           "\t\treturn\n\t}\n\tfmt.Println(n)\n}\n"},
    {"Rust", "use std::fs;\n\n#[derive(Debug)]\npub struct Tariff {\n    rate: u32,\n}\n\nimpl Tariff {\n"
             "    pub fn price(&self) -> u32 {\n        self.rate\n    }\n}\n"},
    {"PHP", "<?php\nnamespace Acme;\nclass Tariff {\n    private $rate;\n    public function price($n) {\n"
            "        return $this->rate * $n;\n    }\n}\n"},
    {"Ruby", "require 'json'\n\nmodule Acme\n  class Tariff\n    attr_reader :rate\n    def price(n)\n"
             "      rate * n\n    end\n  end\nend\n"},
    {"Swift",
     "import Foundation\n\nstruct Tariff: Codable {\n    let rate: Int\n    func price(n: Int) -> Int {\n"
     "        guard n > 0 else { return 0 }\n        return rate * n\n    }\n}\n"},
    {"Kotlin", "package com.acme\n\ndata class Tariff(val rate: Int)\n\nfun price(t: Tariff, n: Int): Int {\n"
               "    val sum = t.rate * n\n    return sum\n}\n"},
    {"Scala", "package acme\n\ncase class Tariff(rate: Int)\n\nobject Tariff {\n"
              "  def price(t: Tariff, n: Int): Int = t.rate * n\n  private def none: Int = 0\n}\n"},
    {"SQL", "SELECT c.name, sum(o.total)\nFROM customers c\nJOIN orders o ON o.customer = c.id\n"
            "WHERE o.year = 2024\nGROUP BY c.name\nORDER BY 2 DESC;\n"},
    {"shell", "#!/bin/sh\nset -eu\nfor f in *.log; do\n    if [ -s \"$f\" ]; then\n        gzip \"$f\"\n    "
              "fi\ndone\n"},
    {"PowerShell", "param(\n    [string]$Path\n)\n$files = Get-ChildItem $Path\nforeach ($f in $files) {\n"
                   "    Write-Host $f.Name\n}\n"},
    {"Perl", "use strict;\nuse warnings;\nmy $total = 0;\nwhile (my $line = <STDIN>) {\n    chomp $line;\n"
             "    $total += $line;\n}\nprint \"$total\\n\";\n"},
    {"R", "library(ggplot2)\nrates <- read.csv(\"rates.csv\")\nprice <- function(n) {\n  sum <- n * rates$x\n"
          "  return(sum)\n}\n"},
    {"Lua",
     "local M = {}\n\nfunction M.price(n)\n  if n == nil then\n    return 0\n  end\n  return n * 2\nend\n\n"
     "return M\n"},
    {"HTML",
     "<!DOCTYPE html>\n<html>\n<head>\n<title>Rates</title>\n</head>\n<body>\n<h1>Rates</h1>\n</body>\n"
     "</html>\n"},
    {"CSS",
     "body {\n  margin: 0;\n  font-family: sans-serif;\n}\n.card {\n  padding: 4px;\n  color: #333;\n}\n"},
    {"Terraform",
     "provider \"aws\" {\n  region = \"eu-central-1\"\n}\n\nresource \"aws_s3_bucket\" \"logs\" {\n"
     "  bucket = \"acme-logs\"\n  tags = {\n    Team = \"ops\"\n  }\n}\n"},
    {"YAML", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n"},
    {"Python", "Please look at this:\n```python\nx = 1\ny = 2\n```\nThanks.\n"},
    {"C++", "```c++\nreturn x;\nx++;\n```\n"},
    {"Go", "````go\nx := 1\n```\ny := 2\n````\nThanks.\n"},
    {"Lua", "~~~lua\nx = 1\n```python\ny = 2\n~~~\nThanks.\n"},
    {"Java",
     "Hello,\r\nwhy does this not compile?\r\n\r\nimport java.util.*;\r\npublic class A {\r\n"
     "    private static final int N = 1;\r\n    public static void main(String[] a) {\r\n    }\r\n}\r\n"},
};

static const struct {
    const char *name, *text;
} others[] = {
    {"nothing", ""},
    {"prose", "Dear Anna,\nif you want to import the goods from Spain, for each order we need a form.\n"
              "While it is open: please wait.\nClass starts at nine.\nReturn it to me.\nThanks,\nTom\n"},
    {"prose that begins like statements",
     "import duties have to be paid by the buyer of the goods\nfor all that is known, in this case:\n"
     "if nothing is said about it, the old contract holds\nreturn the form by Friday\nelse call us\n"},
    {"a log", "2024-05-01 10:00:01 INFO  [main] com.acme.Server started in 3 ms\n"
              "2024-05-01 10:00:02 WARN  [io-1] com.acme.Pool: no connection (retry=1)\n"
              "2024-05-01 10:00:03 ERROR [io-1] com.acme.Pool: gave up\n"
              "    at com.acme.Pool.get(Pool.java:17)\n    at com.acme.Server.run(Server.java:4)\n"},
    {"a table", "id,name,rate\n1,Anna,3\n2,Tom,4\n3,Eva,5\n"},
    {"JSON", "{\n  \"name\": \"web\",\n  \"rates\": [1, 2],\n  \"on\": {\n    \"a\": null\n  }\n}\n"},
    {"settings", "[server]\nport = 8080\nhost = localhost\n\n[log]\nlevel = info\npath = /var/log/x.log\n"},
    {"nginx", "server {\n    listen 80;\n    server_name example.com;\n    location / {\n        root "
              "/srv;\n    }\n}\n"},
    {"mail",
     "From: anna@example.com\nTo: tom@example.com\nSubject: rates\nDate: Mon, 1 Apr 2024 10:00:00 +0000\n\n"
     "Hi Tom,\n\nsee below.\n\n> for the record: it was me.\n> if so: fine.\n\n-- \nAnna\n"},
    {"Markdown",
     "# Rates\n\n- one\n- two: `x`\n\n1. begin\n2. end\n\n> quoted\n\n```\nplain text\nof two lines\n```\n"},
    {"a list of words", "class\nreturn\nwhile\nfor\nif\nelse\nint\nvoid\n"},
    {"a diff of prose", "-old line\n+new line\n another line\n"},
    {"one line", "Why does `int main(void){ return 0; }` not print anything?"},
};

static sp_code look(const char *text)
{
    sp_code code;
    sp_code_look(&code, engine, (sp_bytes){(const uint8_t *)text, strlen(text)});
    return code;
}

static void each_language_is_told(void **state)
{
    (void)state;
    uint32_t seen = 0;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const sp_code code = look(samples[i].text);
        if (code.language == NULL || strcmp(code.language, samples[i].language) != 0)
            fail_msg("sample %zu, %s: %s", i, samples[i].language, code.language ? code.language : "none");
        assert_true(code.confidence >= 60 && code.start < code.end && code.end <= strlen(samples[i].text));
        for (size_t l = 0; sp_code_language_at(l) != NULL; l++) {
            if (strcmp(sp_code_language_at(l), code.language) == 0) seen |= 1u << l;
        }
    }
    assert_int_equal(seen, (1u << SP_LANGUAGE_LIMIT) - 1);
}

static void other_texts_are_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const sp_code code = look(others[i].text);
        if (code.language != NULL) fail_msg("%s: %s", others[i].name, code.language);
    }
}

/* A text of prose with code in it says where that stands. */
static void the_place_is_that_of_the_code(void **state)
{
    (void)state;
    char text[4096];
    size_t n = 0;
    for (unsigned i = 0; i < 20; i++)
        n += (size_t)sprintf(text + n, "We met on Monday and spoke about the rates.\n");
    const size_t start = n;
    n += (size_t)sprintf(text + n, "%s", samples[0].text);
    const size_t end = n;
    for (unsigned i = 0; i < 20; i++) n += (size_t)sprintf(text + n, "Then we went home and slept.\n");
    const sp_code code = look(text);
    assert_string_equal(code.language, "C");
    assert_int_equal(code.start, start);
    assert_in_range(code.end, start + 1, end);
}

/* The same paragraph is prose again behind a block, however many signs the block stands between. */
static void a_block_ends_with_as_many_signs_as_began_it(void **state)
{
    (void)state;
    static const char *const blocks[] = {"```\nx\n```\n", "````\nx\n````\n", "````\nx\n```\ny\n`````\n",
                                         "~~~~\nx\n```\n~~~~\n", "```in the line```\n"};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        char text[4096];
        size_t n = (size_t)sprintf(text, "%s", blocks[i]);
        for (unsigned k = 0; k < 3; k++) {
            n += (size_t)sprintf(text + n, "import os\nimport sys, os\n");
            for (unsigned line = 0; line < 8; line++)
                n += (size_t)sprintf(text + n, "We met on Monday and spoke about the rates.\n");
            n += (size_t)sprintf(text + n, "%s\n", k == 0 ? "self.rate = 1" : "raise ValueError");
            for (unsigned line = 0; line < 8; line++)
                n += (size_t)sprintf(text + n, "We met on Monday and spoke about the rates.\n");
        }
        if (look(text).language != NULL) fail_msg("behind block %zu: %s", i, look(text).language);
    }
}

static void cues_fit_as_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *cue, *line;
        bool nocase, fits;
    } cases[] = {
        {"def~%(`):^", "def load(a, b):", false, true},
        {"def~%(`):^", "def load(a, b): return", false, false},
        {"def~%(`):^", "def load(x=(1):2):  ", false, true},
        {"def~%(", "define(", false, false},
        {"int~% = ", "int n=3;", false, true},
        {"int~% = ", "int 3 = n", false, false},
        {"import~&;^", "import java.util.List;  ", false, true},
        {"select~`~from~", "SELECT a, b FROM t", true, true},
        {"select~`~from~", "SELECT a, b FROM t", false, false},
        {"end^", "end", false, true},
        {"end^", "ending", false, false},
        {"`do |", "each do |x|", false, true},
        {"% = ", "", false, false},
        {"if (`~-eq~", "if (a     -ne      -eq b", false, true},
        {"if (`~-eq~", "if (a     -ne      -eq", false, false},
        {"`) {^", "a)  )   ) {", false, true},
        {"`) {^", "a)  )   ) { b", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const sp_bytes line = {(const uint8_t *)cases[i].line, strlen(cases[i].line)};
        if (sp_code__fits(cases[i].cue, line, cases[i].nocase) != cases[i].fits)
            fail_msg("%s on %s", cases[i].cue, cases[i].line);
    }
}

/* What is written wrong would never be met, or be met everywhere. */
static void check_cue(const char *cue)
{
    if (strlen(cue) < 2 || strcmp(cue, "%^") == 0) fail_msg("%s says nothing", cue);
    for (const char *any = strchr(cue, '`'); any != NULL; any = strchr(any + 1, '`'))
        if (any[1] == '%' || any[1] == '&' || any[1] == '\0') fail_msg("%s has no end", cue);
}

static void cues_are_well_formed(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t g = 0; g < sp_code_n_groups; g++) {
        assert_true(sp_code_groups[g].languages != 0 && sp_code_groups[g].weight > 0);
        for (const char *const *cue = sp_code_groups[g].lines; *cue != NULL; cue++, n++) check_cue(*cue);
    }
    assert_true(n > 900 && n <= SP_CODE_CUES_MAX);
}

/* A line that the cue fits, with as little as each of its signs may stand for, or with more. */
static size_t line_for(char *line, const char *cue, bool is_long)
{
    size_t n = 0;
    for (; *cue != '\0'; cue++) {
        const char *part = *cue == '~'   ? is_long ? " \t" : " "
                           : *cue == '%' ? is_long ? "a_1" : "a"
                           : *cue == '&' ? is_long ? "a.b" : "a"
                           : *cue == '`' ? is_long ? "x y" : ""
                           : *cue == ' ' ? is_long ? " " : ""
                           : *cue == '^' ? ""
                                         : NULL;
        n += part != NULL ? (size_t)sprintf(line + n, "%s", part) : (size_t)sprintf(line + n, "%c", *cue);
    }
    return n;
}

static bool is_listed(const sp_code_index *index, const char *cue, sp_bytes line)
{
    uint16_t lists[SP_CODE_LISTS];
    sp_code__lists(lists, index, line);
    for (size_t k = 0; k < SP_CODE_LISTS; k++) {
        for (uint16_t i = lists[k]; i != 0; i = index->cues[i - 1].next) {
            const sp_code_cue *met = &index->cues[i - 1];
            if (met->line == cue) return (sp_code__start(line) & met->mask) == met->start;
        }
    }
    return false;
}

/* @return how many of the two lines fit. */
static size_t check_listed(const sp_code_index *index, const char *cue, bool nocase)
{
    size_t n = 0;
    for (unsigned is_long = 0; is_long < 2; is_long++) {
        char text[256];
        const sp_bytes line = {(const uint8_t *)text, line_for(text, cue, is_long != 0)};
        for (size_t i = 0; nocase && i < line.n; i += 2)
            if (text[i] >= 'a' && text[i] <= 'z') text[i] = (char)(text[i] - 'a' + 'A');
        if (line.n == 0 || text[0] == ' ' || !sp_code__fits(cue, line, nocase)) continue;
        if (!is_listed(index, cue, line)) fail_msg("%s on %s", cue, text);
        n++;
    }
    return n;
}

/* The index hides no cue from a line that it fits. */
static void the_index_finds_each_cue(void **state)
{
    (void)state;
    sp_code_index *index = malloc(sizeof *index);
    assert_non_null(index);
    sp_code__index(index);
    size_t n = 0;
    for (size_t g = 0; g < sp_code_n_groups; g++) {
        const bool nocase = sp_code_groups[g].languages == 1u << SP_LANGUAGE_SQL;
        for (const char *const *cue = sp_code_groups[g].lines; *cue != NULL; cue++)
            n += check_listed(index, *cue, nocase);
    }
    assert_true(n > 1800);
    free(index);
}

/* What a line is compared with is bounded by how it begins, and so what its byte costs. */
static void a_line_is_compared_with_few_cues(void **state)
{
    (void)state;
    sp_code_index *index = malloc(sizeof *index);
    assert_non_null(index);
    sp_code__index(index);
    for (unsigned pair = 0; pair < 1 << 16; pair++) {
        const uint8_t bytes[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};
        uint16_t lists[SP_CODE_LISTS];
        size_t n = 0;
        sp_code__lists(lists, index, (sp_bytes){bytes, 2});
        for (size_t k = 0; k < SP_CODE_LISTS; k++)
            for (uint16_t i = lists[k]; i != 0; i = index->cues[i - 1].next) n++;
        if (n > 70) fail_msg("%zu cues for %c%c", n, bytes[0], bytes[1]);
    }
    free(index);
}

/* Bytes of any sort are safe, and lines that nearly fit cost no more than a bounded share each. */
static void any_bytes_are_safe(void **state)
{
    (void)state;
    enum { N = 1 << 16 };
    uint8_t *text = malloc(N);
    assert_non_null(text);
    uint64_t rng = 52;
    for (unsigned round = 0; round < 40; round++) {
        for (size_t i = 0; i < N; i++) {
            rng = rng * 6364136223846793005u + 1442695040888963407u;
            text[i] = round % 2 == 0 ? (uint8_t)(rng >> 33) : (uint8_t) "if (a~`\n"[rng >> 33 & 7];
        }
        sp_code code;
        sp_code_look(&code, engine, (sp_bytes){text, N - round});
        assert_true(code.language == NULL || code.end <= N);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_language_is_told),
        cmocka_unit_test(other_texts_are_none),
        cmocka_unit_test(the_place_is_that_of_the_code),
        cmocka_unit_test(cues_fit_as_they_are_written),
        cmocka_unit_test(cues_are_well_formed),
        cmocka_unit_test(any_bytes_are_safe),
        cmocka_unit_test(the_index_finds_each_cue),
        cmocka_unit_test(a_line_is_compared_with_few_cues),
        cmocka_unit_test(a_block_ends_with_as_many_signs_as_began_it),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
