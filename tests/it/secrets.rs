//! Canaries: values with the shape of secrets, planted wherever evidence, definitions and the command line hold text, and looked for in
//! everything that gatekeeper writes: verdict and every other format, incident and bundle, what is printed, and errors.

use crate::support::definitions::{Files, Place, write};
use crate::support::{gatekeeper, text};
use gatekeeper::cli::Exit;
use gatekeeper::model::{Alphabet, SECRET_SHAPES, SecretShape, Sure};
use gatekeeper::report::sanitise::{deceives, runner_command};
use serde_json::json;
use std::fs;
use std::io::Read;
use std::path::Path;

const NOW: &str = "2026-03-02T12:00:00Z";

/// The letters of a body, by alphabet; no output of ours holds the beginning of one.
fn letters(of: Alphabet) -> &'static str {
    match of {
        Alphabet::Alphanumeric | Alphabet::Word | Alphabet::Token => "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6kL9xR",
        Alphabet::Capitals => "Q3R5T7W9Y1P2L4K6B8",
        Alphabet::Small => "k3z6q9j2m5p8s1v4y7",
        Alphabet::Hex => "a3d6e9f2b5c80174",
    }
}

/// A value of the shape, put together here.
fn token(shape: &SecretShape) -> String {
    let account = if shape.sure == Sure::Numbered { "1234567890" } else { "" };
    let body = letters(shape.of).chars().cycle().take(shape.least.max(16));
    format!("{account}{}{}", shape.begins, body.collect::<String>())
}

/// Where a part of a planted value stands in a text.
fn leak(text: &str) -> Option<String> {
    let all = [Alphabet::Alphanumeric, Alphabet::Capitals, Alphabet::Small, Alphabet::Hex].map(letters);
    let lot = LOT[..8].to_owned();
    let parts = all.iter().map(|letters| letters[2..10].to_owned()).chain([lot, BASIC[..10].to_owned()]);
    let at = parts.into_iter().find_map(|part| text.find(&part))?;
    let (from, to) = (text.floor_char_boundary(at.saturating_sub(120)), text.ceil_char_boundary((at + 60).min(text.len())));
    Some(text[from..to].to_owned())
}

/// Asserts that an output is safe: no canary, nothing that steers a terminal or a runner.
fn assert_safe(what: &str, output: &str) {
    assert_eq!(leak(output), None, "{what}");
    let strange: Vec<char> = output.chars().filter(|c| *c != '\n' && deceives(*c)).collect();
    assert!(strange.is_empty(), "{what}: {strange:?}\n{output}");
}

/// A value without a shape, and `user:password` in base64.
const LOT: &str = "zK3Zq9wXv2LmT8bRn";
const BASIC: &str = "YXBwOnpLM1pxOXdYdjJMbVQ4YlJu";

/// What carries a token; `@` is the token.
const CARRIERS: [&str; 15] = [
    "@",
    "said @ then",
    "\u{1b}[31m@\u{1b}[0m",
    "\\u001b[31m@",
    "\\n@",
    "%3A@",
    "tok_@",
    "Authorization: token @",
    "Authorization: Bearer @",
    "Cookie: a=b; sid=@",
    "Set-Cookie: sid=@; Path=/",
    "--token @",
    "https://x/?key=@&b=c",
    "https://app:@@host/x",
    "DEPLOY_TOKEN=@",
];

