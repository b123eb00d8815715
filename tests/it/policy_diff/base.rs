//! The definitions that every row of the table changes: a policy of its own with one gate for each family of checks.

use crate::support::definitions::Files;

const POLICY: &str = r#"schema = "gatekeeper.policy/1"
id = "mine"
title = "Mine"
detect = ["repo:mark"]
ledger = ["repo:ledger.toml"]
output = "repo:verdict"
verdict_schema = "mine/1"

[run]
file = "environment.json"
id = "/id"
commit = "/commit"

[limits]
waiver_max_days = 20
waiver_warn_days = 5
renewals_max = 1
quarantine_max_days = 10
extensions_max = 1
rollback_max = "2d"
clock_skew = "60s"
file_max = 1000000
line_max = 100000
files_max = 1000

[parameter.floor]
value = 80
tighter = "higher"
doc = "The floor."

[parameter.fixed]
value = "x"
tighter = "fixed"
doc = "A word."

[[gate]]
id = "numbers"
blocking = true
waivable = false

[[gate]]
id = "tests"
blocking = true

[[gate]]
id = "budget"
blocking = true

[[gate]]
id = "texts"
blocking = false

[[gate]]
id = "ledger"
blocking = true
waivable = false

[lane.preflight]
rule = "preflight"

[lane.full]
rule = "full"
"#;

const HEAD: &str = r#"schema = "gatekeeper.gate/1"
id = "ID"
title = "Title of ID"
owner = "team"
bead = "b-1"
why = "Because."
reproduce = "make ID"
remediation = ["Mend it."]
"#;

const NUMBERS: &str = r#"needs = ["ledger"]

[evidence.report]
path = "repo:report.json"
schema = "report/1"
shape = "shape.json"
at = "/made"
max_age = "5d"
bound = { commit = "/commit", run_id = "/run" }

[evidence.others]
path = "repo:others/*.json"
pick = "all"

[evidence.log]
path = "repo:log.txt"
optional = false

[[check]]
kind = "within"
value = "report.score"
min = 90
max = 99.5
integer = true

[[check]]
kind = "within"
value = "report.errors"
max = 3

[[check]]
kind = "within"
value = "report.share"
above = 0.5
below = 0.9

[[check]]
kind = "holds"
that = "report.ready == true"
expect = "a ready report"

[[check]]
kind = "each-holds"
in = "report.rows"
as = "row"
that = "row.name != ''"
finding = "no-name"

[[check]]
kind = "set-covers"
required = ["a", "b"]
by = "report.names"

[[check]]
kind = "within"
value = "report.coverage"
min = "policy.floor"

[[check]]
kind = "unique"
in = "others[*].id"

[[check]]
kind = "present"
evidence = "log"
min_bytes = 10
"#;

const TESTS: &str = r#"
[evidence.junit]
path = "repo:junit.xml"

[evidence.more]
path = "repo:more.xml"

[evidence.ledger]
path = "repo:ledger.toml"

[[check]]
kind = "tests-pass"
evidence = ["junit", "more"]
empty_suites = "find"
flaky = "find"

[[check]]
kind = "tests-declared"
evidence = "junit"
suites = ["unit", "e2e"]
min_tests = { unit = 10, e2e = 5 }
max_skipped = 2
skips = ["slow"]

[[check]]
kind = "quarantine-lifecycle"
ledger = "ledger"
"#;

const BUDGET: &str = r#"
[evidence.measured]
path = "repo:bench.json"
format = "hyperfine"

[evidence.before]
path = "baseline:bench.json"
format = "hyperfine"

[[check]]
kind = "within-budget"
evidence = "measured"
benchmark = "start"
statistic = "p95"
max = "250 ms"
min_samples = 20
max_noise = "10 %"
allow = ["dirty-commit"]

[[check]]
kind = "within-budget"
evidence = "measured"
benchmark = "stop"
baseline = "before"
max_regression = "5 %"
"#;

const TEXTS: &str = r#"
[evidence.readme]
path = "repo:README.md"
format = "text"

[[check]]
kind = "text-forbids"
evidence = "readme"
patterns = ["TODO", "FIXME"]

[[check]]
kind = "text-requires"
evidence = "readme"
patterns = ["License"]
"#;

const LEDGER_GATE: &str = r#"
[evidence.ledger]
path = "repo:ledger.toml"

[[check]]
kind = "waiver-lifecycle"
ledger = "ledger"
"#;

const LEDGER: &str = r#"schema = "gatekeeper.ledger/1"

[suite.unit]
files = ["alpha", "beta"]

[suite.e2e]
files = ["gamma"]

[waiver.tests]
owner = "team"
bead = "b-2"
reason = "The runner is slow."
created = "2026-01-01"
expires = "2026-01-15"
scope = ["full"]
exit_criterion = "A new runner."

[quarantine."unit::slow"]
category = "FLAKE-TIMING"
owner = "team"
bead = "b-3"
reason = "It waits."
since = "2026-01-01"
expires = "2026-01-08"
evidence = "run 12"
reproduce = "make slow"
exit_criterion = "It waits no more."
"#;

/// The files.
pub fn files() -> Files {
    let gate = |id: &str, rest: &str| (format!("gates/mine/{id}.toml"), HEAD.replace("ID", id) + rest);
    let plain = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    Files::from([
        plain("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/mine.toml\"\n"),
        plain("policies/mine.toml", POLICY),
        gate("numbers", NUMBERS),
        gate("tests", TESTS),
        gate("budget", BUDGET),
        gate("texts", TEXTS),
        gate("ledger", LEDGER_GATE),
        plain("gates/mine/shape.json", "{\"type\": \"object\", \"required\": [\"score\"]}\n"),
        plain("ledger.toml", LEDGER),
    ])
}
