/** @file conf_framework_cases.h  The classification framework's settings: a valid file that names each once, and
 * each rule about them broken, for test_conf.c. */
#pragma once

static const char framework_base[] =
    "version: 1\n"
    "state: ./state\n"
    "categories: {pii-cn: 32}\n"
    "facts:\n"
    "  transfer-basis: {number: 40, any_of: [scc, dpf]}\n"
    "  trusted-cloud: {number: 41, all_of: [soc2-type2, no-training]}\n"
    "vendors:\n"
    "  acme:\n"
    "    legal_seat: US\n"
    "    compelled_by: [US]\n"
    "    assessed: 2026-05-01\n"
    "    facts:\n"
    "      dpa: {evidence: contract 17, source: legal, signer: j.doe, from: 2026-01-01, until: 2028-01-01}\n"
    "      no-training: {evidence: contract 17, source: legal, signer: j.doe, from: 2026-01-01, until: 2028-01-01}\n"
    "destinations:\n"
    "  cloud:\n"
    "    vendor: acme\n"
    "    tier: cloud\n"
    "    dialect: openai\n"
    "    base_url: https://api.example.com/v1\n"
    "    model: m1\n"
    "    jurisdictions: [US]\n"
    "    credential: env:CLOUD_KEY\n"
    "    facts:\n"
    "      baa: {evidence: letter, source: vendor, signer: j.doe, from: 2026-01-01, until: 2028-01-01}\n"
    "    copies:\n"
    "      log: {region: [US], retention: 30d, seen_by: [vendor staff]}\n"
    "    clearance: {level: confidential, categories: [pii, phi]}\n"
    "  local:\n"
    "    vendor: own\n"
    "    tier: self-hosted\n"
    "    dialect: openai\n"
    "    base_url: http://127.0.0.1:9000\n"
    "    model: m2\n"
    "    jurisdictions: [DE]\n"
    "    credential: none\n"
    "models:\n"
    "  assistant: {destinations: [cloud, local], use_case: general}\n"
    "requirements:\n"
    "  - phi requires baa\n"
    "  - confidential pii everywhere requires dpa and no-training\n"
    "handling:\n"
    "  pii-cn: {level: confidential, residency: [CN]}\n"
    "residency:\n"
    "  groups: {dach: [DE, AT, CH]}\n"
    "  counts: [processing, log, law]\n"
    "  transfers: [EEA and dach to US with scc and transfer-assessment]\n"
    "findings:\n"
    "  - {kind: email, at_least: 50, confidence: 60, level: confidential, categories: [pii], residency: EEA}\n"
    "sources:\n"
    "  crm: {level: internal, categories: [pii], residency: EEA, integrity: untrusted}\n"
    "overdue: {level: restricted, categories: [in-house]}\n"
    "vigilance: {assessment_days: 365, warn_days: 30}\n"
    "use_cases:\n"
    "  general: {owner: o, purpose: p, level: public, criticality: low, tier: cloud-allowed, review: 2028-01-31, approver: ciso}\n"
    "  legal: {owner: o, purpose: p, level: public}\n"
    "applications:\n"
    "  chat:\n"
    "    use_case: general\n"
    "    models: [assistant]\n"
    "    user_text: untrusted\n"
    "    declares: [legal]\n"
    "    sources: [crm]\n"
    "    clearance: {level: restricted, categories: all}\n"
    "    floor: {level: public, categories: [], residency: dach}\n";

