//! Definitions that are newer, misspelled, endless, or lead out of the repository.

use super::Says::Message;
use super::{Row, row};
use std::fs;

const G: &str = "definitions";

pub fn rows() -> Vec<Row> {
    vec![
        row(
            G,
            "a gate of a newer schema",
            |b| b.edit("gates/lantern/log.toml", "gatekeeper.gate/1", "gatekeeper.gate/2"),
            Message("gatekeeper.gate/2"),
            2,
        ),
        row(
            G,
            "a policy of a newer schema",
            |b| b.edit("policies/lantern.toml", "gatekeeper.policy/1", "gatekeeper.policy/9"),
            Message("gatekeeper.policy/9"),
            2,
        ),
        row(
            G,
            "a check kind that nobody knows",
            |b| b.edit("gates/lantern/log.toml", "text-forbids", "text-forbid"),
            Message("did you mean `text-forbids`"),
            2,
        ),
        row(
            G,
            "a key that nobody knows",
            |b| b.edit("gates/lantern/log.toml", "path = ", "optionl = true\npath = "),
            Message("did you mean `optional`"),
            2,
        ),
        row(
            G,
            "a path with ..",
            |b| b.edit("gates/lantern/log.toml", "run:log.txt", "run:../../log.txt"),
            Message("climbs out with `..`"),
            2,
        ),
        row(
            G,
            "a path from the root of the file system",
            |b| b.edit("gates/lantern/log.toml", "run:log.txt", "run:/etc/passwd"),
            Message("is absolute"),
            2,
        ),
        row(
            G,
            "a policy with .. in its name",
            |b| {
                fs::copy(b.root().join("policies/lantern.toml"), b.outside().join("policy.toml")).expect("copied");
                b.edit("gatekeeper.toml", "policies/lantern.toml", "../outside/policy.toml");
            },
            Message("error[unknown-policy]: the policy `../outside/policy.toml` does not exist"),
            2,
        ),
        row(
            G,
            "a policy that is a link out",
            |b| {
                fs::rename(b.root().join("policies/lantern.toml"), b.outside().join("policy.toml")).expect("moved");
                std::os::unix::fs::symlink(b.outside().join("policy.toml"), b.root().join("policies/lantern.toml"))
                    .expect("a link");
            },
            Message("leaves its directory"),
            2,
        ),
        row(
            G,
            "a gate that is a link to /dev/zero",
            |b| {
                fs::remove_file(b.root().join("gates/lantern/log.toml")).expect("removed");
                std::os::unix::fs::symlink("/dev/zero", b.root().join("gates/lantern/log.toml")).expect("a link");
            },
            Message("leaves its directory"),
            2,
        ),
        row(
            G,
            "a gate of five megabytes",
            |b| b.append("gates/lantern/log.toml", &"# x\n".repeat(5 << 18)),
            Message("is larger than 4194304 bytes"),
            2,
        ),
        row(
            G,
            "gates that need each other",
            |b| {
                b.edit("gates/lantern/log.toml", "title", "needs = [\"parts\"]\ntitle");
                b.edit("gates/lantern/parts.toml", "title", "needs = [\"log\"]\ntitle");
            },
            Message("each other"),
            2,
        ),
        row(
            G,
            "a gate that no policy names",
            |b| b.edit("policies/lantern.toml", "[[gate]]\nid = \"log\"\nblocking = true\n", ""),
            Message("log"),
            2,
        ),
        row(
            G,
            "a policy gate without a file",
            |b| fs::remove_file(b.root().join("gates/lantern/log.toml")).expect("removed"),
            Message("log"),
            2,
        ),
        row(
            G,
            "an expression of 100000 brackets",
            |b| {
                b.edit(
                    "gates/lantern/settings.toml",
                    "settings.level == 3",
                    &format!("{}true{}", "(".repeat(100_000), ")".repeat(100_000)),
                );
            },
            Message("expression"),
            2,
        ),
        row(
            G,
            "a pattern that no machine could hold",
            |b| b.edit("gates/lantern/log.toml", "PANIC", "((a{1000}){1000}){1000}"),
            Message("pattern"),
            2,
        ),
        row(
            G,
            "a limit that is no limit",
            |b| b.append("policies/lantern.toml", "\n[limits]\ntotal_max = 99999999999999999\n"),
            Message("is outside of any use"),
            2,
        ),
        row(
            G,
            "a configuration that loosens a limit without saying why",
            |b| b.append("gatekeeper.toml", "\n[limits]\ntotal_max = 1099511627776\n"),
            Message("total_max"),
            2,
        ),
        row(
            G,
            "a message of unsound definitions with escapes in it",
            |b| b.edit("gates/lantern/log.toml", "text-forbids", "\\u001b[2J\\n::error::x"),
            Message("error"),
            2,
        ),
        row(
            G,
            "a line of a definition that another host would obey, shown because something else is wrong in it",
            |b| {
                b.edit(
                    "gates/lantern/log.toml",
                    "text-forbids\"",
                    "nothing\" # ##vso[task.complete result=Succeeded;] ##[error]x",
                )
            },
            Message("# #vso[task"),
            2,
        ),
        row(
            G,
            "an older verdict that passed, when the definitions are unsound",
            |b| {
                b.write("out/full_suite_verdict.json", "{\"verdict\": \"pass\"}");
                b.edit("gates/lantern/log.toml", "gatekeeper.gate/1", "gatekeeper.gate/2");
            },
            Message("nothing was judged"),
            2,
        )
        .besides(|_, seen| assert_eq!(seen.verdict().expect("a verdict")["verdict"], "fail")),
        row(
            G,
            "an older verdict that passed, when the command line is wrong",
            |b| b.write("out/full_suite_verdict.json", "{\"verdict\": \"pass\"}"),
            Message("has no lane"),
            2,
        )
        .with(&["--lane", "fulll"])
        .besides(|_, seen| assert_eq!(seen.verdict().expect("a verdict")["verdict"], "fail")),
    ]
}
