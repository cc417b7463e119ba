#!/usr/bin/env python3
"""The stages of `make test`. Each prints its name, its duration and what failed; the last line counts everything.

A stage yields (passed, failed). Nothing is skipped in silence: what does not run says so, and a test that skips counts
as failed. Logs lie in build/logs. Started by tools/test.sh, which has installed what the stages need.

    SALLYPORT_FUZZ_SECONDS   time for fuzzing in all (60)
    SALLYPORT_ASAN=1         the differential tests run a second time with the module under ASan and UBSan, the
                             integration tests a second time in a whole nginx under them (CI)
"""
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, 'build')
LOGS = os.path.join(BUILD, 'logs')
SHARED = os.path.join(ROOT, '..', 'shared')
TAIL_LINES = 40
# What the last lines of the run say again of all that failed, for who sees no more than these.
AGAIN_LINES, AGAIN_WIDTH = 8, 400
again = []
# For the stages that are named after it; tests read it as well, and the others must not.
WITH_ASAN = os.environ.pop('SALLYPORT_ASAN', '') == '1'
STILL_RUNNING_S = 30
FILES_AT_ONCE, ALONE_MOST = 2, 5
# What no want of time brings about.
DEFECT = re.compile(r'Sanitizer|runtime error:|\[(alert|crit|emerg)\]')
only_alone = []

SANITIZERS = {
    'ASAN_OPTIONS': 'detect_leaks=1:abort_on_error=0:strict_string_checks=1:detect_stack_use_after_return=1',
    'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1',
    # A test forks while a writer of its own runs; the child starts its own.
    'TSAN_OPTIONS': 'halt_on_error=1:second_deadlock_stack=1:die_after_fork=0',
}
# All of nginx is sanitized, and of another version than Debian's: the module that was built with it is the one to load.
# ngx_module_names stands in nginx and in each module: not a violation of the one-definition rule worth ending for.
# A test's own preloaded disk may come before the runtime (verify_asan_link_order).
# Leaks are looked for in the unit tests: a worker that was killed on purpose has freed nothing.
NGINX_ASAN = {
    'SALLYPORT_ASAN': 'nginx',
    'SALLYPORT_MODULE': os.path.join(BUILD, 'nginx-asan', 'ngx_http_sallyport_module.so'),
    **SANITIZERS,
    'ASAN_OPTIONS': 'detect_leaks=0:detect_odr_violation=0:detect_stack_use_after_return=1'
                    ':verify_asan_link_order=0',
}


def log_path(name):
    return os.path.join(LOGS, name + '.log')


def run(name, command, env=None):
    """Runs a command with its output in build/logs/NAME.log and says every half minute that it still runs.
    Returns its exit status."""
    os.makedirs(LOGS, exist_ok=True)
    with open(log_path(name), 'wb') as log:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                   env={**os.environ, **(env or {})})
        started = time.monotonic()
        while True:
            try:
                return process.wait(timeout=STILL_RUNNING_S)
            except subprocess.TimeoutExpired:
                lines = tail(name, 1)
                print(f'   {name}: {time.monotonic() - started:.0f} s, at: {lines[-1][:90] if lines else ""}', flush=True)


def tail(name, n):
    with open(log_path(name), encoding='utf-8', errors='replace') as f:
        return [line for line in f.read().splitlines() if line.strip()][-n:]


def say_again(name, lines):
    """Keeps what failed for the end of the run."""
    again.extend([f'red: {name}', *('   ' + line[:AGAIN_WIDTH] for line in lines[-AGAIN_LINES:])])


def show_tail(name, n=TAIL_LINES):
    print('\n'.join('   | ' + line for line in tail(name, n)))
    say_again(name, tail(name, AGAIN_LINES))
    print(f'   the whole output is in {os.path.relpath(log_path(name), ROOT)}')


def command_stage(*command):
    """A command that is one test: it passes when it exits with 0."""
    def stage(name):
        if run(name, list(command)) == 0:
            return 1, 0
        show_tail(name)
        return 0, 1
    return stage


def check_stage(tool):
    """A check and the self-test that shows that it can fail."""
    def stage(name):
        passed = failed = 0
        for label, command in ((name + '-self-test', [tool, '--self-test']), (name, [tool])):
            if run(label, command) == 0:
                passed += 1
            else:
                failed += 1
                show_tail(label)
        return passed, failed
    return stage


def count_cmocka(entry):
    """(passed, failed) of one program: its cmocka cases, or one if it has none."""
    text = entry.get('stdout', '') + entry.get('stderr', '')
    def total(word):
        return sum(int(n) for n in re.findall(r'\[  ' + word + r'  \] (\d+) test', text))
    passed, failed = total('PASSED'), total('FAILED')
    if entry['result'] == 'OK':
        return max(passed, 1), 0
    return passed, max(failed, 1)


