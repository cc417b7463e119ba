/** @file outlook.h  How a configuration stands at a second: what is known of each destination, what of that
 * ends when, and what those who may use it lack there. `check` warns by it, the commands of `policy` tell it.
 */
#pragma once
#include "conf/conf.h"

/** A configuration as workers would have it at a second. */
typedef struct spc_outlook {
    const spc_conf *conf;
    const sp_snapshot *snapshot; /**< its destinations and use cases have the file's order */
    spc_problems *problems;      /**< where warnings go; NULL where nobody warns */
    uint64_t now_s;
} spc_outlook;

/** Builds the snapshot that belongs to it; no destination needs an address here. @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status spc_outlook_init(spc_outlook *out, const spc_conf *conf, uint64_t now_s, sp_mem *mem);

/** How a destination stands. */
typedef struct spc_posture {
    sp_facts known;
    sp_facts
        lacking;    /**< what those who may use it need of it and is not known, but for what no file states */
    sp_facts never; /**< what they need and nobody can state: of cloud, to be self-hosted */
    uint64_t lapse_s; /**< when something that is known ends next; 0: nothing does */
    sp_facts lapsing; /**< what ends then */
} spc_posture;

void spc_posture_of(spc_posture *out, const spc_outlook *o, uint16_t destination);

/** What the least label of an application's requests lacks at a destination; 0 also where another part of the
 * label refuses before facts are asked for. */
sp_facts spc_lacking(const spc_outlook *o, const spc_application *application, uint16_t destination);

/** May the application use the destination under the model? All are indexes of the file. */
bool spc_leads_to(const spc_model *model, uint16_t destination);

/** The first destination of a model that the least label of an application reaches, whatever circumstance
 * does; -1: none. */
int spc_reached(const spc_outlook *o, const spc_application *application, const spc_model *model);
