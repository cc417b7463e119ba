/** @file families.h  All families of rows, each in the file of its name. */
#pragma once
#include "detect/detect_internal.h"

extern const sp_family sp_family_identifiers, sp_family_numbers, sp_family_cloud_keys, sp_family_tokens;
extern const sp_family sp_family_gov_west, sp_family_gov_south, sp_family_gov_americas, sp_family_gov_asia;
extern const sp_family sp_family_gov_south_hemisphere, sp_family_business, sp_family_bank, sp_family_health;
extern const sp_family sp_family_devices, sp_family_phones, sp_family_network, sp_family_fields;
extern const sp_family sp_family_vat, sp_family_provider_tokens, sp_family_secrets, sp_family_written;
extern const sp_family sp_family_held, sp_family_pairs, sp_family_secret_columns, sp_family_commands;
extern const sp_family sp_family_words_for_secrets, sp_family_routers;
extern const sp_family sp_family_outward, sp_family_unseen;
extern const sp_family sp_family_tax_europe, sp_family_tax_world, sp_family_by_word;
extern const sp_family sp_family_names, sp_family_told, sp_family_markings;
extern const sp_family sp_family_proprietary, sp_family_plates_east;
