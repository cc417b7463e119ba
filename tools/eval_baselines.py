#!/usr/bin/env python3
"""Other scanners behind the interface of `sallyport scan --jsonl`: lines of {"id","text"} in, {"id","spans",...} out.

    eval_baselines.py keywords|presidio|detect-secrets|gitleaks [PROGRAM] < texts > answers

Each as it comes, with what it ships: nothing is tuned for or against it. Run by tools/eval.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

# What is installed, by the package manager that it belongs to.
PINNED = {
    'presidio': 'presidio-analyzer==2.2.366 spacy==3.8.18',
    'detect-secrets': 'detect-secrets==1.5.0',
    'gitleaks': 'github.com/zricethezav/gitleaks/v8@v8.28.0',
}

# ---- keywords: what half a day of regular expressions gives ----

RULES = {
    'email': r'[\w.+-]+@[\w-]+\.[\w.-]+',
    'us_ssn': r'\b\d{3}-\d{2}-\d{4}\b',
    'card': r'\b(?:\d[ -]?){13,16}\b',
    'iban': r'\b[A-Z]{2}\d{2}[ ]?(?:[A-Z0-9]{4}[ ]?){3,7}',
    'phone': r'\+?\d[\d ()-]{8,}\d',
    'ip': r'\b(?:\d{1,3}\.){3}\d{1,3}\b',
    'aws_key': r'\bAKIA[0-9A-Z]{16}\b',
    'github_token': r'\bgh[pousr]_[A-Za-z0-9]{36}\b',
    'private_key': r'-----BEGIN [A-Z ]*PRIVATE KEY-----',
    'jwt': r'\beyJ[\w-]+\.[\w-]+\.[\w-]+',
    'password': r'(?i)(?:password|passwd|pwd|secret|token|api[_-]?key)["\']?\s*[:=]\s*["\']?[^\s"\']{6,}',
}
ATTACK = re.compile(r'(?i)ignore (?:all |the )?(?:previous|above|prior)|disregard|system prompt|jailbreak|\bDAN\b|you are now')
LEVELS = {
    'restricted': r'(?i)password|secret|medical|diagnosis|salary|merger|acquisition',
    'confidential': r'(?i)contract|customer|invoice|legal|source code|strategy|employee',
    'internal': r'(?i)meeting|project|team|internal',
}
USES = {
    'hr': r'(?i)employee|salary|hiring|candidate', 'contract_review': r'(?i)contract|clause', 'proprietary_code': r'(?i)code|bug|function|deploy',
    'customer_support': r'(?i)customer|ticket|refund', 'marketing': r'(?i)campaign|slogan', 'financial_modelling': r'(?i)invoice|budget|revenue',
}


def first_of(patterns, text, default):
    return next((name for name, pattern in patterns.items() if re.search(pattern, text)), default)


def keywords(texts):
    for text in texts:
        spans = [(m.start(), m.end(), kind) for kind, rule in RULES.items() for m in re.finditer(rule, text)]
        yield {
            'spans': spans,
            'injection': float(bool(ATTACK.search(text))),
            'level': first_of(LEVELS, text, 'public'),
            'use_case': first_of(USES, text, 'public_knowledge'),
        }


# ---- Presidio: its recognisers of patterns; its models of names are in no package registry ----


def presidio(texts):
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        """Splits words; knows no names."""

        def __init__(self):
            super().__init__(models=[{'lang_code': 'en', 'model_name': 'blank'}], ner_model_configuration=NerModelConfiguration())
            self.nlp = {'en': spacy.blank('en')}

        def load(self):
            """Nothing to load."""

    # Its list of domains is fetched unless it is told not to; the one that it ships will do.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    analyzer = AnalyzerEngine(nlp_engine=Blank(), supported_languages=['en'])
    for text in texts:
        found = analyzer.analyze(text=text, language='en')
        yield {'spans': [(f.start, f.end, f.entity_type.lower()) for f in found]}


# ---- detect-secrets, line by line ----


# As its command scans a file: asked line by line it would take every word in quotes for a secret.
def detect_secrets(texts):
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings

    with default_settings(), tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, 'text.txt')
        for text in texts:
            file.write_text(text, encoding='utf-8', errors='replace', newline='')
            lines = text.splitlines(keepends=True)
            spans = set()
            for secret in scan_file(str(file)):
                at = sum(len(line) for line in lines[: secret.line_number - 1])
                start = text.find(secret.secret_value or '', at)
                kind = re.sub(r'\W+', '_', secret.type.lower()) + '_key'
                if secret.secret_value and start >= 0:
                    spans.add((start, start + len(secret.secret_value), kind))
            yield {'spans': sorted(spans)}


# ---- gitleaks, over a folder with a file for each text ----


def spans_of_report(report, texts):
    by_file = {}
    for leak in report:
        text = texts[int(pathlib.PurePath(leak['File']).stem)]
        lines = text.split('\n')
        line_start = sum(len(line) + 1 for line in lines[: max(leak['StartLine'] - 1, 0)])
        start = text.find(leak['Secret'], max(line_start - 1, 0))
        if start >= 0:
            kind = leak['RuleID'].replace('-', '_') + '_key'
            by_file.setdefault(leak['File'], set()).add((start, start + len(leak['Secret']), kind))
    return {int(pathlib.PurePath(name).stem): sorted(spans) for name, spans in by_file.items()}


def gitleaks(texts):
    texts = list(texts)
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, 'report.json')
        texts_folder = pathlib.Path(folder, 'texts')
        texts_folder.mkdir()
        for i, text in enumerate(texts):
            (texts_folder / f'{i}.txt').write_bytes(text.encode('utf-8', 'replace'))
        command = [sys.argv[2], 'dir', texts_folder, '--no-banner', '--exit-code', '0', '--log-level', 'error']
        subprocess.run([*command, '--report-format', 'json', '--report-path', report], check=True)
        found = spans_of_report(json.loads(report.read_text(encoding='utf-8')), texts)
    for i in range(len(texts)):
        yield {'spans': found.get(i, [])}


SCANNERS = {'keywords': keywords, 'presidio': presidio, 'detect-secrets': detect_secrets, 'gitleaks': gitleaks}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in SCANNERS:
        sys.exit(__doc__)
    rows = [json.loads(line) for line in sys.stdin.buffer.read().decode('utf-8', 'replace').split('\n') if line.strip()]
    answers = SCANNERS[sys.argv[1]](row['text'] for row in rows)
    for row, answer in zip(rows, answers, strict=True):
        answer['spans'] = [{'start': a, 'end': b, 'category': kind} for a, b, kind in answer['spans']]
        print(json.dumps({'id': row['id'], **answer}))


if __name__ == '__main__':
    main()