static const conf_case framework_cases[] = {
    {"facts that are a list", "facts:\n"
     "  transfer-basis: {number: 40, any_of: [scc, dpf]}\n"
     "  trusted-cloud: {number: 41, all_of: [soc2-type2, no-training]}\n",
     "facts: [a]\n",
     "f:4:8: error: facts: a list stands here\n"
     "    write NAME: and its settings below; for example facts: {transfer-basis: {number: 40, any_of: [scc, dpf]}}\n"},
    {"a fact with a number of a shipped one", "number: 40",
     "number: 4",
     "f:5:28: error: facts.transfer-basis.number: \"4\" is too small\n"
     "    write something from 40 to 63; for example number: 40\n"
     "f:13:7: error: vendors.acme.facts: \"dpa\" follows from other facts\n"
     "    state those\n"},
    {"two facts with one number", "number: 41",
     "number: 40",
     "f:6:3: error: facts: \"trusted-cloud\" has a number that another name has too\n"
     "    give it a number of its own\n"},
    {"a fact with a shipped name", "transfer-basis: {",
     "soc2-type2: {",
     "f:5:3: error: facts: \"soc2-type2\" is a shipped name with another number\n"
     "    choose another name\n"},
    {"a fact that follows from none that exists", "[scc, dpf]",
     "[sccs, dpf]",
     "f:5:41: error: facts.transfer-basis.any_of: \"sccs\" is not a fact\n"
     "    did you mean \"scc\"?\n"},
    {"a fact that needs several, one of which does not exist", "any_of: [scc, dpf]",
     "all_of: [sccs, dpf]",
     "f:5:41: error: facts.transfer-basis.all_of: \"sccs\" is not a fact\n"
     "    did you mean \"scc\"?\n"},
    {"a fact that needs one that does not exist", "all_of: [soc2-type2",
     "all_of: [soc2",
     "f:6:40: error: facts.trusted-cloud.all_of: \"soc2\" is not a fact\n"
     "    use a shipped fact (docs/reference/policy.md) or name it under facts\n"},
    {"vendors that are a text", "vendors:\n"
     "  acme:",
     "vendors: acme\n"
     "vendor:\n"
     "  acme:",
     "f:7:10: error: vendors: a single value stands here\n"
     "    write NAME: and its settings below; for example vendors: {acme: {…}}\n"
     "f:8:1: error: unknown key \"vendor\"\n"
     "    did you mean \"vendors\"?\n"},
    {"no legal seat", "    legal_seat: US\n",
     "",
     "f:8:3: error: vendors.acme: missing key \"legal_seat\"\n"
     "    add it; for example legal_seat: US\n"},
    {"a legal seat that is none", "legal_seat: US",
     "legal_seat: USA",
     "f:9:17: error: vendors.acme.legal_seat: \"USA\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"a jurisdiction that compels and is none", "compelled_by: [US]",
     "compelled_by: [UK]",
     "f:10:20: error: vendors.acme.compelled_by: \"UK\" is not a jurisdiction\n"
     "    ISO 3166-1 calls the United Kingdom GB\n"},
    {"an assessment on no day", "assessed: 2026-05-01",
     "assessed: 2026-02-30",
     "f:11:15: error: vendors.acme.assessed: \"2026-02-30\" is not valid here\n"
     "    write a day of the calendar from 1970 on, or a second in UTC: 2027-01-31, 2027-01-31T18:00:00Z; for example assessed: 2026-05-01\n"},
    {"a statement of a fact that does not exist", "      dpa: {",
     "      dpas: {",
     "f:13:7: error: vendors.acme.facts: \"dpas\" is not a fact\n"
     "    did you mean \"dpa\"?\n"},
    {"a statement of what the gateway states itself", "      dpa: {",
     "      tls: {",
     "f:13:7: error: vendors.acme.facts: \"tls\" is a fact that the gateway states itself\n"
     "    remove it\n"},
    {"a statement of what follows from others", "      dpa: {",
     "      transfer-basis: {",
     "f:13:7: error: vendors.acme.facts: \"transfer-basis\" follows from other facts\n"
     "    state those\n"},
    {"a statement without evidence", "dpa: {evidence: contract 17, ",
     "dpa: {",
     "f:13:7: error: vendors.acme.facts.dpa: missing key \"evidence\"\n"
     "    add it; for example evidence: \"contract 17, annex 2\"\n"},
    {"a statement without source", "dpa: {evidence: contract 17, source: legal, ",
     "dpa: {evidence: contract 17, ",
     "f:13:7: error: vendors.acme.facts.dpa: missing key \"source\"\n"
     "    add it; for example source: legal\n"},
    {"a statement without signer", "signer: j.doe, from: 2026-01-01, until: 2028-01-01}\n"
     "      no-training",
     "from: 2026-01-01, until: 2028-01-01}\n"
     "      no-training",
     "f:13:7: error: vendors.acme.facts.dpa: missing key \"signer\"\n"
     "    add it; for example signer: j.doe@corp.example\n"},
    {"a statement from no day", "from: 2026-01-01, until: 2028-01-01}\n"
     "      no-training",
     "from: soon, until: 2028-01-01}\n"
     "      no-training",
     "f:13:72: error: vendors.acme.facts.dpa.from: \"soon\" is not valid here\n"
     "    write a day of the calendar from 1970 on, or a second in UTC: 2027-01-31, 2027-01-31T18:00:00Z; for example from: 2026-01-01\n"},
    {"a statement until no day", "until: 2028-01-01}\n      no-training", "until: never}\n      no-training",
     "f:13:91: error: vendors.acme.facts.dpa.until: \"never\" is not valid here\n"
     "    write a day of the calendar from 1970 on, or a second in UTC: 2027-01-31, 2027-01-31T18:00:00Z; for "
     "example until: 2027-01-01\n"},
    {"a statement that ends before it begins", "until: 2028-01-01}\n"
     "      no-training",
     "until: 2026-01-01}\n"
     "      no-training",
     "f:13:91: error: vendors.acme.facts.until: \"2026-01-01\" is not after `from`\n"
     "    the fact would never hold\n"},
    {"facts of a destination that are a text", "    facts:\n"
     "      baa: {evidence: letter, source: vendor, signer: j.doe, from: 2026-01-01, until: 2028-01-01}\n"
     "    copies",
     "    facts: baa\n"
     "    copies",
     "f:24:12: error: destinations.cloud.facts: a single value stands here\n"
     "    write NAME: and its settings below; for example facts: {zero-retention: {…}}\n"},
    {"evidence of a destination's fact that is missing", "baa: {evidence: letter, source: vendor",
     "baa: {source: vendor",
     "f:25:7: error: destinations.cloud.facts.baa: missing key \"evidence\"\n"
     "    add it; for example evidence: \"contract 17, annex 2\"\n"},
    {"a source of a destination's fact that is missing", "evidence: letter, source: vendor, ",
     "evidence: letter, ",
     "f:25:7: error: destinations.cloud.facts.baa: missing key \"source\"\n"
     "    add it; for example source: legal\n"},
    {"a signer of a destination's fact that is missing", "source: vendor, signer: j.doe, ",
     "source: vendor, ",
     "f:25:7: error: destinations.cloud.facts.baa: missing key \"signer\"\n"
     "    add it; for example signer: j.doe@corp.example\n"},
    {"a destination's fact from no day", "signer: j.doe, from: 2026-01-01, until: 2028-01-01}\n"
     "    copies",
     "signer: j.doe, from: 2026, until: 2028-01-01}\n"
     "    copies",
     "f:25:68: error: destinations.cloud.facts.baa.from: \"2026\" reads as a number, not as a text\n"
     "    put it in quotes; for example from: 2026-01-01\n"},
    {"a destination's fact until no day", "until: 2028-01-01}\n"
     "    copies",
     "until: never}\n"
     "    copies",
     "f:25:87: error: destinations.cloud.facts.baa.until: \"never\" is not valid here\n"
     "    write a day of the calendar from 1970 on, or a second in UTC: 2027-01-31, 2027-01-31T18:00:00Z; for example until: 2027-01-01\n"},
    {"a copy of no kind", "      log: {region",
     "      backup: {region",
     "f:27:7: error: destinations.cloud.copies: \"backup\" is not a kind of copy\n"
     "    log, cache, abuse-review, telemetry, failover or support\n"},
    {"copies that are a list", "    copies:\n"
     "      log: {region: [US], retention: 30d, seen_by: [vendor staff]}\n",
     "    copies: [log]\n",
     "f:26:13: error: destinations.cloud.copies: a list stands here\n"
     "    write NAME: and its settings below; for example copies: {log: {…}}\n"},
    {"a copy in no place", "log: {region: [US]",
     "log: {region: [XX]",
     "f:27:22: error: destinations.cloud.copies.region: \"XX\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"a copy without region", "log: {region: [US], ",
     "log: {",
     "f:27:7: error: destinations.cloud.copies.log: missing key \"region\"\n"
     "    add it; for example region: [US]\n"},
    {"a retention as a number", "retention: 30d", "retention: 30",
     "f:27:38: error: destinations.cloud.copies.log.retention: \"30\" reads as a number, not as a text\n"
     "    put it in quotes; for example retention: 30d\n"},
    {"people who see a copy as a number", "seen_by: [vendor staff]",
     "seen_by: [7]",
     "f:27:53: error: destinations.cloud.copies.log.seen_by: \"7\" reads as a number, not as a text\n"
     "    put it in quotes; for example seen_by: [vendor staff]\n"},
    {"a copy beside zero retention", "      baa: {evidence",
     "      zero-retention: {evidence",
     "f:27:38: error: destinations.cloud.copies.retention: \"30d\" contradicts the fact zero-retention\n"
     "    take back the fact, or the retention\n"},
    {"a model of a use case that does not exist", "use_case: general}",
     "use_case: generals}",
     "f:38:55: error: models.assistant.use_case: \"generals\" is not a use case\n"
     "    did you mean \"general\"?\n"},
    {"requirements that are a text", "requirements:\n"
     "  - phi requires baa\n"
     "  - confidential pii everywhere requires dpa and no-training\n",
     "requirements: phi\n",
     "f:39:15: error: requirements: a single value stands here\n"
     "    write a list; for example requirements: [\"phi requires baa and zero-retention\"]\n"},
    {"a requirement of no category", "phi requires baa",
     "phy requires baa",
     "f:40:5: error: requirements: \"phy\" is neither a level nor a category\n"
     "    did you mean \"phi\"?\n"},
    {"a requirement for no fact", "phi requires baa",
     "phi requires bba",
     "f:40:18: error: requirements: \"bba\" is not a fact\n"
     "    did you mean \"baa\"?\n"},
    {"a requirement without facts", "phi requires baa",
     "phi requires",
     "f:40:17: error: requirements: a requirement without condition or without fact\n"
     "    write [LEVEL] [CATEGORY and CATEGORY] requires FACT and FACT\n"},
    {"a requirement without verb", "phi requires baa",
     "phi and pii",
     "f:40:16: error: requirements: a requirement without condition or without fact\n"
     "    write [LEVEL] [CATEGORY and CATEGORY] requires FACT and FACT\n"},
    {"a requirement without condition", "phi requires baa",
     "requires baa",
     "f:40:17: error: requirements: a requirement without condition or without fact\n"
     "    write [LEVEL] [CATEGORY and CATEGORY] requires FACT and FACT\n"},
    {"a requirement of two levels", "confidential pii",
     "confidential restricted pii",
     "f:41:18: error: requirements: \"restricted\" is a second level, or the lowest\n"
     "    one level is enough: higher ones fall under it too\n"},
    {"a requirement of the lowest level", "confidential pii",
     "public pii",
     "f:41:5: error: requirements: \"public\" is a second level, or the lowest\n"
     "    one level is enough: higher ones fall under it too\n"},
    {"a requirement on no tier", "phi requires baa",
     "phi on premises requires baa",
     "f:40:12: error: requirements: \"premises\" is not a tier\n"
     "    on cloud, or on self-hosted\n"},
    {"handling that is a text", "handling:\n"
     "  pii-cn: {level: confidential, residency: [CN]}\n",
     "handling: strict\n",
     "f:42:11: error: handling: a single value stands here\n"
     "    write NAME: and its settings below; for example handling: {pii-cn: {residency: [CN]}}\n"},
    {"handling of no category", "  pii-cn: {",
     "  pii-ch: {",
     "f:43:3: error: handling: \"pii-ch\" is not a category\n"
     "    did you mean \"pii-cn\"?\n"},
    {"handling with a level that is none", "pii-cn: {level: confidential",
     "pii-cn: {level: confidental",
     "f:43:19: error: handling.pii-cn.level: \"confidental\" is not a level\n"
     "    did you mean \"confidential\"?\n"},
    {"handling with a place that is none", "residency: [CN]",
     "residency: [CHINA]",
     "f:43:45: error: handling.pii-cn.residency: \"CHINA\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"residency that is a list", "residency:\n"
     "  groups: {dach: [DE, AT, CH]}\n"
     "  counts: [processing, log, law]\n"
     "  transfers: [EEA and dach to US with scc and transfer-assessment]\n",
     "residency: [EEA]\n",
     "f:44:12: error: residency: a list stands here\n"
     "    write KEY: VALUE pairs; for example residency: {groups: {dach: [DE, AT, CH]}}\n"
     "f:62:55: error: applications.chat.floor.residency: \"dach\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"groups that are a list", "groups: {dach: [DE, AT, CH]}",
     "groups: [dach]",
     "f:45:11: error: residency.groups: a list stands here\n"
     "    write NAME: and its settings below; for example groups: {dach: [DE, AT, CH]}\n"
     "f:47:23: error: residency.transfers: \"dach\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"
     "f:65:55: error: applications.chat.floor.residency: \"dach\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"a group with a member that is none", "dach: [DE, AT, CH]",
     "dach: [DE, AU, SW]",
     "f:45:27: error: residency.groups.dach: \"SW\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"a group without members", "dach: [DE, AT, CH]",
     "dach: []",
     "f:45:18: error: residency.groups.dach: nothing is listed\n"
     "    list at least one; for example members: [DE, AT, CH]\n"
     "f:47:23: error: residency.transfers: \"dach\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"
     "f:65:55: error: applications.chat.floor.residency: \"dach\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"a thing that does not count", "counts: [processing, log, law]",
     "counts: [processing, logs]",
     "f:46:24: error: residency.counts: \"logs\" is not known here\n"
     "    did you mean \"log\"?\n"},
    {"transfers that are a map", "transfers: [EEA and dach to US with scc and transfer-assessment]",
     "transfers: {a: b}",
     "f:47:14: error: residency.transfers: a map stands here\n"
     "    write a list; for example transfers: [\"EEA to US with scc and transfer-assessment\"]\n"},
    {"a transfer from no place", "EEA and dach to US",
     "EEA and dack to US",
     "f:47:23: error: residency.transfers: \"dack\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"a transfer to nowhere", "EEA and dach to US with",
     "EEA and dach with",
     "f:47:28: error: residency.transfers: \"with\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"a transfer with a fact that is none", "with scc and transfer-assessment",
     "with sccs",
     "f:47:39: error: residency.transfers: \"sccs\" is not a fact\n"
     "    did you mean \"scc\"?\n"},
    {"findings that are a map", "findings:\n"
     "  - {kind",
     "findings:\n"
     "  a: {kind",
     "f:49:3: error: findings: a map stands here\n"
     "    write a list; for example findings: [{kind: email, at_least: 50, level: confidential, categories: [pii]}]\n"},
    {"a kind of finding that is none", "kind: email",
     "kind: e-mail",
     "f:49:12: error: findings.kind: \"e-mail\" is not a kind of finding\n"
     "    did you mean \"email\"?\n"},
    {"a rule without kind", "kind: email, ",
     "",
     "f:49:5: error: findings: missing key \"kind\"\n"
     "    add it; for example kind: email\n"},
    {"a rule for no finding", "at_least: 50",
     "at_least: 0",
     "f:49:29: error: findings.at_least: \"0\" is too small\n"
     "    write something from 1 to 100000; for example at_least: 50\n"},
    {"a rule for more findings than are listed", "at_least: 50",
     "at_least: 5000",
     "f:49:5: error: findings.at_least: a rule that asks for more findings than limits.findings lists\n"
     "    raise limits.findings, or lower at_least\n"},
    {"a confidence above 100", "confidence: 60",
     "confidence: 101",
     "f:49:45: error: findings.confidence: \"101\" is too large\n"
     "    write something from 0 to 100; for example confidence: 60\n"},
    {"a rule with a level that is none", "confidence: 60, level: confidential",
     "confidence: 60, level: secret",
     "f:49:56: error: findings.level: \"secret\" is not a level\n"
     "    use a shipped level or name it under levels\n"},
    {"a rule with a category that is none", "categories: [pii], residency: EEA}\n"
     "sources",
     "categories: [pij], residency: EEA}\n"
     "sources",
     "f:49:83: error: findings.categories: \"pij\" is not a category\n"
     "    did you mean \"pii\"?\n"},
    {"a rule with a place that is none", "categories: [pii], residency: EEA}\n"
     "sources",
     "categories: [pii], residency: eea}\n"
     "sources",
     "f:49:100: error: findings.residency: \"eea\" is not a jurisdiction\n"
     "    did you mean \"EEA\"?\n"},
    {"sources that are a list", "sources:\n"
     "  crm: {level: internal, categories: [pii], residency: EEA, integrity: untrusted}\n",
     "sources: [crm]\n",
     "f:50:10: error: sources: a list stands here\n"
     "    write NAME: and its settings below; for example sources: {crm: {…}}\n"
     "f:62:15: error: applications.chat.sources: \"crm\" is not a data source\n"
     "    add it under sources\n"},
    {"a source with a level that is none", "crm: {level: internal",
     "crm: {level: intern",
     "f:51:16: error: sources.crm.level: \"intern\" is not a level\n"
     "    did you mean \"internal\"?\n"},
    {"a source with a category that is none", "crm: {level: internal, categories: [pii]",
     "crm: {level: internal, categories: [hrs]",
     "f:51:39: error: sources.crm.categories: \"hrs\" is not a category\n"
     "    did you mean \"hr\"?\n"},
    {"a source with a place that is none", "residency: EEA, integrity",
     "residency: EUR, integrity",
     "f:51:56: error: sources.crm.residency: \"EUR\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
    {"an integrity that is none", "integrity: untrusted",
     "integrity: sure",
     "f:51:72: error: sources.crm.integrity: \"sure\" is not known here\n"
     "    write untrusted or trusted\n"},
    {"overdue that is a text", "overdue: {level: restricted, categories: [in-house]}",
     "overdue: restricted",
     "f:52:10: error: overdue: a single value stands here\n"
     "    write KEY: VALUE pairs; for example overdue: {level: restricted}\n"},
    {"overdue with a level that is none", "overdue: {level: restricted",
     "overdue: {level: strict",
     "f:52:18: error: overdue.level: \"strict\" is not a level\n"
     "    use a shipped level or name it under levels\n"},
    {"overdue with a category that is none", "categories: [in-house]",
     "categories: [inhouse]",
     "f:52:43: error: overdue.categories: \"inhouse\" is not a category\n"
     "    did you mean \"in-house\"?\n"},
    {"vigilance that is a number", "vigilance: {assessment_days: 365, warn_days: 30}",
     "vigilance: 30",
     "f:53:12: error: vigilance: a single value stands here\n"
     "    write KEY: VALUE pairs; for example vigilance: {warn_days: 30}\n"},
    {"an assessment that counts no day", "assessment_days: 365",
     "assessment_days: 0",
     "f:53:30: error: vigilance.assessment_days: \"0\" is too small\n"
     "    write something from 1 to 3650; for example assessment_days: 365\n"},
    {"a warning a lifetime ahead", "warn_days: 30",
     "warn_days: 30000",
     "f:53:46: error: vigilance.warn_days: \"30000\" is too large\n"
     "    write something from 0 to 3650; for example warn_days: 30\n"},
    {"a criticality that is none", "criticality: low",
     "criticality: medium",
     "f:55:63: error: use_cases.general.criticality: \"medium\" is not known here\n"
     "    write low or business-critical\n"},
    {"a tier rule that is none", "tier: cloud-allowed",
     "tier: cloud",
     "f:55:74: error: use_cases.general.tier: \"cloud\" is not known here\n"
     "    write cloud-allowed or self-hosted-only\n"},
    {"a use case that permits what there is not", "tier: cloud-allowed, review", "tier: cloud-allowed, permits: [tool], review",
     "f:55:99: error: use_cases.general.permits: \"tool\" is not known here\n"
     "    did you mean \"tools\"?\n"},
    {"a review on no day", "review: 2028-01-31",
     "review: 2028-01-32",
     "f:55:97: error: use_cases.general.review: \"2028-01-32\" is not valid here\n"
     "    write a day of the calendar from 1970 on, or a second in UTC: 2027-01-31, 2027-01-31T18:00:00Z; for example review: 2027-01-31\n"},
    {"an approver who is a number", "approver: ciso",
     "approver: 7",
     "f:55:119: error: use_cases.general.approver: \"7\" reads as a number, not as a text\n"
     "    put it in quotes; for example approver: ciso@example.com\n"},
    {"a use case to declare that does not exist", "declares: [legal]",
     "declares: [legl]",
     "f:62:16: error: applications.chat.declares: \"legl\" is not a use case\n"
     "    did you mean \"legal\"?\n"},
    {"a source to name that does not exist", "sources: [crm]",
     "sources: [cmr]",
     "f:63:15: error: applications.chat.sources: \"cmr\" is not a data source\n"
     "    did you mean \"crm\"?\n"},
    {"a reader's clearance without level", "clearance: {level: restricted, categories: all}",
     "clearance: {categories: all}",
     "f:64:5: error: applications.chat.clearance: missing key \"level\"\n"
     "    add it; for example level: internal\n"},
    {"a reader's clearance of a category that is none", "level: restricted, categories: all",
     "level: restricted, categories: [al]",
     "f:64:49: error: applications.chat.clearance.categories: \"al\" is not a category\n"
     "    use a shipped category or name it under categories\n"},
    {"a reader's clearance that is a text", "clearance: {level: restricted, categories: all}",
     "clearance: restricted",
     "f:64:16: error: applications.chat.clearance: a single value stands here\n"
     "    write KEY: VALUE pairs; for example clearance: {level: confidential, categories: [pii]}\n"},
    {"a floor that is a text", "floor: {level: public, categories: [], residency: dach}",
     "floor: public",
     "f:65:12: error: applications.chat.floor: a single value stands here\n"
     "    write KEY: VALUE pairs; for example floor: {level: internal}\n"},
    {"a floor with a level that is none", "floor: {level: public",
     "floor: {level: publik",
     "f:65:20: error: applications.chat.floor.level: \"publik\" is not a level\n"
     "    did you mean \"public\"?\n"},
    {"a floor with a category that is none", "floor: {level: public, categories: []",
     "floor: {level: public, categories: [piii]",
     "f:65:41: error: applications.chat.floor.categories: \"piii\" is not a category\n"
     "    did you mean \"pii\"?\n"},
    {"a floor with a place that is none", "residency: dach}",
     "residency: dasch}",
     "f:65:55: error: applications.chat.floor.residency: \"dasch\" is not a jurisdiction\n"
     "    use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"\n"},
};
