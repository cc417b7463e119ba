/** @file services.h  Services whose keys only their name tells: the rows of services_a_to_m.c,
 * services_n_to_z.c. */
#pragma once
#include "detect/secret.h"

struct sp_service {
    const char *word; /**< in small letters; '~' where a separator may stand: "zero~bounce" */
    const char
        *form; /**< NULL, or what its keys are if they do not look random: a class (token.h) and lengths */
    bool is_common; /**< a word of its own beside: it stands alone, and its key is named as such */
};

typedef struct sp_service_list {
    const sp_service *v; /**< sorted by word */
    size_t n;
} sp_service_list;

extern const sp_service_list sp_services_a_to_m, sp_services_n_to_z;

#define NAMED(name)         \
    {                       \
        (name), NULL, false \
    }
#define COMMON(name)       \
    {                      \
        (name), NULL, true \
    }
#define FORMED(name, keys)    \
    {                         \
        (name), (keys), false \
    }