/// What has no shape and is carried.
fn carried() -> Vec<String> {
    let lines = [
        "Authorization: Basic #",
        "\u{1b}[1mAuthorization:\u{1b}[0m Basic #",
        "authorization: 'Basic #'",
        "Authorization: token @",
        "Authorization: ApiKey @",
        "Proxy-Authorization: Bearer @",
        "Set-Cookie: session=@; Path=/",
        "Cookie: a=b; sid=@",
        "--cookie 'sid=@'",
        "--token @@",
        "--token=@",
        "--api-key '@'",
        "curl -u app:@ https://x",
        "curl -su 'app:@' x",
        "wget --user=app:@",
        "DB_PASSWORD=example@",
        "DB_PASSWORD=your@",
        "DB_PASSWORD=fake@",
        "DB_PASSWORD=***@",
        "DB_PASSWORD=**@",
        "DB_PASSWORD=****@",
        "DB_PASSWORD=${X}@",
        "DB_PASSWORD=$X-@",
        "DB_PASSWORD=$(x)@",
        "password: \"@\"",
        "{\"password\": \"@\"}",
        "<password>@</password>",
        "https://app:@@host/x",
        "PGPASSWORD='@'",
        "AccountKey=@@==",
        "_authToken=@",
        "api_key: @",
        "Bearer @",
        "\u{1b}[1mBearer @",
    ];
    let planted = |line: &&str| {
        line.replace("@@host", "#1").replace('@', LOT).replace("#1", &format!("{LOT}@host")).replace('#', BASIC)
    };
    lines.iter().map(planted).collect()
}

/// Definitions and a run that hold these texts everywhere.
fn planted(texts: &[String]) -> Files {
    let first = texts.first().map_or("", String::as_str);
    let quoted = |text: &str| json!(text).to_string();
    let gate = |id: &str, rest: &str| {
        let words = quoted(&format!("{id} {first}"));
        let text = format!(
            "schema = \"gatekeeper.gate/1\"\nid = \"{id}\"\ntitle = {words}\nowner = {words}\nbead = {words}\nwhy = {words}\n\
             reproduce = {words}\nremediation = [{words}]\n{rest}"
        );
        (format!("gates/mine/{id}.toml"), text)
    };
    let gates: String =
        ["values", "tests", "scan", "waivers"].map(|id| format!("[[gate]]\nid = \"{id}\"\nblocking = true\n")).concat();
    let escaped = |text: &str| {
        let plain: String = text.chars().filter(|c| !c.is_control()).collect();
        plain.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
    };
    let cases: String = texts
        .iter()
        .map(|text| {
            let text = escaped(text);
            format!("<testcase classname=\"c\" name=\"{text}\"><failure message=\"{text}\">{text}</failure></testcase>")
        })
        .collect();
    let words = quoted(first);
    let waiver = format!(
        "schema = \"gatekeeper.ledger/1\"\n[waiver.values]\nowner = {words}\nbead = {words}\nreason = {words}\ncreated = \"2026-03-01\"\n\
         expires = \"2026-03-10\"\nscope = [\"full\"]\nexit_criterion = {words}\n[quarantine.{words}]\nowner = {words}\nreason = {words}\n"
    );
    let stage =
        json!({ "name": first, "status": "failure", "exit_code": 1, "log": "logs/smoke.log", "stderr": "logs/smoke.log" });
    let mut files = Files::from([
        ("gatekeeper.toml".to_owned(), "schema = \"gatekeeper.config/1\"\nextends = \"policies/mine.toml\"\n".to_owned()),
        (
            "policies/mine.toml".to_owned(),
            format!(
                "schema = \"gatekeeper.policy/1\"\nid = \"mine\"\ntitle = \"Mine\"\nledger = [\"repo:ledger.toml\"]\n{gates}[lane.full]\nrule = \"full\"\n\
                 [run]\nfile = \"environment.json\"\nid = \"/id\"\ncommit = \"/commit\"\n"
            ),
        ),
        gate(
            "values",
            "[evidence.s]\npath = \"run:s.json\"\n[[check]]\nkind = \"each-holds\"\nin = \"s.values\"\nthat = \"item == 'x'\"\nexpect = \"`{item}` is x\"\n\
             next = \"Mend {item}.\"\n",
        ),
        gate(
            "tests",
            "[evidence.r]\npath = \"run:report.xml\"\nformat = \"test-report\"\n[[check]]\nkind = \"tests-pass\"\nevidence = \"r\"\n",
        ),
        gate(
            "scan",
            "[evidence.f]\npath = \"run:**\"\npick = \"all\"\nformat = \"lines\"\n[[check]]\nkind = \"no-secrets\"\nevidence = \"f\"\n",
        ),
        gate(
            "waivers",
            "[evidence.ledger]\npath = \"repo:ledger.toml\"\n[[check]]\nkind = \"waiver-lifecycle\"\nledger = \"ledger\"\n",
        ),
        ("ledger.toml".to_owned(), waiver),
        ("run/environment.json".to_owned(), json!({ "id": first, "commit": "0".repeat(40) }).to_string()),
        ("run/s.json".to_owned(), json!({ "values": texts }).to_string()),
        (
            "run/report.xml".to_owned(),
            format!("<testsuites><testsuite name=\"s\" tests=\"{}\">{cases}</testsuite></testsuites>", texts.len()),
        ),
        ("run/summary.json".to_owned(), json!({ "stages": [stage], "environment": { "SETTING": first } }).to_string()),
        ("run/e2e.log".to_owned(), texts.join("\n")),
        ("run/failure_summary.md".to_owned(), texts.join("\n\n")),
        ("run/logs/smoke.log".to_owned(), texts.join("\n")),
    ]);
    // A file cannot be called by every text; what takes letters out of one would take its shape too.
    let may = |c: char| c.is_ascii_alphanumeric() || "_-.=%~ ".contains(c);
    let name = if first.chars().all(may) { first } else { "plain" };
    files.insert(format!("run/logs/{name}.log"), "nothing here\n".to_owned());
    files
}

