"""The requests of the tour: what is asked, by whom, and what must come of it."""

import dataclasses

# Put together here, so that no tool that looks for secrets in files finds one that is none.
AWS_KEY = "AKIA" + "Q7XJ2M5LPD3W6TRV"
IBAN = "DE89 3704 0044 0532 0130 00"

REFUND = "A refund is due within 14 days. Send it the way the customer paid, and confirm it in writing."
LEAK_PIECES = [
    "The upload",
    " script",
    " reads:",
    " aws_access",
    "_key_id=AKIA",
    "Q7XJ2M5L",
    "PD3W6TRV",
    " and",
    " then",
    " copies",
    " it.",
]


@dataclasses.dataclass
class Step:
    """One request and its expected end."""

    title: str
    application: str
    text: str
    tier: str  # where it must go: "cloud", "self-hosted", or "" when it must not go anywhere
    says: str  # what this shows, in a sentence
    dialect: str = ""  # "" for the dialect of the cloud
    cloud_only: bool = False  # asks for the model that only the cloud serves
    system: str = ""
    stream: bool = False
    status: int = 200
    error: str = ""  # wire name of the refusal
    kinds: tuple = ()  # what must have been found in the request
    categories: tuple = ()  # what the label must hold
    cloud_answer: dict = dataclasses.field(default_factory=dict)  # what the stand-in shall say
    is_cut: bool = False  # the answer must be cut before `secret`
    secret: str = ""  # what must not reach the cloud, or, when cut, the client
    needs_standin: bool = False


STEPS = [
    Step(
        title="A public question",
        application="helpdesk",
        system="You answer customers of a web shop in one or two sentences.",
        text="Within how many days does a customer get the money back after a return?",
        tier="cloud",
        cloud_answer={"text": REFUND},
        says="Nothing in it is sensitive: the preferred destination, the cloud, may have it.",
    ),
    Step(
        title="An e-mail draft with a customer's bank account",
        application="helpdesk",
        text="Draft a short e-mail to Anna Weber (anna.weber@example.org): we refund 42.50 EUR to her account "
        f"{IBAN} on Friday.",
        tier="self-hosted",
        kinds=("email", "iban"),
        categories=("pii", "financial"),
        secret="0532 0130",
        says="The same model name, but the IBAN lifts the label above the cloud's clearance: it stays inside.",
    ),
    Step(
        title="A contract review, streamed, in the other dialect",
        application="legal-desk",
        dialect="anthropic",
        text="Review this clause: The supplier's liability is limited to the fees of the last twelve months, "
        "also for gross negligence.",
        tier="self-hosted",
        stream=True,
        categories=("legal",),
        secret="gross negligence",
        says="No detector fires. The use case alone makes it confidential, legal, and bound to the EEA.",
    ),
    Step(
        title="Program text with a live key, for a model that only the cloud serves",
        application="developers",
        text=f"Why does this fail?\n\n    client = connect(key_id='{AWS_KEY}', region='eu-west-1')",
        cloud_only=True,
        tier="",
        status=403,
        error="no_destination_cleared",
        kinds=("aws-access-key",),
        categories=("credentials",),
        secret=AWS_KEY,
        says="No destination of that model may have credentials: refused, with what would be allowed.",
    ),
    Step(
        title="An answer that leaks a key",
        application="helpdesk",
        text="Show me the upload script of the shop.",
        tier="cloud",
        stream=True,
        cloud_answer={"pieces": LEAK_PIECES},
        is_cut=True,
        error="answer_withheld",
        secret=AWS_KEY,
        needs_standin=True,
        says="The key came in three pieces. What came before it was shown, nothing of the key, then an error.",
    ),
    Step(
        title="A caller without the right",
        application="helpdesk",
        text="Within how many days does a customer get the money back?",
        cloud_only=True,
        tier="",
        status=403,
        error="not_permitted",
        says="The same harmless question, but this application may not use that model.",
    ),
]
