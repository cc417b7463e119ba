/** @file names.h  What has no checksum: persons, places, organisations, addresses. By evidence: titles,
 * salutations, names of fields, frames of sentences, legal forms, words for streets, and lists of names of
 * our own.
 *
 *  This is a pass of its own over whole texts (sp_scan_whole), since its heads would be all words with a
 *  capital: a vector compare proposes those, a filter of the words that mean something rejects nearly all,
 * and only a line that holds one is parted into tokens and judged. Lines are judged by themselves, so a text
 * may be scanned in parts that end with newlines; only whose names are public may depend on lines above. A
 * stream holds no lines back, so tapes do not look for names.
 *
 *  A larger model for names takes the same place: it is given a line that the filter let through and proposes
 *  (start, end, kind, confidence) as the judges in names_*.c do; sp_names_scan settles what overlaps. */
#pragma once
#include "detect/detect_internal.h"

/** What a word may be; several at once. */
enum {
    SP_WORD_GIVEN = 1 << 0,        /**< given name */
    SP_WORD_NAME = 1 << 1,         /**< given name that is a word, too: needs a family name or more */
    SP_WORD_FAMILY = 1 << 2,       /**< family name */
    SP_WORD_PLACE = 1 << 3,        /**< country or city */
    SP_WORD_MAYBE_PLACE = 1 << 4,  /**< place whose name is a word or a person's */
    SP_WORD_TITLE = 1 << 5,        /**< before names: "Mr", "Frau", "Dr" */
    SP_WORD_LEGAL = 1 << 6,        /**< legal form of a company: "GmbH" */
    SP_WORD_ORG = 1 << 7,          /**< part of names of organisations: "University" */
    SP_WORD_STREET = 1 << 8,       /**< first word of a street: "rue", "via" */
    SP_WORD_STREET_LAST = 1 << 9,  /**< last word of a street: "Road" */
    SP_WORD_UNIT = 1 << 10,        /**< part of a house: "Apt" */
    SP_WORD_COMMON = 1 << 11,      /**< written with a capital, but no name: "The", "Monday" */
    SP_WORD_PARTICLE = 1 << 12,    /**< small word inside of names: "van", "de" */
    SP_WORD_STATE = 1 << 13,       /**< abbreviation of a state, "TX" */
    SP_WORD_PHRASE = 1 << 14,      /**< a phrase of several words begins so */
    SP_CUE_PERSON = 1 << 15,       /**< before a person: "my name is" */
    SP_CUE_PLACE = 1 << 16,        /**< before a place: "in" */
    SP_CUE_ORG = 1 << 17,          /**< before an organisation: "works for" */
    SP_CUE_ADDRESS = 1 << 18,      /**< before an address: "lives at" */
    SP_CUE_AFTER = 1 << 19,        /**< behind a person: "lives", "born" */
    SP_KEY_PERSON = 1 << 20,       /**< name of a field that holds a person: "patient" */
    SP_KEY_PLACE = 1 << 21,        /**< … a place: "city" */
    SP_KEY_ORG = 1 << 22,          /**< … an organisation: "employer" */
    SP_KEY_ADDRESS = 1 << 23,      /**< … an address: "street" */
    SP_CUE_STRONG = 1 << 24,       /**< of SP_CUE_PERSON: one word behind it is enough */
    SP_WORD_PLACE_FIRST = 1 << 25, /**< begins names of places: "San", "New" */
    SP_WORD_CAMEL = 1 << 26,       /**< has a capital inside, as names in programs have */
    SP_END_FAMILY = 1 << 27,       /**< endings of family names, streets, places */
    SP_END_STREET = 1 << 28,
    SP_END_PLACE = 1 << 29,
    SP_WORD_PEOPLE = 1 << 30, /**< people or belief: "German", "Catholic" */
};
/** Name of a field that holds a nationality, a religion, a conviction. */
#define SP_KEY_NRP (UINT32_C(1) << 31)