/// Runs a command line in a place, asserts that what it prints is safe, and gives its exit.
fn ask(root: &Path, arguments: &[&str]) -> Exit {
    let (exit, out, said) = gatekeeper(&[arguments, &["--root", text(root)]].concat(), &[]);
    let what = arguments.join(" ");
    // A test's temporary directory has a name of its own.
    assert_safe(&format!("out of `{what}`"), &out);
    assert_safe(&format!("what `{what}` said"), &said);
    assert_eq!(runner_command(&said), None, "`{what}`");
    exit
}

/// Every output about a place with these texts in it; how many outputs were looked at.
fn look(texts: &[String]) -> usize {
    let place = Place::new(&planted(texts));
    let (root, run) = (place.path(), place.path().join("run"));
    let out = place.path().join("out");
    let first = texts.first().expect("a text").replace('\u{1b}', "");
    let mut seen = 0;
    let now = ["--now", NOW];
    let why = format!("--rationale={first}");
    let rationale = ["--mode", "rollback", "--until", "2026-03-03T00:00:00Z", &why];
    let verify = ["verify", text(&run), "--out", text(&out), "--verbose"];
    let exit = ask(&root, &[&verify[..], &now, &rationale].concat());
    assert!(matches!(exit, Exit::Pass | Exit::Failed | Exit::Gap), "{exit:?}");
    let exit = ask(&root, &[&verify[..], &now].concat());
    assert!(matches!(exit, Exit::Failed | Exit::Gap), "{exit:?}");
    for file in fs::read_dir(&out).expect("outputs") {
        let path = file.expect("an output").path();
        let output = fs::read_to_string(&path).expect("text");
        assert_safe(text(&path), &output);
        if path.extension().is_some_and(|ending| ending == "json") {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&output);
            assert!(read.is_ok(), "{}: {read:?}", path.display());
        }
        seen += 1;
    }
    for format in gatekeeper::report::FORMATS {
        let asked = ["verify", text(&run), "--dry-run", "--quiet", "-o", format.id];
        ask(&root, &[&asked[..], &now, &rationale].concat());
        seen += 1;
    }
    let verdict = out.join("full_suite_verdict.json");
    let bundle = out.join("bundle.tar.zst");
    for form in ["title", "body", "comment", "key", "markdown"] {
        ask(&root, &["incident", text(&verdict), "--run", text(&run), "--format", form]);
        seen += 1;
    }
    let told = [
        "incident",
        text(&verdict),
        "--run",
        text(&run),
        &format!("--command={first}"),
        &format!("--branch={first}"),
        "--json",
    ];
    ask(&root, &[&told[..], &["--bundle", text(&bundle)]].concat());
    let packed = fs::read(&bundle).unwrap_or_default();
    if !packed.is_empty() {
        let mut unpacked = Vec::new();
        let mut decoder = ruzstd::decoding::StreamingDecoder::new(&*packed).expect("zstd");
        decoder.read_to_end(&mut unpacked).expect("unpacked");
        assert_eq!(leak(&String::from_utf8_lossy(&unpacked)), None, "the bundle");
        seen += 1;
    }
    for words in [
        &["gates"][..],
        &["gates", "--json"],
        &["explain", "values"],
        &["explain", "scan"],
        &["lint"],
        &["graph"],
        &["waivers", "list", "--now", NOW],
        &["explain", &first],
        &["verify", text(&run), "--policy", &first],
        &["verify", text(&run), "--lane", &first],
        &["verify", text(&run), "-o", &first],
        &["verify", &first],
        &["verify", text(&run), "--now", &first],
        &["schema", &first],
        &[&first],
        &["verify", "--no-such-flag", &first],
        &["incident", &first],
        &["attest", &first],
        &["checklist", text(&run), "-o", &first],
    ] {
        ask(&root, words);
        seen += 1;
    }
    for file in ["s.json", "report.xml", "summary.json", "e2e.log"] {
        let (_, out, said) = gatekeeper(&["inspect", text(&run.join(file))], &[]);
        assert_safe(file, &out);
        assert_safe(file, &said);
        seen += 1;
    }
    seen
}

