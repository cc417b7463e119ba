/* Rows of what the pass over whole texts finds, in the order of their kinds: for `detector list`, manuals and
 * tests. Heads they have none: names.c says where they may be. */
#include "detect/names.h"

static const sp_example person_examples[] = {
    "Please ask Dr. [Miriam Okafor] about it.",
    "My name is [Ilse Brandstetter] and I have a question.",
    "{\"name\": \"[Tomasz Zielonka]\", \"age\": 31}",
    "Sehr geehrter Herr [Obermayr],",
    "je m'appelle [Lucienne Fabregas]",
    "[Katherine O'Malley] <kate@example.org> wrote:",
    "Paciente: [Leocadia Bermejo Ruiz]",
    "[Oksana Tkachuk], born in 1980",
    "Имя: [Людмила Петровна Горшкова]",
    "[Jan van der Meulen] lives here",
    "\xe5\xa7\x93\xe5\x90\x8d\xef\xbc\x9a[\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e]",
    "[\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e]\xe3\x81\x95\xe3\x82\x93",
    "The Quick Start guide is short.",
    "Will May come in June?",
    "def f(Name: Optional = None)",
    "Microsoft Word and Adobe Reader",
    "Ask Anna when she is back.",
    "name: Default Value",
    "Mark All as Read",
    "class JohnSmithFactory extends Base",
    NULL,
};
static const sp_example address_examples[] = {
    "He moved to [17 Orchard Road, Leeds LS1 4AP] last year.",
    "Lieferung an [Lindenstra\303\237e 14, 10969 Berlin]",
    "[8, rue des Lilas, 69003 Lyon]",
    "ship it to [PO Box 4411, Springfield, IL 62701]",
    "abita in [via Garibaldi 22, 20121 Milano]",
    "Adres: [Kerkstraat 5, 1017 GA Amsterdam]",
    "[ul. Piotrkowska 12/4, 90-001 \305\201\303\263d\305\272]",
    /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one address, in Korean */
    "\xeb\xaf\xbc\xec\x88\x98: [\xec\x84\x9c\xec\x9a\xb8\xed\x8a\xb9\xeb\xb3\x84\xec\x8b\x9c "
    "\xea\xb0\x95\xeb\x82\xa8\xea\xb5\xac \xed\x85\x8c\xed\x97\xa4\xeb\x9e\x80\xeb\xa1\x9c 152]",
    "Section 4, Table 12",
    "see RFC 2119, section 3",
    "On the Road 2 Nowhere",
    "the road has 3 lanes",
    "Version 1.2, January 2004",
    "10 Common Points of View",
    NULL,
};
static const sp_example location_examples[] = {
    "She flew to [Buenos Aires] on Monday.",
    "We live in [Karlsruhe].",
    "{\"city\": \"[Gorinchem]\"}",
    "n\xc3\xa9 \xc3\xa0 [Marseille] en 1970",
    "Geburtsort: [Klagenfurt]",
    "\xd0\x93\xd0\xbe\xd1\x80\xd0\xbe\xd0\xb4: [\xd0\x9a\xd0\xb0\xd0\xb7\xd0\xb0\xd0\xbd\xd1\x8c]",
    "in Python and in C",
    "Reading the manual helps.",
    "a nice turkey",
    "in General, from Scratch",
    "State: Ready",
    NULL,
};
static const sp_example organization_examples[] = {
    "an invoice of [Hartl & Sohn GmbH]",
    "[Acme Widgets, Inc.] has its seat there",
    "she works for [Brightwater Analytics]",
    "la soci\xc3\xa9t\xc3\xa9 [Dupin S.A.R.L.]",
    "[\xd0\x9e\xd0\x9e\xd0\x9e \xc2\xab\xd0\x97\xd0\xb0\xd1\x80\xd1\x8f\xc2\xbb]",
    "employer: [Nordlys Shipping]",
    "[\xe6\xa0\xaa\xe5\xbc\x8f\xe4\xbc\x9a\xe7\xa4\xbe\xe6\x97\xa5\xe6\x9c\xac\xe9\xa3\x9f\xe5\x93\x81]",
    "As Of Now",
    "the company of friends",
    "Open Source Software",
    "SE Linux and AS numbers",
    "works for Everyone",
    NULL,
};

#define NAMES_ROW .run = SP_RUN_WORD, .longest = SP_NAME_MAX, .least = 50, .is_whole = true

static const sp_row rows[] = {
    {.name = "person",
     .kind = SP_KIND_PERSON,
     .source = "titles, salutations, fields, frames of sentences, lists of names",
     .examples = person_examples,
     NAMES_ROW},
    {.name = "address",
     .kind = SP_KIND_ADDRESS,
     .source = "words for streets, numbers, postcodes, fields, frames of sentences",
     .examples = address_examples,
     NAMES_ROW},
    {.name = "location",
     .kind = SP_KIND_LOCATION,
     .source = "lists of places, fields, endings behind \"in\"",
     .examples = location_examples,
     NAMES_ROW},
    {.name = "organization",
     .kind = SP_KIND_ORGANIZATION,
     .source = "legal forms, words for organisations, fields, frames of sentences",
     .examples = organization_examples,
     NAMES_ROW},
};

const sp_family sp_family_names = {rows, sizeof rows / sizeof rows[0]};
