"""Tiny projects for pytest, one a scenario; the recorders `pytest` and `pytest-plugins` run them with different reporters."""

GOOD = "def test_adds_prices():\n    assert 2 + 3 == 5\n\n\n"
BAD = "def test_adds_tax():\n    assert 100 + 19 == 120\n\n\n"
SAME_PASS = "def test_keeps_total():\n    assert 1 == 1\n\n\n"
SAME_FAIL = "def test_keeps_total():\n    assert 1 == 2\n\n\n"
IMPORT = "import pytest\n\n\n"


def fixture(before="", after="", scope="function"):
    return f"""@pytest.fixture(scope="{scope}")
def till():
    {before or "pass"}
    yield 7
    {after or "pass"}


"""


def one(text, args="", name="test_cart.py", **more):
    return {"files": {name: text, **more.pop("more", {})}, "args": args, **more}


def two(first, second, args="", **more):
    return {"files": {"first/test_cart.py": first, "second/test_cart.py": second, "first/__init__.py": "", "second/__init__.py": ""}, "args": args, **more}


SUBTESTS = """def test_prices(subtests):
    for price in (1, 2, 3):
        with subtests.test(msg="price", price=price):
            assert price != %s


"""
UNITTEST_SUBTESTS = """import unittest


class Cart(unittest.TestCase):
    def test_prices(self):
        for price in (1, 2, 3):
            with self.subTest("price", price=price):
                self.assertNotEqual(price, %s)

    def test_empty(self):
        self.assertEqual([], [])
"""
DUPLICATE_PARAMETERS = """@pytest.mark.parametrize("price", [pytest.param(1, id="apple"), pytest.param(2, id="apple")], ids=None)
def test_price(price):
    assert price == %s
"""
ODD = IMPORT + r'''@pytest.mark.parametrize(
    "label",
    ["a \"quoted\" one", "<b>&amp;</b>", "two\nlines", "a\ttab", "ok \U0001f34e", "\x1b[31mred\x1b[0m", "a/b::c", "]]>", "x - y # skip", "nul\x00byte"],
)
def test_label(label):
    print(label)
    assert label.startswith(%s), label
'''
CONFTEST_EXIT = """def pytest_sessionfinish(session, exitstatus):
    session.exitstatus = %s
"""
CONFTEST_RAISES = """def pytest_sessionfinish(session, exitstatus):
    raise RuntimeError("the shop is on fire")
"""
THREAD = """import threading
import time


def burn():
    raise RuntimeError("the till is on fire")


def test_starts_a_thread():
    threading.Thread(target=burn).start()
    time.sleep(0.1)


"""
UNRAISABLE = """import gc


class Till:
    def __del__(self):
        raise RuntimeError("the till will not close")


def test_forgets_a_till():
    Till()
    gc.collect()


"""
COVERED = {"cart.py": "def tax(price):\n    if price > 100:\n        return price * 7 // 100\n    return price * 19 // 100\n"}
COVER_TEST = "from cart import tax\n\n\ndef test_tax():\n    assert tax(100) == 19\n"

