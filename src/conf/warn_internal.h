/** @file warn_internal.h  Shared by the files that warn: what is looked at, and how a warning is given. */
#pragma once
#include "conf/outlook.h"
#include "conf/resolve.h"

typedef struct spc_warning {
    const char *section;
    const spc_text *entry; /* whose place it is */
    const char *key;
    spc_mark at; /* of the key; of the entry when 0 */
    const char *what;
    sp_bytes quoted;
    const char *after, *help;
} spc_warning;

void spc__warn(spc_problems *problems, const spc_warning *warning);
bool spc__may_use(const spc_application *application, uint16_t model);
/** What each request of the application has at least. */
sp_label spc__least_label(const spc_outlook *o, const spc_application *application);

/** Facts that a destination lacks for those who may use it. */
void spc__warn_of_facts(const spc_outlook *o, uint16_t destination);
/** Requirements that nobody meets or that others imply; what lapses, or is due, soon. */
void spc__warn_of_policy(const spc_outlook *o);
/** Rows that others make idle, names that nobody may say, residencies that fit no transfer or each other. */
void spc__warn_of_rules(const spc_outlook *o);
