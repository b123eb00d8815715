//! What a test is called when reports of two tools are compared.
//!
//! Tools agree on the name of a test and not on that of its suite: the binary `orders` of the package `shop` is `shop::orders` to
//! nextest, `orders (tests/orders.rs)` in the log of `cargo test`, and nothing at all in the JSON of Rust's harness. So a test has
//! several names, the shorter ones understood by more tools; whoever compares takes the shortest that tells its tests apart.

use super::test_case::TestCase;
use super::test_report::{TestReport, TestSuite};

/// How many names a test has.
pub const NAMES: usize = 3;

/// Every test of a report with its names.
pub fn named(report: &TestReport) -> impl Iterator<Item = (&TestSuite, &TestCase, [String; NAMES])> {
    report
        .cases()
        .enumerate()
        .map(|(at, (suite, case))| (suite, case, names(suite, case, report.ids().stem(0, at, suite, case))))
}

/// The names of a test, the shortest first: without its suite, with the suite as far as tools agree on it, and the id.
fn names(suite: &TestSuite, case: &TestCase, id: String) -> [String; NAMES] {
    let own = if *case.class == *suite.name { case.name.to_string() } else { case.own_id() };
    let binary = binary(&suite.name);
    let with_binary = if binary.is_empty() { own.clone() } else { format!("{binary}::{own}") };
    [own, with_binary, id]
}

/// The suite without what only one tool says of it: `orders`, `bin/shop`. A suite that is no binary of Rust stays as it is.
fn binary(suite: &str) -> String {
    let (name, source) = match suite.strip_suffix(')').and_then(|suite| suite.split_once(" (")) {
        Some((name, source)) => (name, source.strip_prefix("unittests ").unwrap_or(source)),
        None => (suite.rsplit("::").next().unwrap_or(suite), ""),
    };
    let kind = match source.split('/').collect::<Vec<_>>().as_slice() {
        [.., "src", "main.rs"] | [.., "src", "bin", _] | [.., "src", "bin", _, "main.rs"] => "bin/",
        [.., "examples", _] => "example/",
        [.., "benches", _] => "bench/",
        _ => "",
    };
    // A crate has an underscore where its package has a hyphen.
    format!("{kind}{}", name.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::super::attempts::Attempts;
    use super::super::test_case::TestCase;
    use super::super::test_report::Spot;
    use super::*;

    fn named(suite: &str, class: &str, name: &str) -> [String; NAMES] {
        let case = TestCase {
            class: class.into(),
            name: name.into(),
            file: None,
            line: None,
            at: Spot::Line(1),
            attempts: Attempts::default(),
        };
        let suite = TestSuite::new(suite, Spot::Line(1));
        names(&suite, &case, case.short_id(&suite))
    }

    #[test]
    fn a_test_has_one_name_that_every_tool_knows() {
        let told = [
            named("it (tests/it/main.rs)", "", "a::b"),
            named("shop-app::it", "shop-app::it", "a::b"),
            named("shop-app::it", "", "a::b"),
            named("suite 2", "", "a::b"),
        ];
        assert!(told.iter().all(|names| names[0] == "a::b"), "{told:?}");
        assert!(told[..3].iter().all(|names| names[1] == "it::a::b"), "{told:?}");
        assert_eq!(told[1][2], "shop-app::it::a::b");
    }

    #[test]
    fn binaries_of_one_package_differ_in_the_second_name() {
        let pairs = [
            ("shop_app (unittests src/lib.rs)", "shop-app", "shop_app"),
            ("shop_app (unittests src/main.rs)", "shop-app::bin/shop-app", "bin/shop_app"),
            ("extra (unittests src/bin/extra.rs)", "shop-app::bin/extra", "bin/extra"),
            ("demo (unittests examples/demo.rs)", "shop-app::example/demo", "example/demo"),
            ("speed (benches/speed.rs)", "shop-app::bench/speed", "bench/speed"),
        ];
        let mut looked_at = 0;
        for (cargo, nextest, expected) in pairs {
            assert_eq!([binary(cargo), binary(nextest)], [expected, expected]);
            looked_at += 1;
        }
        assert_eq!(looked_at, 5);
    }

    #[test]
    fn other_tools_keep_their_classes() {
        assert_eq!(named("pytest", "tests.test_a", "test_b")[0], "tests.test_a::test_b");
        assert_eq!(
            named("example.com/shop", "", "TestA/sub"),
            ["TestA/sub", "example.com/shop::TestA/sub", "example.com/shop::TestA/sub"]
        );
        assert_eq!(named("", "", "t"), ["t", "t", "t"]);
    }
}
