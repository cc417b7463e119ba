/* X(ID, number, "name", symbol). Numbers stand in records and snapshots: never renumber, never reuse. The
 * symbol is the dialect's table in src/core/parse/<name>.c. */
X(OPENAI,    1, "openai",    sp__openai)
X(ANTHROPIC, 2, "anthropic", sp__anthropic)
#undef X
