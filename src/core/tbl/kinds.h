/* X(ID, number, "name", CATEGORY, level, "meaning"). What a detector can find, the category that it puts
 * into the label, and the least level (0 public .. 3 restricted) that comes with it. Numbers are stored in
 * records: never renumber, never reuse. */
X(EMAIL,         1, "email",         PII,         1, "e-mail address")
X(PHONE,         2, "phone",         PII,         1, "telephone number in E.164 form")
X(IBAN,          3, "iban",          FINANCIAL,   2, "international bank account number")
X(CARD,          4, "card",          PCI,         3, "payment card number")
X(US_SSN,        5, "us-ssn",        PII,         3, "US social security number")
X(AWS_KEY,       6, "aws-key",       CREDENTIALS, 3, "AWS access key id or secret")
X(GITHUB_TOKEN,  7, "github-token",  CREDENTIALS, 3, "GitHub token")
X(SLACK_TOKEN,   8, "slack-token",   CREDENTIALS, 3, "Slack token or webhook")
X(OPENAI_KEY,    9, "openai-key",    CREDENTIALS, 3, "OpenAI API key")
X(ANTHROPIC_KEY,10, "anthropic-key", CREDENTIALS, 3, "Anthropic API key")
X(JWT,          11, "jwt",           CREDENTIALS, 3, "signed JSON web token")
X(PRIVATE_KEY,  12, "private-key",   CREDENTIALS, 3, "private key in PEM or OpenSSH armour")
X(SALLYPORT_KEY,13, "sallyport-key", CREDENTIALS, 3, "API key of this gateway")
#undef X
