//! The commands that run failing tests again, and nothing else, for the runners whose reports say enough.
//!
//! In: a report whose reader knows the runner, and its failing tests. Out: shell commands, several tests in one where the runner allows it. The
//! table [`RUNNERS`] is all that is known of runners. A report of an unknown runner has none: the gate's own command stands. What comes out of
//! evidence is quoted by [`shell_word`] alone, and a name that no quoting makes safe is left out.
//!
//! Not in the table, because the report does not name what is run: googletest and Catch2 (the executable), ctest, Bazel and Meson (the build
//! directory), bats (the directory of its file), TAP.

use super::shell::{shell_path, shell_word};
use super::test_case::TestCase;
use super::test_report::{TestReport, TestSuite};

/// Tests that one command names at most, and commands of one report.
const TESTS_MOST: usize = 20;
const COMMANDS_MOST: usize = 5;

/// How a command names several tests.
enum Joined {
    /// As words.
    Words,
    /// As words, this option before each.
    Option(&'static str),
    /// As one word, with this between them.
    List(&'static str),
    /// As one regular expression: what stands before all, and behind all.
    Pattern(&'static str, &'static str),
}

/// How a test is named to its runner: what it is run from (quoted), and its own name.
type Spelled = Option<(String, String)>;

/// A runner of tests.
pub struct Runner {
    /// What readers call it.
    pub id: &'static str,
    /// The command; `{place}` is what the tests are run from, `{tests}` the tests.
    command: &'static str,
    joined: Joined,
    /// Whether a test `a` holds the tests `a/b`, so that the inner ones alone are named.
    nests: bool,
    spell: fn(&TestSuite, &TestCase) -> Spelled,
}

const fn runner(
    id: &'static str,
    command: &'static str,
    joined: Joined,
    spell: fn(&TestSuite, &TestCase) -> Spelled,
) -> Runner {
    Runner { id, command, joined, nests: false, spell }
}

/// Every runner that is known.
pub static RUNNERS: [Runner; 15] = [
    runner("pytest", "pytest {tests}", Joined::Words, pytest),
    runner("jest", "npx jest -t {tests}", Joined::Pattern("^(", ")$"), |_, case| anywhere(full(case))),
    runner("vitest", "npx vitest run {place}-t {tests}", Joined::Pattern("^(", ")$"), vitest),
    runner("mocha", "npx mocha -g {tests}", Joined::Pattern("^(", ")$"), |_, case| anywhere(full(case))),
    runner("playwright", "npx playwright test {place}-g {tests}", Joined::Pattern("(^| )(", ")$"), playwright),
    runner("node", "node --test --test-name-pattern={tests}", Joined::Pattern("^(", ")$"), |_, case| anywhere(&*case.name)),
    runner("cargo", "cargo test {place} -- --exact {tests}", Joined::Words, cargo),
    runner("nextest", "cargo nextest run -E {tests}", Joined::List(" | "), nextest),
    Runner { nests: true, ..runner("go", "go test -count=1 {place} -run {tests}", Joined::Pattern("^(", ")$"), go) },
    runner("maven", "mvn test -Dtest={tests}", Joined::List(","), |_, case| java(case, '#')),
    runner("gradle", "./gradlew test {tests}", Joined::Option("--tests"), |_, case| java(case, '.')),
    runner("rspec", "bundle exec rspec {place} -E {tests}", Joined::Pattern("^(", ")$"), rspec),
    runner(
        "phpunit",
        "vendor/bin/phpunit --filter {tests}",
        Joined::Pattern("/^(", ")( with data set .*|#.*)?$/"),
        phpunit,
    ),
    runner("minitest", "ruby -Itest {place} -n {tests}", Joined::Pattern("/^(", ")$/"), |suite, case| {
        file(suite, case).map(|file| (file, case.name.to_string()))
    }),
    runner("dotnet", "dotnet test --filter {tests}", Joined::List("|"), dotnet),
];

/// The commands that run these tests of a report again.
pub fn reruns(report: &TestReport, failing: &[(&TestSuite, &TestCase)]) -> Vec<String> {
    let Some(runner) = report.runner.and_then(|id| RUNNERS.iter().find(|own| own.id == id)) else { return Vec::new() };
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let named = failing.iter().filter(|(_, case)| !case.name.trim().is_empty());
    for (place, test) in named.filter_map(|(suite, case)| (runner.spell)(suite, case)) {
        let safe = !test.trim().is_empty() && !test.starts_with('-') && shell_word(&test).is_some();
        match groups.iter_mut().find(|(own, _)| *own == place) {
            _ if !safe => {}
            Some((_, tests)) if tests.contains(&test) => {}
            Some((_, tests)) => tests.push(test),
            None => groups.push((place, vec![test])),
        }
    }
    let mut commands = Vec::new();
    for (place, mut tests) in groups {
        if runner.nests {
            let outer: Vec<String> = tests.iter().map(|test| format!("{test}/")).collect();
            let all = tests.clone();
            let mut holds = outer.iter().map(|outer| all.iter().any(|test| test.starts_with(outer)));
            tests.retain(|_| !holds.next().unwrap_or_default());
        }
        commands.extend(tests.chunks(TESTS_MOST).filter_map(|tests| runner.command(&place, tests)));
    }
    commands.truncate(COMMANDS_MOST);
    commands
}

impl Runner {
    fn command(&self, place: &str, tests: &[String]) -> Option<String> {
        let tests = match &self.joined {
            Joined::Words => tests.iter().filter_map(|test| shell_word(test)).collect::<Vec<_>>().join(" "),
            Joined::Option(option) => {
                let words = tests.iter().filter_map(|test| shell_word(test)).map(|word| format!("{option} {word}"));
                words.collect::<Vec<_>>().join(" ")
            }
            Joined::List(between) => shell_word(&tests.join(between))?,
            // Go takes each level of the name for a pattern of its own.
            Joined::Pattern(..) if self.nests => shell_word(&levels(tests))?,
            Joined::Pattern(open, close) => {
                let tests: Vec<String> = tests.iter().map(|test| escaped(test)).collect();
                shell_word(&format!("{open}{}{close}", tests.join("|")))?
            }
        };
        let (before, behind) = self.command.split_once("{tests}")?;
        let placed = |text: &str| text.replace("{place}", place);
        Some(format!("{}{tests}{}", placed(before), placed(behind)))
    }
}

/// A regular expression that is this text, for all engines alike.
fn escaped(text: &str) -> String {
    let special = |c: char| r"\.+*?()|[]{}^$/".contains(c);
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// `^TestTax$/^20$`: level by level. Several tests with levels can have no common pattern: their outermost level is named.
fn levels(tests: &[String]) -> String {
    match tests {
        [only] => only.split('/').map(|part| format!("^{}$", escaped(part))).collect::<Vec<_>>().join("/"),
        several => {
            let mut tops: Vec<String> = Vec::new();
            for test in several {
                let top = escaped(test.split('/').next().unwrap_or(test));
                if !tops.contains(&top) {
                    tops.push(top);
                }
            }
            format!("^({})$", tops.join("|"))
        }
    }
}

fn anywhere(name: impl Into<String>) -> Spelled {
    Some((String::new(), name.into()))
}

/// The whole title, as the runners of JavaScript compare it: the names of all levels behind each other.
fn full(case: &TestCase) -> String {
    let class = case.class.replace(" > ", " ");
    if class.is_empty() || case.name.starts_with(&*class) || case.name.ends_with(&*class) {
        // jest-junit leaves a blank before a test without a block around it.
        case.name.trim().to_owned()
    } else {
        format!("{class} {}", case.name)
    }
}

/// The file of a test as a word, if it is told below the project.
fn file(suite: &TestSuite, case: &TestCase) -> Option<String> {
    let told = case.file.as_deref().or(suite.file.as_deref())?;
    let below = !told.starts_with('/') && !told.contains(['\\', ':']) && told.contains('.');
    below.then(|| shell_path(told)).flatten()
}

fn pytest(suite: &TestSuite, case: &TestCase) -> Spelled {
    let parts: Vec<&str> = case.class.split(['.', ':']).filter(|part| !part.is_empty()).collect();
    let told =
        case.file.as_deref().or(suite.file.as_deref()).filter(|file| file.ends_with(".py") && !file.starts_with('/'));
    let module = parts.iter().take_while(|part| !part.starts_with(|c: char| c.is_uppercase())).count();
    let (file, classes) = match told {
        Some(file) => {
            let stem = file.trim_end_matches(".py");
            let from = if parts.join("/").starts_with(stem) { stem.split('/').count() } else { 0 };
            (file.to_owned(), &parts[from..])
        }
        None if module == 0 => return None,
        None => (format!("{}.py", parts[..module].join("/")), &parts[module..]),
    };
    let classes: String = classes.iter().map(|class| format!("{class}::")).collect();
    anywhere(format!("{file}::{classes}{}", case.name))
}

fn vitest(suite: &TestSuite, case: &TestCase) -> Spelled {
    let name = if *case.class == *suite.name { case.name.to_string() } else { full(case) };
    let told = suite.file.as_deref().unwrap_or(&suite.name);
    let place = if told.starts_with('/') { None } else { shell_path(told) };
    Some((place.map(|place| format!("{place} ")).unwrap_or_default(), name.replace(" > ", " ")))
}

fn playwright(suite: &TestSuite, case: &TestCase) -> Spelled {
    let name = if *case.class == *suite.name { case.name.to_string() } else { full(case) };
    let mut place = shell_path(&suite.name).filter(|_| !suite.name.starts_with('/')).map(|file| format!("{file} "))?;
    if let Some(project) = suite.host.as_deref().filter(|host| !host.is_empty()) {
        place += &format!("--project={} ", shell_word(project)?);
    }
    Some((place, name.replace(" › ", " ").replace(" > ", " ")))
}

fn cargo(suite: &TestSuite, case: &TestCase) -> Spelled {
    if suite.name.starts_with("Doc-tests ") {
        return Some(("--doc".to_owned(), case.name.to_string()));
    }
    let (name, source) = suite.name.strip_suffix(')')?.split_once(" (")?;
    let source = source.strip_prefix("unittests ").unwrap_or(source);
    let stem = |file: &str| shell_word(file.trim_end_matches(".rs")).filter(|word| !word.starts_with('-'));
    let place = match source.split('/').collect::<Vec<_>>().as_slice() {
        [.., "src", "lib.rs"] => "--lib".to_owned(),
        [.., "src", "main.rs"] => "--bins".to_owned(),
        [.., "src", "bin", name] | [.., "src", "bin", name, "main.rs"] => format!("--bin {}", stem(name)?),
        [.., "tests", _] | [.., "tests", _, "main.rs"] => format!("--test {}", stem(name)?),
        [.., "examples", name] => format!("--example {}", stem(name)?),
        [.., "benches", name] => format!("--bench {}", stem(name)?),
        _ => return None,
    };
    Some((place, case.name.to_string()))
}

fn nextest(suite: &TestSuite, case: &TestCase) -> Spelled {
    // A comma or a parenthesis would end the set.
    let plain = |text: &str| !text.is_empty() && !text.contains([')', '(', '\\', ',', '|']);
    (plain(&suite.name) && plain(&case.name))
        .then(|| (String::new(), format!("binary_id(={}) & test(={})", suite.name, case.name)))
}

fn go(suite: &TestSuite, case: &TestCase) -> Spelled {
    let package = suite.name.split(' ').next().filter(|package| !package.is_empty() && !package.starts_with('-'))?;
    Some((shell_word(package)?, case.name.to_string()))
}

/// `Class#method` or `Class.method`; parameters are no part of what is asked for.
fn java(case: &TestCase, between: char) -> Spelled {
    let method = case.name.split(['[', '(', '{', ' ']).next().filter(|method| !method.is_empty())?;
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || "._$".contains(c));
    let sound = !case.class.is_empty() && plain(&case.class) && plain(method);
    let test = format!("{}{between}{method}", case.class);
    sound.then(|| (String::new(), test))
}

fn rspec(suite: &TestSuite, case: &TestCase) -> Spelled {
    let title = if case.class.starts_with("spec.") { case.name.to_string() } else { full(case) };
    Some((file(suite, case)?, title))
}

fn phpunit(_: &TestSuite, case: &TestCase) -> Spelled {
    let method = case.name.split(' ').next().filter(|method| !method.is_empty())?;
    // The runner compares the whole name, and its report writes the namespace with dots.
    let class = Some(case.class.replace('.', "\\")).filter(|class| !class.is_empty())?;
    anywhere(format!("{class}::{method}"))
}

fn dotnet(_: &TestSuite, case: &TestCase) -> Spelled {
    let name = case.name.split('(').next().unwrap_or_default();
    let whole = if name.starts_with(&*case.class) { name.to_owned() } else { format!("{}.{name}", case.class) };
    let plain = whole.chars().all(|c| c.is_alphanumeric() || "._+".contains(c));
    (plain && !case.class.is_empty()).then(|| (String::new(), format!("FullyQualifiedName={whole}")))
}

#[cfg(test)]
mod tests {
    use super::super::test_case::{Attempt, AttemptStatus};
    use super::super::test_report::Spot;
    use super::*;

    fn commands(runner: &'static str, tests: &[(&str, &str, &str, Option<&str>)]) -> Vec<String> {
        let suite = |(suite, class, name, file): &(&str, &str, &str, Option<&str>)| {
            let attempts = vec![Attempt::new(AttemptStatus::Failed, None, "")];
            let (class, name, at) = ((*class).into(), (*name).into(), Spot::Line(1));
            let case = TestCase { class, name, file: file.map(Into::into), line: None, at, attempts: attempts.into() };
            TestSuite { cases: vec![case].into(), ..TestSuite::new(*suite, Spot::Line(1)) }
        };
        let mut report = TestReport::of(tests.iter().map(suite).collect());
        report.runner = Some(runner);
        let failing: Vec<_> = report.cases().collect();
        reruns(&report, &failing)
    }

    #[test]
    fn each_runner_is_told_what_to_run() {
        /// A failing test: suite, class, name, file.
        type Failing = (&'static str, &'static str, &'static str, Option<&'static str>);
        let table: [(&str, &[Failing], &str); 21] = [
            (
                "pytest",
                &[("pytest", "tests.test_cart.TestTax", "test_price[2]", None)],
                "pytest 'tests/test_cart.py::TestTax::test_price[2]'",
            ),
            (
                "pytest",
                &[("pytest", "test_a", "test_x", None), ("pytest", "test_a", "test_y", None)],
                "pytest test_a.py::test_x test_a.py::test_y",
            ),
            ("jest", &[("tax", "tax of 200 is 39", "tax of 200 is 39", None)], "npx jest -t '^(tax of 200 is 39)$'"),
            (
                "jest",
                &[("a.test.js", "tax > net", "of 2 (EU)", Some("/srv/a.test.js"))],
                r"npx jest -t '^(tax net of 2 \(EU\))$'",
            ),
            (
                "vitest",
                &[("src/cart.test.ts", "src/cart.test.ts", "tax > of 2", None)],
                "npx vitest run src/cart.test.ts -t '^(tax of 2)$'",
            ),
            ("mocha", &[("Root Suite", "of 2", "Tax of 2", None)], "npx mocha -g '^(Tax of 2)$'"),
            (
                "playwright",
                &[("cart.spec.js", "cart.spec.js", "tax › of 2", None)],
                "npx playwright test cart.spec.js -g '(^| )(tax of 2)$'",
            ),
            ("node", &[("", "test", "of 2 is 3", None)], "node --test --test-name-pattern='^(of 2 is 3)$'"),
            (
                "cargo",
                &[("it (tests/it/main.rs)", "", "a::b", None), ("it (tests/it/main.rs)", "", "c", None)],
                "cargo test --test it -- --exact a::b c",
            ),
            ("cargo", &[("shop (unittests src/lib.rs)", "", "a::b", None)], "cargo test --lib -- --exact a::b"),
            (
                "nextest",
                &[("shop::tax", "shop::tax", "rate_20", None)],
                "cargo nextest run -E 'binary_id(=shop::tax) & test(=rate_20)'",
            ),
            (
                "go",
                &[("shop/cart", "shop/cart", "TestTax", None), ("shop/cart", "shop/cart", "TestTax/20_percent", None)],
                "go test -count=1 shop/cart -run '^TestTax$/^20_percent$'",
            ),
            (
                "go",
                &[("shop/cart", "", "TestA", None), ("shop/cart", "", "TestB", None)],
                "go test -count=1 shop/cart -run '^(TestA|TestB)$'",
            ),
            (
                "maven",
                &[("TaxTest", "TaxTest", "isNotTwenty[of 20]", None), ("TaxTest", "TaxTest", "adds", None)],
                "mvn test '-Dtest=TaxTest#isNotTwenty,TaxTest#adds'",
            ),
            ("gradle", &[("TaxTest", "shop.TaxTest", "adds()", None)], "./gradlew test --tests shop.TaxTest.adds"),
            (
                "rspec",
                &[("rspec", "spec.cart_spec", "Tax of 20", Some("./spec/cart_spec.rb"))],
                "bundle exec rspec ./spec/cart_spec.rb -E '^(Tax of 20)$'",
            ),
            (
                "phpunit",
                &[("x", "TaxTest", "testRate with data set #1", None)],
                r"vendor/bin/phpunit --filter '/^(TaxTest::testRate)( with data set .*|#.*)?$/'",
            ),
            (
                "phpunit",
                &[("x", r"Shop.Tests.TaxTest", "testRate with data set \"x y\"", None)],
                r"vendor/bin/phpunit --filter '/^(Shop\\Tests\\TaxTest::testRate)( with data set .*|#.*)?$/'",
            ),
            (
                "minitest",
                &[("TaxTest", "TaxTest", "test_of_20", Some("test/cart_test.rb"))],
                "ruby -Itest test/cart_test.rb -n '/^(test_of_20)$/'",
            ),
            (
                "dotnet",
                &[("Shop", "Shop.TaxTests", "Adds(x: 1)", None)],
                "dotnet test --filter FullyQualifiedName=Shop.TaxTests.Adds",
            ),
            ("jest", &[("x", "", "it's $(reboot) `x`", None)], r"npx jest -t '^(it'\''s \$\(reboot\) `x`)$'"),
        ];
        for (runner, tests, expected) in table {
            let command = commands(runner, tests);
            // What is given to an option is one word with it.
            let expected = expected.replace("'-Dtest=", "-Dtest='");
            assert_eq!(command, [expected], "{runner}");
        }
        let told: std::collections::BTreeSet<&str> = table.iter().map(|(runner, ..)| *runner).collect();
        assert_eq!((told.len(), table.len()), (RUNNERS.len(), 21), "a row for each runner");
    }

    #[test]
    fn what_is_not_certain_or_not_safe_is_left_out() {
        let none = |runner, test| assert_eq!(commands(runner, &[test]), Vec::<String>::new(), "{runner} {test:?}");
        none("unknown", ("s", "c", "n", None));
        none("pytest", ("pytest", "", "test_x", None));
        none("cargo", ("suite 1", "", "-Zx", None));
        none("cargo", ("it (tests/it.rs)", "", "--nocapture", None));
        none("cargo", ("-x (tests/x.rs)", "", "a", None));
        none("go", ("-exec=reboot", "", "TestA", None));
        none("jest", ("x", "", "a\nb", None));
        none("jest", ("x", "", "a\u{202e}b", None));
        none("nextest", ("a", "", "b) | all(", None));
        none("maven", ("x", "a;b", "c", None));
        none("minitest", ("x", "c", "n", Some("/srv/x.rb")));
        none("rspec", ("rspec", "c", "", Some("x.rb")));
        let placeholder = commands("vitest", &[("{tests}.js", "{tests}.js", "{place}", None)]);
        assert_eq!(placeholder, [r"npx vitest run '{tests}.js' -t '^(\{place\})$'"]);
        let many: Vec<String> = (0..25).map(|n| format!("t{n}")).collect();
        let many: Vec<_> = many.iter().map(|name| ("x", "", name.as_str(), None)).collect();
        assert_eq!(commands("jest", &many).len(), 2);
    }
}