/** Lists of words: given names, family names, places. NULL-terminated lists of words between '|'. */
extern const char *const sp_names_given[], *const sp_names_family[];
extern const char *const sp_names_countries[], *const sp_names_cities[];
extern const char *const sp_names_given_words, *const sp_names_place_words, *const sp_names_family_endings;

/** A list and what its words are. */
typedef struct sp_word_list {
    const char *words;
    uint32_t flags;
} sp_word_list;
/** Titles, cues, fields, forms of companies, words for streets (names_lists.c). Ends with NULL. */
extern const sp_word_list sp_names_lists[];
/** The same of writing without capitals (gazetteer_scripts.c). */
extern const sp_word_list sp_names_script_lists[];
/** Endings of words: of streets, of places. */
extern const char *const sp_names_street_endings, *const sp_names_place_endings;

/** Words by hash, and endings; immutable once built. */
typedef struct sp_words sp_words;
/** @param out  lives in `mem`. @return SP_OK, SP_ENOMEM, SP_ERANGE (the table is too small). */
SP_NODISCARD sp_status sp_words_new(sp_words **out, sp_mem *mem);

/** How a token is written. */
typedef enum sp_tok_shape {
    SP_SHAPE_MARK,   /**< one character that is neither letter nor digit: `c` */
    SP_SHAPE_LOWER,  /**< a word that begins small, or in a script without capitals */
    SP_SHAPE_CAP,    /**< a word that begins with a capital */
    SP_SHAPE_UPPER,  /**< two letters and more, all capital */
    SP_SHAPE_NUMBER, /**< begins with a digit: "12", "12a", "583-40" */
    SP_SHAPE_HAN,    /**< a run of ideographs and kana */
    SP_SHAPE_HANGUL, /**< a run of Hangul */
} sp_tok_shape;

typedef struct sp_tok {
    uint32_t start, end;
    uint32_t flags;  /**< SP_WORD_*, SP_CUE_*, SP_KEY_* of this very word */
    uint8_t shape;   /**< sp_tok_shape */
    uint8_t c;       /**< of a mark: its first byte */
    uint8_t letters; /**< characters, at most 255 */
    bool is_apart;   /**< a blank stands before it */
} sp_tok;

enum { SP_TOKS_MAX = 96, SP_NAME_MAX = 240 };

/** A line, or as much of it as is judged at once. */
typedef struct sp_line {
    const sp_words *words;
    const uint8_t *p;
    size_t n;                /**< tokens */
    size_t before_of;        /**< token of which `before` tells; SIZE_MAX: none */
    uint32_t before;         /**< flags of what stands before it */
    bool has_mail, is_table; /**< a mail address stands in it; it is a row with separators */
    sp_tok t[SP_TOKS_MAX];
} sp_line;

/** What a judge found: tokens [first, last], of which the bytes are [start, end). Confidence 0: nothing. */
typedef struct sp_named {
    size_t next; /**< token behind it */
    uint32_t start, end;
    uint8_t kind, confidence;
} sp_named;

/** Parts [from, to) of a text into tokens, as many as fit. */
void sp_line_read(sp_line *line, const sp_words *words, sp_bytes text, size_t from, size_t to);
/** The flags of the words of tokens [first, last] as one phrase; 0: unknown. */
uint32_t sp_line_phrase(const sp_line *line, size_t first, size_t last);
/** What stands right before token `i`: flags of the one to three words that end there, of the field whose
 * value it is. Only `wanted` is looked for. */
