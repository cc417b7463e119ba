/** @file code_internal.h  Languages, and lines that tell them (code_cues.c). */
#pragma once
#include "sallyport/code.h"

#include <string.h>

/** X(ID, "name", "names in fences"). The order is that of preference where two are as likely. */
#define SP_LANGUAGES(X)                                          \
    X(C, "C", "c h")                                             \
    X(CPP, "C++", "cpp c++ cc cxx hpp")                          \
    X(JAVA, "Java", "java")                                      \
    X(CSHARP, "C#", "cs csharp c#")                              \
    X(JAVASCRIPT, "JavaScript", "js javascript jsx mjs node")    \
    X(TYPESCRIPT, "TypeScript", "ts typescript tsx")             \
    X(PYTHON, "Python", "py python python3 pycon")               \
    X(GO, "Go", "go golang")                                     \
    X(RUST, "Rust", "rs rust")                                   \
    X(PHP, "PHP", "php")                                         \
    X(RUBY, "Ruby", "rb ruby")                                   \
    X(SWIFT, "Swift", "swift")                                   \
    X(KOTLIN, "Kotlin", "kt kotlin kts")                         \
    X(SCALA, "Scala", "scala")                                   \
    X(SQL, "SQL", "sql mysql psql postgresql plsql tsql sqlite") \
    X(SHELL, "shell", "sh bash zsh shell ksh")                   \
    X(POWERSHELL, "PowerShell", "powershell ps1 pwsh")           \
    X(PERL, "Perl", "pl perl pm")                                \
    X(R, "R", "r rscript")                                       \
    X(LUA, "Lua", "lua")                                         \
    X(HTML, "HTML", "html xhtml")                                \
    X(CSS, "CSS", "css scss less")                               \
    X(TERRAFORM, "Terraform", "hcl terraform tf")                \
    X(YAML, "YAML", "yaml yml")

typedef enum sp_language {
#define X(ID, name, fences) SP_LANGUAGE_##ID,
    SP_LANGUAGES(X)
#undef X
        SP_LANGUAGE_LIMIT
} sp_language;

/** Lines that begin so, behind blanks, speak for the languages.
 *  In a cue a '`' is any run of characters, '%' a name, '&' a path of names ("java.util", "std::fs"), ' '
 *  blanks or none, '~' blanks, '^' the end of the line; all else is itself. No '%' or '&' behind a '`'. */
typedef struct sp_code_cues {
    const char *const *lines; /**< NULL-terminated */
    uint8_t weight;
    uint32_t languages; /**< set of 1 << sp_language */
} sp_code_cues;

extern const sp_code_cues sp_code_groups[];
extern const size_t sp_code_n_groups;

/** More of them than there are cues in all groups: bounds the index. A test counts. */
enum { SP_CODE_CUES_MAX = 1280, SP_CODE_LISTS = 6, SP_CODE_WORDS = 1 << 10, SP_CODE_SIGNS = (1 << 22) - 1 };

typedef struct sp_code_cue {
    const char *line;
    uint64_t start, mask; /**< bytes that it begins with, up to eight of them, and which bits of them count */
    uint32_t signs;       /**< that it holds: a set, as in sign_of */
    uint16_t next;        /**< 1 + number of the next in its list; 0: none */
    uint8_t group;
    uint8_t same; /**< bytes that fit where those of `start` do */
} sp_code_cue;

/** Cues by their first bytes. Lists are 1 + number of a cue, 0: none; letters count as small ones. An
 *  engine holds one. */
typedef struct sp_code_index {
    uint32_t sign_of[256]; /**< a bit for each sign that a cue holds; those of SP_CODE_SIGNS make programs */
    uint32_t line_ends;    /**< set of signs that end lines of programs */
    uint16_t always;       /**< cues that may begin with anything, or with a path */
    uint16_t any[128];     /**< by the first byte; 0: a name, and anything behind it */
    uint16_t pair[128][128];      /**< by both; [0]: a name, and what follows it and blanks */
    uint16_t word[SP_CODE_WORDS]; /**< by the first four, where that many are given; hashed */
    uint16_t n;
    sp_code_cue cues[SP_CODE_CUES_MAX];
} sp_code_index;

void sp_code__index(sp_code_index *index);
/** The lists with all cues that the line may fit. @param line  not empty, without blanks at its start */
void sp_code__lists(uint16_t lists[SP_CODE_LISTS], const sp_code_index *index, sp_bytes line);
/** As sp_code_look. */
void sp_code__look(sp_code *out, const sp_code_index *index, sp_bytes text);

/** Does the line go on so? @param line  without blanks at its start. */
bool sp_code__fits(const char *cue, sp_bytes line, bool nocase);

/* ---- bytes ---- */

static inline bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static inline bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26;
}

static inline bool is_name(uint8_t c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

/** Bytes of the class from i on. */
static inline size_t sp_code__run(sp_bytes line, size_t i, bool (*is_class)(uint8_t))
{
    const size_t from = i;
    while (i < line.n && is_class(line.p[i])) i++;
    return i - from;
}

/** The first eight bytes of a line, as one number to be compared. */
static inline uint64_t sp_code__start(sp_bytes line)
{
    uint8_t first[8] = {0};
    uint64_t start;
    for (size_t i = 0; i < sizeof first && i < line.n; i++) first[i] = line.p[i];
    memcpy(&start, first, sizeof start);
    return start;
}
