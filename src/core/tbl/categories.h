/* X(ID, bit, "name", "meaning"). Bits are stored in records and snapshots: never renumber, never reuse.
 * 0..31 are shipped; 32..63 belong to the configuration. */
X(PII,         0, "pii",               "identifies a natural person")
X(PHI,         1, "phi",               "health data of a person")
X(PCI,         2, "pci",               "payment card data")
X(CREDENTIALS, 3, "credentials",       "opens something: keys, tokens, passwords")
X(SOURCE,      4, "source-code",       "program text that the organisation owns")
X(LEGAL,       5, "legal",             "contracts, advice, disputes")
X(FINANCIAL,   6, "financial",         "accounts, figures and models that are not public")
X(STRATEGY,    7, "strategy",          "plans of the organisation")
X(HR,          8, "hr",                "employment of persons")
X(EXPORT,      9, "export-controlled", "subject to export control law")
X(UNREADABLE, 10, "unreadable",        "content that no detector could read")
X(IN_HOUSE,   11, "in-house",          "may be processed by the organisation's own models only")
X(CRITICAL_OUTPUT, 12, "critical-output", "the business relies on what the model answers")
X(OUTWARD,    13, "outward",           "acts on who reads it: carries data out, hides, commands; of no label")
#undef X