uint32_t sp_line_before(const sp_line *line, size_t i, uint32_t wanted);
/** Is token `i` the mark `c`? false past the end. */
bool sp_line_is(const sp_line *line, size_t i, char c);
/** Has token `i` one of the flags? false past the end. */
bool sp_line_has(const sp_line *line, size_t i, uint32_t flags);
/** Is token `i` a word of Arabic, Hebrew, Devanagari or Thai? false past the end. */
bool sp_line_is_script(const sp_line *line, size_t i);
/** Is token `i` written as a name is? */
bool sp_line_is_cap(const sp_line *line, size_t i);
/** Reads what sp_line_before says of token `i` once, for all judges. */
void sp_line_look_before(sp_line *line, size_t i);
/** Does word `i` end so, with letters before? @param ending  SP_END_*. */
bool sp_line_ends(const sp_line *line, size_t i, uint32_t ending);
/** Is token `i` one of these words, between '|'? ASCII case is ignored. */
bool sp_line_is_word(const sp_line *line, size_t i, const char *words);
/** Token behind the words that begin with capitals at `i`: at most `most` of them, with particles between. */
size_t sp_line_chain(const sp_line *line, size_t i, size_t most);

/** Judges: is there one at token `i`? */
sp_named sp_person_at(const sp_line *line, size_t i);
sp_named sp_organization_at(const sp_line *line, size_t i);
sp_named sp_location_at(const sp_line *line, size_t i);
sp_named sp_address_at(const sp_line *line, size_t i);
sp_named sp_name_of_east_at(const sp_line *line, size_t i);
sp_named sp_name_of_script_at(const sp_line *line, size_t i);
sp_named sp_conviction_at(const sp_line *line, size_t i);

/** What was asked of a line and need not be read again for the lines below. */
typedef struct sp_look_memo {
    size_t line; /**< where it begins */
    size_t at;   /**< where it was decided */
    bool is_known, is_so;
} sp_look_memo;

/** The text around a line, for questions that what stands far above it decides. */
typedef struct sp_look_back {
    sp_bytes text;
    size_t near;     /**< a verdict that is kept may depend on nothing before it */
    bool is_far;     /**< it does: do not keep it */
    sp_meter *meter; /**< has to be there */
    sp_look_memo block, list;
} sp_look_back;

/** How far up is looked from a line. */
size_t sp_look_least(size_t from);
/** Keeps in `memo` what was decided of `line` at `at`. @return is_so. */
bool sp_look_saw(sp_look_back *look, sp_look_memo *memo, size_t line, size_t at, bool is_so);
/** @param is_so  receives what holds for the line at `from`, where it was decided for the one at `line`, from
 *                which on all lines are alike. @return false: that is not known; `*is_so` is left alone. */
bool sp_look_knows(const sp_look_memo *memo, size_t from, size_t line, bool *is_so);
/** Is the line at `from`, which begins with a star, in a block that a line above opened, over lines with
 * stars only? */
bool sp_comment_block(sp_look_back *look, size_t from);
/** Is the line at `from`, which begins with '#', one of several such lines? */
bool sp_comment_hashes(sp_look_back *look, size_t from);

/** Of what public names are. */
typedef enum sp_public_kinds {
    SP_PUBLIC_AUTHORS, /**< persons and organisations */
    SP_PUBLIC_OWNERS,  /**< also places: the seat of a company in its notice */
    SP_PUBLIC_LICENCE, /**< organisations and places */
} sp_public_kinds;

/** Where names are public authorship: [from, until). */
typedef struct sp_public_names {
    size_t from, until; /* SIZE_MAX: nowhere */
    sp_public_kinds kinds;
} sp_public_names;

/** The first such list at or after `i` on the line that begins at `from`: behind notices of copyright,
 * credits and their like (names_public.c). */
sp_public_names sp_names_public(sp_look_back *look, size_t from, size_t i);
/** Does a postal address begin at `i` that is printed in licences, behind words of theirs? */
bool sp_address_is_printed(sp_look_back *look, size_t i);

/** Appends what is found from in->from on, in order of start, none of it overlapping.
 *  @param in         its meter is charged, and has to be there.
 *  @param first_row  number of the first row of sp_family_names. @return SP_OK, SP_ENOMEM, SP_EWORK. */
SP_NODISCARD sp_status sp_names_scan(sp_findings *out, const sp_words *words, const sp_pass_in *in,
                                     uint16_t first_row);