CASES = {
    "all-pass": one(GOOD + "def test_empty():\n    assert [] == []\n"),
    "one-fails": one(GOOD + BAD),
    "one-errors": one(GOOD + "def test_raises():\n    raise ValueError('no such price')\n"),
    "same-title-fail-pass": one("class TestCart:\n    def test_total(self):\n        assert 1 == 2\n\n\nclass TestTill:\n    def test_total(self):\n        assert 1 == 1\n"),
    "same-title-pass-fail": one("class TestCart:\n    def test_total(self):\n        assert 1 == 1\n\n\nclass TestTill:\n    def test_total(self):\n        assert 1 == 2\n"),
    "redefined-fail-pass": one(SAME_FAIL + SAME_PASS),
    "two-files-one-title-fail-pass": two(SAME_FAIL, SAME_PASS),
    "two-files-one-title-pass-fail": two(SAME_PASS, SAME_FAIL),
    # Roots without `__init__.py`, run from a folder above: the folder stands in the class name, else it does not.
    "two-rootdirs-one-title-fail-pass": {
        "files": {"a/tests/test_cart.py": SAME_FAIL, "b/tests/test_cart.py": SAME_PASS},
        "args": "--import-mode=importlib",
    },
    "same-argument-twice": one(GOOD + BAD, "--keep-duplicates test_cart.py test_cart.py"),
    "duplicate-class-names": {
        "files": {"test_x/test_cart.py": "class TestTill:\n" + "    def test_total(self):\n        assert 1 == 2\n", "test_x.py": "class test_cart:\n    pass\n"},
        "args": "",
    },
    # A folder `a.b` and a folder `a/b` have the same class name in the report.
    "two-files-one-classname-fail-pass": {"files": {"a.b/test_cart.py": SAME_FAIL, "a/b/test_cart.py": SAME_PASS}, "args": "--import-mode=importlib"},
    "two-files-one-classname-pass-fail": {"files": {"a.b/test_cart.py": SAME_PASS, "a/b/test_cart.py": SAME_FAIL}, "args": "--import-mode=importlib"},
    "parametrised-one-fails": one(IMPORT + '@pytest.mark.parametrize("price", [1, 2, 3])\ndef test_price(price):\n    assert price != 2\n'),
    "parametrised-equal-titles": one(IMPORT + '@pytest.mark.parametrize("price", [1, 2], ids=["apple", "apple"])\ndef test_price(price):\n    assert price != 1\n'),
    "parametrised-empty": one(IMPORT + GOOD + '@pytest.mark.parametrize("price", [])\ndef test_price(price):\n    assert price\n'),
    "parametrised-empty-xfail": one(IMPORT + GOOD + '@pytest.mark.parametrize("price", [])\ndef test_price(price):\n    assert price\n', "-o empty_parameter_set_mark=xfail"),
    "parametrised-empty-fails": one(IMPORT + GOOD + '@pytest.mark.parametrize("price", [])\ndef test_price(price):\n    assert price\n', "-o empty_parameter_set_mark=fail_at_collect"),
    "skipped": one(IMPORT + GOOD + '@pytest.mark.skip(reason="the till is closed")\ndef test_till():\n    assert False\n\n\ndef test_later():\n    pytest.skip("not today")\n'),
    "skipped-all": one(IMPORT + '@pytest.mark.skip(reason="the till is closed")\ndef test_till():\n    assert False\n'),
    "skipped-module": one(IMPORT + 'pytest.skip("no till here", allow_module_level=True)\n\n\n' + BAD, more={"test_till.py": GOOD}),
    "skipped-then-teardown-error": one(IMPORT + fixture(after="raise RuntimeError('the till will not close')") + "def test_till(till):\n    pytest.skip('not today')\n"),
    "importorskip": one(IMPORT + 'pytest.importorskip("no_such_shop")\n\n\n' + BAD, more={"test_till.py": GOOD}),
    "expected-failure": one(IMPORT + GOOD + '@pytest.mark.xfail(reason="known")\n' + BAD + "def test_gives_up():\n    pytest.xfail('not built yet')\n"),
    "expected-failure-only": one(IMPORT + '@pytest.mark.xfail(reason="known")\n' + BAD),
    "expected-failure-raises-other": one(IMPORT + '@pytest.mark.xfail(raises=KeyError, reason="known")\n' + BAD),
    "expected-failure-not-run": one(IMPORT + GOOD + '@pytest.mark.xfail(run=False, reason="crashes")\n' + BAD),
    "expected-failure-run": one(IMPORT + GOOD + '@pytest.mark.xfail(reason="known")\n' + BAD, "--runxfail"),
    "expected-failure-setup-error": one(IMPORT + fixture("raise RuntimeError('no till')") + '@pytest.mark.xfail(reason="known")\ndef test_till(till):\n    assert till\n'),
    "expected-failure-teardown-error": one(IMPORT + fixture(after="raise RuntimeError('no till')") + '@pytest.mark.xfail(reason="known")\ndef test_till(till):\n    assert not till\n'),
    "unexpected-pass": one(IMPORT + '@pytest.mark.xfail(reason="known")\n' + GOOD),
    "unexpected-pass-strict": one(IMPORT + '@pytest.mark.xfail(strict=True, reason="known")\n' + GOOD),
    "unexpected-pass-strict-setting": one(IMPORT + '@pytest.mark.xfail(reason="known")\n' + GOOD, "-o strict_xfail=true"),
    "unittest-expected-failure": one("import unittest\n\n\nclass Cart(unittest.TestCase):\n    @unittest.expectedFailure\n    def test_tax(self):\n        self.assertEqual(1, 2)\n"),
    "unittest-unexpected-pass": one("import unittest\n\n\nclass Cart(unittest.TestCase):\n    @unittest.expectedFailure\n    def test_tax(self):\n        self.assertEqual(1, 1)\n"),
    "setup-error": one(IMPORT + GOOD + fixture("raise RuntimeError('no till')") + "def test_till(till):\n    assert till\n"),
    "teardown-error": one(IMPORT + GOOD + fixture(after="raise RuntimeError('the till will not close')") + "def test_till(till):\n    assert till\n"),
    "fails-and-teardown-error": one(IMPORT + fixture(after="raise RuntimeError('the till will not close')") + "def test_till(till):\n    assert not till\n"),
    "suite-setup-error": one(IMPORT + fixture("raise RuntimeError('no till')", scope="module") + "def test_till(till):\n    assert till\n\n\ndef test_drawer(till):\n    assert till\n"),
    "suite-teardown-error": one(IMPORT + fixture(after="raise RuntimeError('the till will not close')", scope="module") + "def test_till(till):\n    assert till\n\n\ndef test_drawer(till):\n    assert till\n"),
    "setup-class-error": one("class TestCart:\n    @classmethod\n    def setup_class(cls):\n        raise RuntimeError('no cart')\n\n    def test_empty(self):\n        pass\n"),
    "teardown-module-error": one(GOOD + "def teardown_module():\n    raise RuntimeError('no way out')\n"),
    "collection-error": one("import no_such_shop\n\n\n" + GOOD),
    "collection-error-and-pass": one("import no_such_shop\n\n\n" + GOOD, more={"test_till.py": GOOD}),
    "collection-error-syntax": one("def test_adds(:\n    pass\n", more={"test_till.py": GOOD}),
    "collection-error-continued": one("import no_such_shop\n", "--continue-on-collection-errors", more={"test_till.py": GOOD}),
    "collection-error-conftest": one(GOOD, more={"conftest.py": "import no_such_shop\n"}),
    "collection-error-same-basename": {"files": {"a/test_cart.py": GOOD, "b/test_cart.py": GOOD}, "args": ""},
    "collect-only": one(GOOD + BAD, "--collect-only"),
    "usage-error": one(GOOD, "--no-such-option"),
    "missing-file": one(GOOD, "test_cart.py test_gone.py"),
    "missing-test": one(GOOD, "test_cart.py::test_gone"),
    "missing-test-and-pass": one(GOOD, "test_cart.py::test_adds_prices test_cart.py::test_gone"),
    "crash": one(GOOD + "import os\n\n\ndef test_crashes():\n    os._exit(3)\n"),
    "crash-exit-0": one(GOOD + "import os\n\n\ndef test_crashes():\n    os._exit(0)\n"),
    "crash-segfault": one(GOOD + "import ctypes\n\n\ndef test_crashes():\n    ctypes.string_at(0)\n"),
    "crash-killed": one(GOOD + "import os\nimport signal\n\n\ndef test_crashes():\n    os.kill(os.getpid(), signal.SIGKILL)\n"),
    "sys-exit-in-test": one(GOOD + "import sys\n\n\ndef test_leaves():\n    sys.exit(0)\n"),
    "sys-exit-while-collecting": one("import sys\n\nsys.exit(0)\n", more={"test_till.py": GOOD}),
    "pytest-exit": one(IMPORT + GOOD + "def test_leaves():\n    pytest.exit('shop closed', returncode=0)\n\n\n" + BAD),
    "pytest-exit-failure": one(IMPORT + GOOD + "def test_leaves():\n    pytest.exit('shop closed')\n\n\n" + BAD),
    "pytest-exit-while-collecting": one(IMPORT + "pytest.exit('shop closed', returncode=0)\n", more={"test_till.py": GOOD}),
    "keyboard-interrupt": one(GOOD + "def test_leaves():\n    raise KeyboardInterrupt\n\n\n" + BAD),
    "internal-error": one(GOOD, more={"conftest.py": "def pytest_runtest_logreport(report):\n    raise RuntimeError('a plugin broke')\n"}),
    "internal-error-at-end": one(GOOD, more={"conftest.py": CONFTEST_RAISES}),
    "timeout": one("import time\n\n\n" + GOOD + "def test_waits():\n    time.sleep(30)\n\n\ndef test_after():\n    pass\n", "--timeout=5"),
    "timeout-thread": one("import time\n\n\n" + GOOD + "def test_waits():\n    time.sleep(30)\n", "--timeout=5 --timeout-method=thread"),
    "session-timeout": one("import time\n\n\n" + GOOD + "def test_waits():\n    time.sleep(0.6)\n\n\ndef test_after():\n    pass\n", "--session-timeout=0.3"),
    "faulthandler-timeout": one("import time\n\n\ndef test_waits():\n    time.sleep(0.6)\n", "-o faulthandler_timeout=0.2"),
    "thread-error": one(THREAD + GOOD),
    "thread-error-as-error": one(THREAD + GOOD, "-W error::pytest.PytestUnhandledThreadExceptionWarning"),
    "unraisable-error": one(UNRAISABLE + GOOD),
    "unraisable-error-as-error": one(UNRAISABLE + GOOD, "-W error"),
    "warning": one(GOOD + "import warnings\n\n\ndef test_warns():\n    warnings.warn('old price')\n"),
    "warning-as-error": one(GOOD + "import warnings\n\n\ndef test_warns():\n    warnings.warn('old price')\n", "-W error"),
    "warnings-too-many": one(GOOD + "import warnings\n\n\ndef test_warns():\n    warnings.warn('old price')\n", "--max-warnings=0"),
    "returns-not-none": one(GOOD + "def test_returns():\n    return 1 == 2\n"),
    "async-without-plugin": one(GOOD + "async def test_waits():\n    assert 1 == 2\n"),
    "async-one-fails": one(IMPORT + '@pytest.mark.asyncio\nasync def test_waits():\n    assert 1 == 2\n\n\n' + GOOD),
    "no-tests": one("PRICE = 1\n"),
    "no-tests-no-files": {"files": {"readme.txt": "a shop\n"}, "args": ""},
    "filtered": one(GOOD + BAD, "-k prices"),
    "filtered-all-away": one(GOOD + BAD, "-k nothing_like_this"),
    "filtered-by-node": one(GOOD + BAD, "test_cart.py::test_adds_prices"),
    "last-failed": one(GOOD + BAD, "--last-failed", first="python -m pytest -q"),
    "stepwise": one(BAD + GOOD, "--stepwise"),
    "stopped-early": one(GOOD + BAD + SAME_PASS + "def test_after():\n    assert 1 == 2\n", "-x"),
    "stopped-early-maxfail": one(BAD + "def test_b():\n    assert 0\n\n\ndef test_c():\n    assert 0\n\n\n" + GOOD, "--maxfail=2"),
    "stopped-early-setup-error": one(IMPORT + fixture("raise RuntimeError('no till')") + "def test_till(till):\n    assert till\n\n\n" + GOOD, "-x"),
    "nested-suites-one-fails": one("class TestShop:\n    class TestCart:\n        def test_total(self):\n            assert 1 == 2\n\n    class TestTill:\n        def test_total(self):\n            assert 1 == 1\n"),
    "nested-suites-pass": one("class TestShop:\n    class TestCart:\n        def test_total(self):\n            assert 1 == 1\n\n    class TestTill:\n        def test_total(self):\n            assert 1 == 1\n"),
    "odd-characters": one(ODD % "'ok'"),
    "odd-characters-pass": one(ODD % "''"),
    "empty-title": one(IMPORT + '@pytest.mark.parametrize("price", [1, 2], ids=["", "apple"])\ndef test_price(price):\n    assert price != 1\n'),
    "subtests-pass": one(SUBTESTS % 9 + GOOD),
    "subtests-one-fails": one(SUBTESTS % 2 + GOOD),
    "subtests-all-fail": one("def test_prices(subtests):\n    for price in (1, 2):\n        with subtests.test(msg='price', price=price):\n            assert not price\n"),
    "subtests-fail-and-test-fails": one(SUBTESTS % 2 + "    assert 1 == 2\n"),
    "subtests-skipped": one(IMPORT + "def test_prices(subtests):\n    for price in (1, 2):\n        with subtests.test(msg='price', price=price):\n            if price == 1:\n                pytest.skip('no such price')\n"),
    "subtests-xfail": one(IMPORT + "def test_prices(subtests):\n    for price in (1, 2):\n        with subtests.test(msg='price', price=price):\n            if price == 1:\n                pytest.xfail('no such price')\n"),
    "subtests-in-xfail": one(IMPORT + '@pytest.mark.xfail(reason="known")\n' + SUBTESTS % 2),
    "subtests-stopped-early": one(SUBTESTS % 1 + GOOD, "-x"),
    "unittest-subtests-pass": one(UNITTEST_SUBTESTS % 9),
    "unittest-subtests-one-fails": one(UNITTEST_SUBTESTS % 2),
    "unittest-setup-class-error": one("import unittest\n\n\nclass Cart(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        raise RuntimeError('no cart')\n\n    def test_a(self):\n        pass\n\n    def test_b(self):\n        pass\n"),
    "unittest-teardown-class-error": one("import unittest\n\n\nclass Cart(unittest.TestCase):\n    @classmethod\n    def tearDownClass(cls):\n        raise RuntimeError('no cart')\n\n    def test_a(self):\n        pass\n"),
    "unittest-cleanup-error": one("import unittest\n\n\nclass Cart(unittest.TestCase):\n    def test_a(self):\n        self.addCleanup(lambda: 1 / 0)\n        self.assertEqual(1, 2)\n"),
    "doctest-one-fails": one('def tax():\n    """Tax.\n\n    >>> tax()\n    20\n    """\n    return 19\n', "--doctest-modules", name="cart.py"),
    "coverage-threshold": one(COVER_TEST, "--cov=cart --cov-fail-under=90", more=COVERED),
    "coverage-met": one(COVER_TEST, "--cov=cart --cov-fail-under=50", more=COVERED),
    "exit-code-overridden": one(GOOD, more={"conftest.py": CONFTEST_EXIT % 1}),
    "exit-code-overridden-after-failure": one(GOOD + BAD, more={"conftest.py": CONFTEST_EXIT % 0}),
    "prints-much": one(GOOD + "import sys\n\n\ndef test_prints():\n    print('FAILED test_cart.py::test_adds - assert 1 == 2')\n    print('not ok 1 - a line of TAP', file=sys.stderr)\n", "-rA -o junit_logging=all"),
    "user-properties": one("def test_named(record_property):\n    record_property('price', 7)\n    record_property('status', 'failed')\n\n\ndef test_two(record_testsuite_property):\n    record_testsuite_property('failures', 3)\n"),
    "records-attribute": one("def test_named(record_xml_attribute):\n    record_xml_attribute('name', 'another name')\n    record_xml_attribute('status', 'failed')\n", "-o junit_family=xunit1"),
    "suite-name": one(GOOD + BAD, "-o junit_suite_name=shop --junit-prefix=till"),
    "quiet-one-fails": one(GOOD + BAD, "-q"),
    "very-quiet-one-fails": one(GOOD + BAD, "-qq"),
    "verbose-one-fails": one(GOOD + BAD + IMPORT + "@pytest.mark.skip\ndef test_x():\n    pass\n", "-v"),
}
del CASES["duplicate-class-names"], CASES["records-attribute"]