def meson_stage(folder, *suites):
    """The tests of a build folder. A folder without tests is a failure."""
    def stage(name):
        where = os.path.join(BUILD, folder)
        report = os.path.join(where, 'meson-logs', f'testlog-{name}.json')
        if os.path.exists(report):
            os.remove(report)
        suite_options = [f'--suite={suite}' for suite in suites]
        run(name, ['meson', 'test', '-C', where, '--no-rebuild', '--logbase', f'testlog-{name}', '--num-processes', '2',
                   *suite_options], SANITIZERS)
        if not os.path.exists(report):
            show_tail(name)
            return 0, 1
        passed = failed = 0
        with open(report, encoding='utf-8') as f:
            for entry in map(json.loads, f):
                p, n = count_cmocka(entry)
                passed, failed = passed + p, failed + n
                if n:
                    text = (entry.get('stdout', '') + entry.get('stderr', '')).splitlines()[-TAIL_LINES:]
                    print('\n'.join([f'   {entry["name"]}: {entry["result"]}'] + ['   | ' + line for line in text]))
                    say_again(entry['name'], text)
        return (passed, failed) if passed + failed else (0, 1)
    return stage


def pytest_run(name, env, *options):
    """Runs pytest. Returns its report, or None if it made none."""
    report = os.path.join(LOGS, name + '.xml')
    if os.path.exists(report):
        os.remove(report)
    run(name, [os.path.join(BUILD, 'venv', 'bin', 'python'), '-m', 'pytest', *options, '-v', '-p', 'no:cacheprovider', '--timeout=180',
               f'--junitxml={report}'], env)
    return ET.parse(report).getroot() if os.path.exists(report) else None


def pytest_stage(env=None, path='test/integration', only=(), at_once=FILES_AT_ONCE):
    """Tests of pytest below a folder; the integration tests unless told, against the build folder that `env` names. `at_once` files run beside
    each other. A few that fail there are asked again by themselves, since tests that wait can want for time; which those were is said at the
    end. What a sanitizer or nginx's log says, and what is wrong after a test, stands."""
    def stage(name):
        cases = pytest_run(name, env, path, *only, '-n', str(at_once), '--dist', 'loadfile')
        if cases is None:
            show_tail(name)
            return 0, 1
        passed, failed = sort_cases(cases)
        hasty = [case for case in failed if may_be_haste(case)]
        if hasty and len(failed) <= ALONE_MOST and at_once > 1:
            alone = pytest_run(name + '-alone', env, *map(node_of, hasty))
            good, bad = sort_cases(alone) if alone is not None else ([], hasty)
            passed, failed = passed + good, [case for case in failed if case not in hasty] + bad
            only_alone.extend(f'only alone: {name}: {node_of(case)}' for case in good)
        for case in failed:
            show_case(name, case)
        if failed or not passed:
            print(f'   the whole output is in {os.path.relpath(log_path(name), ROOT)}')
        return len(passed), len(failed) if passed or failed else 1
    return stage


def may_be_haste(case):
    bad = trouble_of(case)
    return bad.tag == 'failure' and not DEFECT.search((bad.get('message') or '') + (bad.text or ''))


def trouble_of(case):
    return next((child for child in case if child.tag in ('failure', 'error', 'skipped')), None)


def sort_cases(cases):
    """(passed, failed) of a report. A known limit is neither, and is said."""
    passed, failed = [], []
    for case in cases.iter('testcase'):
        bad = trouble_of(case)
        if bad is not None and bad.get('type') == 'pytest.xfail':  # strict: one that holds after all is a failure
            print(f'   known limit: {case.get("name")}: {bad.get("message", "")[:120]}')
            continue
        (passed if bad is None else failed).append(case)
    return passed, failed


def node_of(case):
    """What pytest calls a test: none of ours lies in a class."""
    return f'{case.get("classname").replace(".", "/")}.py::{case.get("name")}'


def show_case(name, case):
    bad = trouble_of(case)
    words = (bad.get('message') or '').splitlines() or ['']
    print(f'   {bad.tag}: {node_of(case)}: {words[0][:160]}')
    say_again(f'{name}: {node_of(case)}', words[:AGAIN_LINES])


def fuzz_stage(name):
    """One test per target."""
    status = run(name, ['tools/fuzz.sh', os.environ.get('SALLYPORT_FUZZ_SECONDS', '60')])
    lines = tail(name, 1000)
    passed = sum(bool(re.match(r'fuzz \w+: ok', line)) for line in lines)
    failed = sum(bool(re.match(r'fuzz \w+: FAILED', line)) for line in lines)
    if status != 0:
        show_tail(name)
        failed = max(failed, 1)
    return passed, failed


