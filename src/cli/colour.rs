//! Whether what is printed for people has colours.

use clap::ValueEnum;
use std::ffi::OsString;

/// The word of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal that knows colours.
    Auto,
    /// Also in files and CI logs.
    Always,
    /// Never.
    Never,
}

/// Whether to print in colour: what `--color` says, then `NO_COLOR`, then `CLICOLOR_FORCE` or `FORCE_COLOR`, then whether a terminal that
/// is not `dumb` is there.
///
/// The words are looked through before they are parsed, so that the message about a wrong command line is coloured as any other.
pub fn wanted(given: &[OsString], environment: &dyn Fn(&str) -> Option<String>, terminal: bool) -> bool {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    let forced = |name: &str| set(name).is_some_and(|value| value != "0");
    let auto = || terminal && environment("TERM").as_deref() != Some("dumb");
    match stated(given) {
        Some(When::Always) => true,
        Some(When::Never) => false,
        Some(When::Auto) => auto(),
        None if set("NO_COLOR").is_some() => false,
        None => forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") || auto(),
    }
}

fn stated(given: &[OsString]) -> Option<When> {
    let mut words = given.iter().skip(1).take_while(|word| *word != "--").filter_map(|word| word.to_str());
    let mut last = None;
    while let Some(word) = words.next() {
        let value = if word == "--color" { words.next() } else { word.strip_prefix("--color=") };
        last = value.and_then(|value| When::from_str(value, false).ok()).or(last);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_above_the_environment_and_the_environment_above_the_terminal() {
        type Variables = &'static [(&'static str, &'static str)];
        let table: &[(&str, Variables, bool, bool)] = &[
            ("g verify", &[], true, true),
            ("g verify", &[], false, false),
            ("g verify", &[("TERM", "dumb")], true, false),
            ("g verify", &[("NO_COLOR", "1")], true, false),
            ("g verify", &[("NO_COLOR", "")], true, true),
            ("g verify", &[("FORCE_COLOR", "1")], false, true),
            ("g verify", &[("FORCE_COLOR", "0")], false, false),
            ("g verify", &[("CLICOLOR_FORCE", "1")], false, true),
            ("g verify", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false, false),
            ("g --color always verify", &[("NO_COLOR", "1")], false, true),
            ("g verify --color=always", &[], false, true),
            ("g verify --color never", &[("FORCE_COLOR", "1")], true, false),
            ("g verify --color auto", &[("FORCE_COLOR", "1")], false, false),
            ("g verify --color=blue", &[], false, false),
            ("g verify -- --color=always", &[], false, false),
            ("g verify --color", &[], true, true),
        ];
        for (line, variables, terminal, expected) in table {
            let given: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let environment =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(wanted(&given, &environment, *terminal), *expected, "{line} {variables:?} {terminal}");
        }
    }
}
