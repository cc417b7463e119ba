/** @file scan_internal.h  What the files of `scan` share: the detectors, what was asked for, and places. */
#pragma once
#include "cli/dry.h"
#include "sallyport/code.h"
#include "sallyport/detect.h"
#include "sallyport/judge.h"

enum {
    SCAN_TEXT_MAX = 1 << 30,     /**< bytes of a file */
    SCAN_LINE_MAX = 64 << 20,    /**< bytes of a line of JSON */
    SCAN_FINDINGS_MAX = 100000,  /**< of one kind in one text */
    SCAN_MEMORY_KEPT = 16 << 20, /**< from one text to the next */
};

/** How findings are written. */
typedef enum scan_form { SCAN_PLAIN = 0, SCAN_JSON, SCAN_SARIF } scan_form;

/** What went through a scan. */
typedef struct scan_counts {
    size_t files, findings;
    size_t hiding;                 /**< texts that hide more than is undone */
    size_t costly;                 /**< texts that cost more to look through than any should */
    size_t binary, links, special; /**< met in folders and left out */
    uint64_t bytes;
} scan_counts;

typedef struct scanner {
    cli_detectors detectors;
    sp_arena conf;                    /**< what stands in a configuration */
    const sp_custom_detector *custom; /**< of it */
    size_t n_custom;
    sp_names names;
    sp_arena arena;   /**< for one text at a time */
    sp_bits256 kinds; /**< that are shown */
    sp_bits256 own; /**< detectors of the configuration that are shown, where they have a kind of their own */
    uint8_t least;  /**< confidence from which they are */
    scan_form form;
    bool shows_values, explains;
    bool tells_code;  /**< what is printed says in which language a text is written */
    bool hides;       /**< the text at hand hides more than is undone: the gateway refuses it */
    bool is_costly;   /**< it costs more than any should, so the rest of it was not seen: refused too */
    sp_bytes exclude; /**< patterns of paths, with commas between them */
    scan_counts counts;
    sp_findings
        allowed; /**< of the text at hand: what a rule of the configuration allows; told with `explains` */
    uint16_t rule[SP_CLASS_LIMIT]; /**< SARIF: number of the rule of a class, from 1; 0: not met yet */
    uint16_t n_rules;
    sp_judgement judged; /**< of the text at hand: orders for an assistant */
    sp_code code;        /**< of the text at hand, where it is told: the language that it is written in */
    sp_proposal guess;   /**< of a line of JSON: what it is for */
} scanner;

/** Scans a text into `found`, whose memory is the scanner's arena: what was asked for, and of overlapping
 * findings the surest; and judges it (s->judged). Sets s->hides and
 * s->is_costly. @return CLI_OK, or CLI_FAILED after a
 * message that names `where`. */
int cli__scan_text(scanner *s, sp_findings *found, sp_bytes text, const char *where);
/** Adds what was judged of the text to its findings, as one of kind injection in its place, if it is above
 * the threshold and was asked for; and that it is source code, if that was asked for by name. @return CLI_OK,
 * or CLI_FAILED after a message. */
int cli__scan_add_judged(scanner *s, sp_findings *found);
/** What a finding is. */
const sp_kind_info *cli__scan_kind(const scanner *s, const sp_finding *f);
/** The label that the findings alone would give; what hides more than is undone, or costs more than it may,
 * has the highest level that has a name, since nobody has seen all of it. */
sp_label cli__scan_label(const scanner *s, const sp_findings *found);

/** A place in a text, moved on in rising order. */
typedef struct scan_place {
    sp_bytes text;
    size_t at;           /**< bytes */
    size_t points;       /**< code points before it */
    size_t line, column; /**< from 0; columns are code points */
} scan_place;
/** Moves on to the byte `to`, or to the end of the text. */
void cli__scan_advance(scan_place *place, size_t to);
/** The place of the byte `to`, from one that stays where it is: what comes next may begin before `to`. */
scan_place cli__scan_ahead(const scan_place *place, size_t to);

/** `--jsonl`: each line of `path` is answered before the next is waited for. @return CLI_OK, or CLI_FAILED
 * after a message. */
int cli__scan_lines(scanner *s, const char *path);
/** A file, standard input ("-") or a folder with all that is in it. @return CLI_OK, or CLI_FAILED after a
 * message: what could be read has been shown. */
int cli__scan_path(scanner *s, const char *path);

/* ---- what is printed (scan_print.c); what returns a code: CLI_OK, or CLI_FAILED after a message ---- */

/** Before the first text. */
int cli__scan_begin(scanner *s);
/** The findings of one text. */
int cli__scan_report(scanner *s, const sp_findings *found, sp_bytes text, const char *path);
/** Appends, as a sentence, why something was found in `text`. It holds words of the text. */
void cli__scan_append_reason(sp_buf *out, const scanner *s, const sp_finding *f, sp_bytes text);
/** After the last. */
int cli__scan_end(scanner *s);
