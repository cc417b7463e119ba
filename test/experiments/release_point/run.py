#!/usr/bin/env python3
"""Builds and runs the experiment of ADR 8: how much of a stream must be held back, and for how long.

    run.py [--out RESULTS.md]     texts are made here, always the same; needs cc, pkg-config and libhs
"""
import argparse
import base64
import glob
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, '../../..'))

PROSE = '''The committee met on the third of May and read the report of the treasurer aloud; nobody objected, although two members
(who had come late) asked for the figures of 2024 and 2025 to be shown side by side. Section 4.2 says "as soon as practical", which is
not a date. Further spending, e.g. 1,250.00 for chairs, was put off until the autumn, when the hall will have been painted.

A letter from the neighbours was read next. It complained, in friendly words, that the bells ring at 6:45 and not at 7:00, and that the
lamp in front of the gate burns all night. Mr Okafor promised to look into both. He added that the lamp is on a timer which nobody has
understood since 2019: it has 4 switches, 2 of which do nothing. The chair thanked him and hoped for the best.

Then there was the question of the roof. Three offers had come in, at 18,400, 21,950 and 26,000; the cheapest did not include the
gutters. It was agreed to ask again. "We have waited eleven years," said Ms Lindqvist, "we can wait until Thursday." The vote was 9 to 1
with two abstentions, and the meeting closed at half past nine.
'''
CHINESE = '''委员会于五月三日开会，宣读了司库的报告；没有人反对，不过有两位迟到的成员要求把2024年和2025年的数字并列展示。第4.2节写着“尽快”，这不是一个日期。
其他开支，例如购买椅子的1250元，推迟到秋天，那时大厅应该已经粉刷完毕。接着宣读了邻居的来信。信中以友好的语气抱怨钟声在6:45而不是7:00响起，门前的灯整夜亮着。
奥卡福先生答应调查这两件事。他补充说，这盏灯装有一个自2019年以来没有人弄懂的定时器：它有四个开关，其中两个不起作用。主席向他表示感谢，并希望一切顺利。
'''
CODE = '''static sp_status tape_reserve(sp_tape *t, size_t n)
{
    if (t->cap - t->n >= n) return SP_OK;
    size_t cap = t->cap == 0 ? CAP_FIRST : t->cap;
    while (cap - t->n < n) cap *= 2;
    const uint32_t mask = 0xdeadbeef & ~(1u << 31);
    printf("%s: %d of %d (%.2f%%)\\n", name, i, total, 100.0 * i / total);
    for (int i = 0; i < n; i++) { total += price[i] * count[i]; }
    return memcmp(a.p, b.p, n) == 0 ? SP_OK : SP_ENOMEM;
}

def load(path, *, retries=3, timeout=30.0):
    """Reads user@host style names from `path`."""
    with open(path, encoding='utf-8') as f:
        rows = [line.rstrip('\\n').split('\\t') for line in f if not line.startswith('#')]
    return {k: int(v, 16) for k, v in rows if re.fullmatch(r'[0-9a-f]{8}', v)}

git clone https://git.example.org/team/project.git && cd project && make -j4 CFLAGS="-O2 -g" PREFIX=$HOME/.local install
'''


def make_json(r):
    return '\n'.join(json.dumps({'id': r.randrange(10**6), 'user': f'svc-{r.choice(["batch", "mail", "web"])}-{r.randrange(20)}',
                                 'at': f'2026-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}T{r.randrange(24):02}:{r.randrange(60):02}:00Z',
                                 'items': [{'sku': f'{r.choice("ABCD")}-{r.randrange(10**4):04}', 'n': r.randrange(20)}
                                           for _ in range(r.randrange(1, 4))],
                                 'total': round(r.random() * 900, 2), 'hash': hashlib.sha256(str(r.random()).encode()).hexdigest()})
                     for _ in range(14)) + '\n'


def make_table(r):
    return '\n'.join('| ' + ' | '.join(str(r.randrange(10**r.randrange(1, 7))) for _ in range(6)) + ' |' for _ in range(60)) + '\n'


