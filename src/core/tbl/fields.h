/* X(ID, "name", "meaning"). The kinds of rows of a dialect's field table: what may stand at that place and
 * who has to agree. */
X(UNKNOWN,    "unknown",    "not in the table: scanned as untrusted text, passes only where the destination permits it")
X(TEXT,       "text",       "content: every string, key name and number token below it is a segment")
X(PARAMETER,  "parameter",  "typed and bounded; recorded; strings in it are segments too")
X(STATE,      "state",      "content lives on at the provider; needs a permission")
X(EGRESS,     "egress",     "the provider fetches or calls something; needs a permission")
X(UNREADABLE, "unreadable", "content that no detector can read: images, audio, files, token arrays")
X(OPAQUE,     "opaque",     "signed or encrypted by the provider: passed or refused whole, never altered")
X(SERVER_TOOLS, "server-tools", "tools that the provider itself runs; needs a permission")
X(TOOLS,      "tools",      "tools that the caller offers; a use case may lack them")
X(IMAGES,     "images",     "images, beside being unreadable; a use case may lack them")
#undef X