def shared_stage(name):
    """What lies beside the project in some work places and measures it independently."""
    tool = os.path.join(SHARED, 'tools', 'measure_c.py')
    if not os.path.exists(tool):
        print('   ../shared is absent: its checks do not run')
        return 0, 0
    if run(name, [sys.executable, tool, '--json', 'src', 'include']) != 0:
        show_tail(name)
        return 0, 1
    with open(log_path(name), encoding='utf-8') as f:
        shape = json.load(f)
    shape = shape[0] if isinstance(shape, list) else shape
    limits = {'fn_median': 15, 'fn_p90': 45, 'fn_over_100_pct': 0, 'nest_p90': 3, 'params_p90': 5, 'c_p90': 600,
              'todo_per_kloc': 0}
    bad = [f'{key} is {shape[key]}, more than {limit}' for key, limit in limits.items() if float(shape[key]) > limit]
    print('\n'.join('   ' + line for line in bad) if bad else
          '   ' + ', '.join(f'{key} {shape[key]}' for key in limits))
    return len(limits) - len(bad), len(bad)


# In this order. An asan stage that belongs to CI is named here with the condition, so that its absence is said.
STAGES = [
    ('build', command_stage('tools/build.sh', 'release', 'tests')),
    ('build-clang', command_stage('tools/build.sh', 'clang', 'tests')),
    ('build-asan', command_stage('tools/build.sh', 'asan', 'tests')),
    ('build-tsan', command_stage('tools/build.sh', 'tsan', 'tests')),
    ('unit', meson_stage('.', 'unit')),
    ('unit-clang', meson_stage('clang', 'unit')),
    ('unit-asan', meson_stage('asan', 'unit', 'replay')),
    ('unit-tsan', meson_stage('tsan', 'unit')),
    ('layers', check_stage('tools/check_layers')),
    ('symbols', check_stage('tools/check_symbols')),
    ('measures', check_stage('tools/check_measures')),
    ('format', check_stage('tools/check_format')),
    ('reference', check_stage('tools/gen_reference')),
    ('forms', check_stage('tools/gen_forms')),
    ('words', check_stage('tools/gen_words')),
    ('lint', check_stage('tools/lint.sh')),
    ('fuzz', fuzz_stage),
    ('integration', pytest_stage()),
    ('policy', pytest_stage(path='test/policy')),
    ('differential', pytest_stage(path='test/differential')),
    ('chaos-self-test', command_stage(os.path.join(BUILD, 'venv', 'bin', 'python'), 'test/chaos/chaos.py', '--self-test')),
    ('chaos', command_stage(os.path.join(BUILD, 'venv', 'bin', 'python'), 'test/chaos/chaos.py', '--rounds', '100')),
    ('integration-asan', pytest_stage({'SALLYPORT_ASAN': '1', **SANITIZERS})),
    ('differential-asan', pytest_stage({'SALLYPORT_ASAN': '1', **SANITIZERS}, 'test/differential')),
    ('nginx-asan', command_stage('tools/build-nginx-asan.sh')),
    ('integration-nginx-asan', pytest_stage(NGINX_ASAN)),
    ('mechanics', pytest_stage(path='test/experiments/mechanics', only=('-k', 'debian'))),
    ('mechanics-asan', pytest_stage(path='test/experiments/mechanics', only=('-k', 'not debian'))),
    ('tour', command_stage('make', 'tour')),
    ('shared', shared_stage),
]
ONLY_WITH_ASAN = {'differential-asan', 'nginx-asan', 'integration-nginx-asan'}
# Minutes that find nothing which the stages beside them do not: why each runs when it is named, and not otherwise.
ONLY_WHEN_NAMED = {
    'integration-asan': 'integration-nginx-asan asks the same of more',
    'mechanics': 'the experiment of ADR 9; the tests of the gateway took over what it showed',
    'mechanics-asan': 'as mechanics',
}


def chosen(names):
    unknown = set(names) - {name for name, _ in STAGES}
    if unknown:
        sys.exit(f'there is no stage {", ".join(sorted(unknown))}; the stages are {", ".join(n for n, _ in STAGES)}')
    for name, stage in STAGES:
        if names and name not in names:
            continue
        if name in ONLY_WHEN_NAMED and not names:
            print(f'== {name}: only when it is named ({ONLY_WHEN_NAMED[name]})')
            continue
        if name in ONLY_WITH_ASAN and not names and not WITH_ASAN:
            print(f'== {name}: not asked for (SALLYPORT_ASAN=1 runs it, as CI does)')
            continue
        yield name, stage


def main():
    passed = failed = 0
    red = []
    for name, stage in chosen(sys.argv[1:]):
        print(f'== {name}', flush=True)
        started = time.monotonic()
        p, n = stage(name)
        passed, failed = passed + p, failed + n
        red += [name] if n else []
        print(f'   {name}: {p} passed, {n} failed, {time.monotonic() - started:.1f} s', flush=True)
    if only_alone:
        print('\n'.join(only_alone))
    if red:
        print('\n'.join(again))
        print(f'red: {", ".join(red)}')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