def make_log(r):
    return '\n'.join(f'2026-03-14 09:{r.randrange(60):02}:{r.randrange(60):02}.{r.randrange(1000):03} INFO worker-{r.randrange(8)} '
                     f'handled /v1/items/{r.randrange(10**5)}?page={r.randrange(40)} in {r.randrange(900)} ms, {r.randrange(10**6)} bytes'
                     for _ in range(40)) + '\n'


def examples():
    """The example of each pattern, as the C compiler reads it."""
    text = open(os.path.join(HERE, 'patterns.c'), encoding='utf-8').read()
    out = []
    for row in re.split(r'\n    (?=[WDL]\(|\{")', text.split('patterns[] = {')[1].split('\n};')[0])[1:]:
        last = re.search(r'((?:"(?:[^"\\]|\\.)*"\s*)+)[)}],?\s*$', row).group(1)
        parts = re.findall(r'"((?:[^"\\]|\\.)*)"', last)
        out.append(''.join(parts).replace('\\n', '\n'))
    return out


def make_texts(folder):
    r = random.Random(8)
    words = PROSE.split()
    found = examples()
    blob = base64.b64encode(bytes(r.randrange(256) for _ in range(3000))).decode()
    dense = ' '.join(w for e in found for w in (*r.sample(words, 5), e, *r.sample(words, 2))) + '\n'
    long_key = '-----BEGIN RSA PRIVATE KEY-----\n' + '\n'.join(blob[i:i + 64] for i in range(0, 1600, 64)) + '\n-----END RSA PRIVATE KEY-----'
    token = 'eyJ' + '.'.join(blob[i:i + 500].replace('+', '-').replace('/', '_') for i in range(0, 1500, 500))
    dense += ' '.join([*words[:20], long_key, *words[20:40], token, *words[40:60]]) + '\n'
    near = ' '.join(w for e in found for w in (e[:max(2, len(e) * 2 // 3)], r.choice(words))) + '\n'
    texts = {'prose': PROSE * 2, 'chinese': CHINESE, 'code': CODE * 2, 'json': make_json(r), 'numbers': make_table(r), 'log': make_log(r),
             'shouting': PROSE.upper(), 'base64': 'The file:\n' + blob + '\nand that was it.\n', 'matches': dense, 'near-matches': near}
    for name, text in texts.items():
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as f:
            f.write(text)
    return [os.path.join(folder, name) for name in texts]


def build(folder, name, sources):
    flags = subprocess.run(['pkg-config', '--cflags', '--libs', 'libhs'], check=True, capture_output=True, text=True).stdout.split()
    program = os.path.join(folder, name)
    subprocess.run([os.environ.get('CC', 'cc'), '-std=gnu11', '-O2', '-D_GNU_SOURCE', f'-I{ROOT}/include', f'-I{ROOT}/src/core', f'-I{HERE}',
                    *(os.path.join(HERE, f) for f in sources), *glob.glob(f'{ROOT}/src/core/base/*.c'),
                    *glob.glob(f'{ROOT}/src/core/detect/*.c'), '-o', program, *flags], check=True)
    return program


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('--out')
    out = args.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        compare = build(folder, 'compare', ['nfa.c', 'patterns.c', 'strategies.c', 'compare.c'])
        strategies = subprocess.run([compare, *make_texts(folder)], check=True, stdout=subprocess.PIPE, text=True).stdout
        cost = subprocess.run([build(folder, 'cost', ['cost.c'])], check=True, stdout=subprocess.PIPE, text=True).stdout
    text = '# Release point: measured\n\nMade by run.py; the texts and how tokens are cut are described there and in compare.c.\n' + strategies
    text += '\n# What the engine costs as it is built\n\nMade by cost.c: all detectors, repeated texts, CPU per KB, whole and through a tape.\n' + cost
    if out:
        with open(out, 'w', encoding='utf-8') as f:
            f.write(text)
    else:
        sys.stdout.write(text)


if __name__ == '__main__':
    main()
