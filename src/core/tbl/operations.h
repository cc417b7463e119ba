/* X(ID, number, "name", streams, "meaning"). What a destination is asked to do. Numbers stand in records and
 * snapshots: never renumber, never reuse; 1 to 31. streams: whether the answer may come as a stream of
 * events. */
X(GENERATE, 1, "generate",     true,  "the next message of a conversation: OpenAI `/v1/chat/completions`, Anthropic `/v1/messages`")
X(COUNT,    2, "count-tokens", false, "how many tokens a conversation takes: Anthropic `/v1/messages/count_tokens`")
X(EMBED,    3, "embeddings",   false, "vectors of texts: OpenAI `/v1/embeddings`")
X(COMPLETE, 4, "completions",  true,  "how a text goes on: OpenAI `/v1/completions`")
#undef X