/// A value of each shape in each carrier. Few trees hold many of them, so the shapes are spread over the places by turns.
#[test]
fn no_canary_with_a_shape_comes_out() {
    let (mut seen, mut planted) = (0, 0);
    for (at, carrier) in CARRIERS.iter().enumerate() {
        let mut texts: Vec<String> = SECRET_SHAPES.iter().map(|shape| carrier.replace('@', &token(shape))).collect();
        texts.rotate_left(at * 7 % SECRET_SHAPES.len());
        if carrier.ends_with("@@host/x") {
            texts = SECRET_SHAPES.iter().map(|shape| format!("https://app:{}@host/x", token(shape))).collect();
        }
        planted += texts.len();
        seen += look(&texts);
    }
    assert_eq!(planted, SECRET_SHAPES.len() * CARRIERS.len());
    assert!(seen >= CARRIERS.len() * 40, "{seen}");
}

#[test]
fn no_canary_without_a_shape_comes_out() {
    let texts = carried();
    assert_eq!(texts.len(), 34);
    let mut seen = 0;
    for at in (0..texts.len()).step_by(6) {
        let mut texts = texts.clone();
        texts.rotate_left(at);
        seen += look(&texts);
    }
    assert!(seen >= 240, "{seen}");
}

#[test]
fn a_policy_adds_shapes_that_are_found_and_hidden() {
    let value = format!("acme_{}", &letters(Alphabet::Small)[..14]);
    let texts = vec![value.clone(), format!("said {value}")];
    let mut files = planted(&texts);
    let shape = "[secret.acme]\ntitle = \"Acme key\"\nbegins = [\"acme_\"]\ncharacters = \"small\"\nleast = 12\n";
    files.get_mut("gatekeeper.toml").expect("there").push_str(shape);
    let place = Place::new(&files);
    let (root, run) = (place.path(), place.path().join("run"));
    let verify = ["verify", text(&run), "--dry-run", "--verbose", "--now", NOW, "-o", "verdict"];
    ask(&root, &verify);
    let (_, out, _) = gatekeeper(&[&verify[..], &["--root", text(&root)]].concat(), &[]);
    assert!(out.contains("something like a Acme key") && out.contains("[redacted: Acme key]"), "{out}");
    for words in [&["gates"][..], &["gates", "--json"], &["explain", "values"]] {
        ask(&root, words);
    }
    // A shape that would be found everywhere is refused.
    for (from, to) in [("\"acme_\"", "\"a\""), ("least = 12", "least = 2"), ("\"small\"", "\"letters\"")] {
        let mut files = files.clone();
        let text = files.get_mut("gatekeeper.toml").expect("there");
        *text = text.replace(from, to);
        write(&root, &files);
        assert_eq!(gatekeeper(&["lint", "--root", root.to_str().expect("UTF-8")], &[]).0, Exit::Usage, "{to}");
    }
}

