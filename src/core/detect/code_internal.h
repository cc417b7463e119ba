/** @file code_internal.h  Languages, and lines that tell them (code_cues.c). */
#pragma once
#include "sallyport/code.h"

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
enum { SP_CODE_CUES_MAX = 1280 };

/** Does the line go on so? @param line  without blanks at its start. */
bool sp_code__fits(const char *cue, sp_bytes line, bool nocase);