/// Names of directories and files are evidence too, and so are bad arguments.
#[cfg(unix)]
#[test]
fn no_name_begins_a_line_or_steers_a_terminal() {
    let texts = vec!["plain".to_owned()];
    let place = Place::new(&planted(&texts));
    let root = place.path();
    let mut seen = 0;
    for name in [
        "s1\n::error::x",
        "s2\u{1b}[31mred",
        "s3\r::add-mask::x",
        "s4\n##vso[task.complete]",
        "s5\u{202e}gnp",
        "s6\u{2028}::error::x",
    ] {
        let odd = root.join("dl").join(name);
        fs::create_dir_all(&odd).expect("made");
        fs::write(odd.join("s.json"), "{").expect("written");
        let (odd, run) = (text(&odd).to_owned(), text(&root.join("run")).to_owned());
        let file = format!("{odd}/s.json");
        for words in [
            &["verify", "--shards", &odd, &run][..],
            &["verify", "--shards", &odd],
            &["verify", &run, "--history", &odd],
            &["verify", &odd],
            &["verify", &run, "--baseline", &odd],
            &["verify", &run, "--baseline", &file],
            &["verify", &odd, "--out", &odd],
            &[&*odd],
            &["verify", "--x", &odd],
            &["verify", "--now", &odd, &run],
            &["explain", &odd],
            &["verify", &run, "--policy", &odd],
            &["verify", &run, "--lane", name],
            &["incident", &file],
            &["attest", &file],
            &["schema", name],
            &["gates", "--policy", &file],
        ] {
            let (_, out, said) = gatekeeper(&[words, &["--root", text(&root)]].concat(), &[]);
            for shown in [&out, &said] {
                let strange: Vec<char> = shown.chars().filter(|c| *c != '\n' && deceives(*c)).collect();
                assert!(strange.is_empty(), "{words:?}: {strange:?}\n{shown}");
                assert_eq!(runner_command(shown), None, "{words:?}");
            }
            seen += 1;
        }
        for words in [&["inspect", &file][..], &["inspect", &odd], &["inspect", "--format", name, &file]] {
            let (_, out, said) = gatekeeper(words, &[]);
            for shown in [&out, &said] {
                assert!(!shown.chars().any(|c| c != '\n' && deceives(c)), "{words:?}\n{shown}");
                assert_eq!(runner_command(shown), None, "{words:?}");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 6 * 20);
}

/// Titles and the rest of a gate are shown by commands that read no evidence.
#[test]
fn no_title_begins_a_line_or_steers_a_terminal() {
    let hostile = "x\n::error::y\u{1b}[31m\u{202e}##[group]\u{fe0f}\u{fff1}\u{1bca0}\u{1d173}\u{2800}".to_owned();
    let place = Place::new(&planted(&[hostile]));
    let mut seen = 0;
    for words in
        [&["gates"][..], &["gates", "--json"], &["explain", "values"], &["explain", "waivers"], &["lint"], &["graph"]]
    {
        let (_, out, said) = gatekeeper(&[words, &["--root", text(&place.path())]].concat(), &[]);
        for shown in [&out, &said] {
            let strange: Vec<char> = shown.chars().filter(|c| *c != '\n' && deceives(*c)).collect();
            assert!(strange.is_empty(), "{words:?}: {strange:?}\n{shown}");
            assert_eq!(runner_command(shown), None, "{words:?}");
        }
        seen += 1;
    }
    assert_eq!(seen, 6);
}
