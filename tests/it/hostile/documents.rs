//! JSON, JSONL, XML, TOML and YAML that are damaged, ambiguous, or far larger inside than outside.

use super::Says::{Finding, Nothing};
use super::bench::Bench;
use super::{Row, row};

const G: &str = "documents";
const XML: &str = "lantern.xml";

/// The report, with this before its root.
fn xml(bench: &Bench, before: &str, inside: &str) {
    let text = format!("{before}<testsuites><testsuite name=\"lantern\">{inside}</testsuite></testsuites>\n");
    bench.evidence("junit/lantern.xml", text);
}

/// Changes the coverage into this text.
fn json(bench: &Bench, text: impl AsRef<[u8]>) {
    bench.write("docs/coverage.json", text);
}

fn malformed(file: &'static str, text: &'static str) -> super::Says {
    Finding("malformed", file, text)
}

pub fn rows() -> Vec<Row> {
    let mut rows = of_json();
    rows.extend(of_jsonl());
    rows.extend(of_xml());
    rows.extend(of_others());
    rows
}

fn of_json() -> Vec<Row> {
    const FILE: &str = "coverage.json";
    vec![
        row(G, "JSON: no bytes", |b| json(b, ""), malformed(FILE, ""), 3),
        row(G, "JSON: cut off", |b| json(b, "{\"modules\": [{\"module\": \"par"), malformed(FILE, ""), 3),
        row(G, "JSON: 100000 levels of lists", |b| json(b, "[".repeat(100_000)), malformed(FILE, "recursion limit"), 3),
        row(
            G,
            "JSON: 100000 levels of objects",
            |b| json(b, "{\"modules\":".repeat(100_000)),
            malformed(FILE, "recursion limit"),
            3,
        ),
        row(
            G,
            "JSON: nine million numbers in a list",
            |b| json(b, format!("[{}0]", "0,".repeat(9_000_000))),
            Finding("over-limit", FILE, ""),
            3,
        ),
        row(
            G,
            "JSON: 300000 keys in one object, the last one twice",
            |b| {
                let keys: String = (0..300_000).map(|key| format!("\"{key}\":0,")).collect();
                json(b, format!("{{{keys}\"0\":1}}"));
            },
            malformed(FILE, "the key `0` is there twice"),
            3,
        ),
        row(
            G,
            "JSON: a key twice",
            |b| b.edit("docs/coverage.json", "\"line_pct\": 91.5", "\"line_pct\": 1, \"line_pct\": 91.5"),
            malformed(FILE, "the key `line_pct` is there twice"),
            3,
        ),
        row(
            G,
            "JSON: a key twice, once spelled with an escape",
            |b| b.edit("docs/coverage.json", "\"line_pct\": 91.5", "\"line_pct\": 1, \"line\\u005fpct\": 91.5"),
            malformed(FILE, "the key `line_pct` is there twice"),
            3,
        ),
        row(
            G,
            "JSON: a key of a megabyte, twice",
            |b| {
                let key = "k".repeat(1 << 20);
                json(b, format!("{{\"{key}\": 1, \"{key}\": 2}}"));
            },
            malformed(FILE, "is there twice"),
            3,
        ),
        row(G, "JSON: 1e400", |b| b.edit("docs/coverage.json", "91.5", "1e400"), malformed(FILE, "number"), 3),
        row(G, "JSON: NaN", |b| b.edit("docs/coverage.json", "91.5", "NaN"), malformed(FILE, ""), 3),
        row(G, "JSON: Infinity", |b| b.edit("docs/coverage.json", "91.5", "Infinity"), malformed(FILE, ""), 3),
        row(
            G,
            "JSON: an integer that 64 bits cannot hold",
            |b| b.edit("docs/coverage.json", "91.5", "18446744073709551696"),
            malformed(FILE, "beyond 64 bits"),
            3,
        ),
        row(
            G,
            "JSON: a number of a million digits",
            |b| b.edit("docs/coverage.json", "91.5", &format!("91.{}", "9".repeat(1_000_000))),
            Nothing,
            0,
        ),
        row(
            G,
            "JSON: a byte order mark",
            |b| b.edit("docs/coverage.json", "{", "\u{feff}{"),
            malformed(FILE, "byte order mark"),
            3,
        ),
        row(
            G,
            "JSON: two documents in one file",
            |b| b.append("docs/coverage.json", "{\"modules\": []}"),
            malformed(FILE, "trailing characters"),
            3,
        ),
        row(
            G,
            "JSON: zero bytes behind the document",
            |b| b.append("docs/coverage.json", "\0\0\0"),
            malformed(FILE, ""),
            3,
        ),
        row(
            G,
            "JSON: half a surrogate pair",
            |b| b.edit("docs/coverage.json", "\"parse\"", "\"\\ud800\""),
            malformed(FILE, ""),
            3,
        ),
        row(
            G,
            "JSON: no UTF-8",
            |b| json(b, b"{\"modules\": [{\"module\": \"\xff\xfe\", \"line_pct\": 91.5}]}"),
            malformed(FILE, "UTF-8"),
            3,
        ),
        row(G, "JSON: UTF-16", |b| json(b, b"\xff\xfe{\0}\0"), malformed(FILE, "UTF-8"), 3),
        row(G, "JSON: gzip", |b| json(b, b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0"), malformed(FILE, "UTF-8"), 3),
        row(G, "JSON: a comment and a trailing comma", |b| json(b, "{\"modules\": [1,]} // ok"), malformed(FILE, ""), 3),
    ]
}

fn of_jsonl() -> Vec<Row> {
    const FILE: &str = "results.jsonl";
    const RECORDS: &str = "{\"test\": \"parse\", \"status\": \"pass\"}\n{\"test\": \"render\", \"status\": \"pass\"}\n{\"test\": \"store\", \"status\": \"pass\"}";
    vec![
        row(G, "JSONL: no line break at the end", |b| b.evidence(FILE, RECORDS), Nothing, 0),
        row(
            G,
            "JSONL: lines that end as on Windows, and blank ones",
            |b| b.evidence(FILE, RECORDS.replace('\n', "\r\n\r\n")),
            Nothing,
            0,
        ),
        row(
            G,
            "JSONL: the last record is cut off",
            |b| b.evidence(FILE, &RECORDS[..RECORDS.len() - 9]),
            malformed(FILE, "line 3"),
            3,
        ),
        row(
            G,
            "JSONL: zero bytes where the last record was being written",
            |b| b.evidence(FILE, format!("{RECORDS}\n{}", "\0".repeat(4_096))),
            malformed(FILE, "line 4"),
            3,
        ),
        row(
            G,
            "JSONL: a byte order mark",
            |b| b.evidence(FILE, format!("\u{feff}{RECORDS}")),
            malformed(FILE, "byte order mark"),
            3,
        ),
        row(
            G,
            "JSONL: a line of nine megabytes",
            |b| b.evidence(FILE, format!("{RECORDS}\n\"{}\"", "x".repeat(9 << 20))),
            Finding("over-limit", FILE, "lines of at most 8388608 bytes"),
            3,
        ),
        row(
            G,
            "JSONL: nothing but blank lines",
            |b| b.evidence(FILE, "\n".repeat(100_000)),
            Finding("empty", FILE, "at least one record"),
            3,
        ),
        row(
            G,
            "JSONL: a key twice in one record",
            |b| b.evidence(FILE, RECORDS.replacen("\"pass\"", "\"fail\", \"status\": \"pass\"", 1)),
            malformed(FILE, "the key `status` is there twice"),
            3,
        ),
        row(
            G,
            "JSONL: two records on one line",
            |b| b.evidence(FILE, RECORDS.replacen('\n', " ", 1)),
            malformed(FILE, "trailing characters"),
            3,
        ),
        row(
            G,
            "JSONL: one record twice",
            |b| b.evidence(FILE, format!("{RECORDS}\n{{\"test\": \"store\", \"status\": \"pass\"}}")),
            Finding("same-test-twice", FILE, "store"),
            1,
        ),
    ]
}

fn of_xml() -> Vec<Row> {
    let laughs = |b: &Bench| {
        let entities: String =
            (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
        xml(
            b,
            &format!("<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY l0 \"ha\">{entities}]>"),
            "<testcase name=\"&l9;\"/>",
        );
    };
    vec![
        row(G, "XML: a billion laughs", laughs, malformed(XML, "document type"), 3),
        row(
            G,
            "XML: an entity that names /etc/passwd",
            |b| xml(b, "<!DOCTYPE t [<!ENTITY p SYSTEM \"file:///etc/passwd\">]>", "<testcase name=\"a\">&p;</testcase>"),
            malformed(XML, "document type"),
            3,
        ),
        row(
            G,
            "XML: a parameter entity of another host",
            |b| xml(b, "<!DOCTYPE t [<!ENTITY % p SYSTEM \"http://example.org/x\">%p;]>", "<testcase name=\"a\"/>"),
            malformed(XML, "document type"),
            3,
        ),
        row(
            G,
            "XML: a document type of another host, never looked up",
            |b| xml(b, "<!DOCTYPE testsuites SYSTEM \"http://example.org/junit.dtd\">", "<testcase name=\"a\"/>"),
            Nothing,
            0,
        ),
        row(
            G,
            "XML: an entity that nobody declared",
            |b| xml(b, "", "<testcase name=\"&nbsp;\"/>"),
            malformed(XML, "nbsp"),
            3,
        ),
        row(
            G,
            "XML: 100000 attributes",
            |b| {
                let attributes: String = (0..100_000).map(|n| format!(" a{n}=\"\"")).collect();
                xml(b, "", &format!("<testcase name=\"a\"{attributes}/>"));
            },
            malformed(XML, "attributes"),
            3,
        ),
        row(
            G,
            "XML: 100000 namespaces",
            |b| {
                let spaces: String = (0..100_000).map(|n| format!(" xmlns:n{n}=\"urn:{n}\"")).collect();
                xml(b, "", &format!("<testcase name=\"a\"{spaces}/>"));
            },
            malformed(XML, "attributes"),
            3,
        ),
        row(G, "XML: 100000 levels", |b| xml(b, "", &"<testsuite>".repeat(100_000)), malformed(XML, "64"), 3),
        row(G, "XML: an attribute twice", |b| xml(b, "", "<testcase name=\"a\" name=\"b\"/>"), malformed(XML, ""), 3),
        row(
            G,
            "XML: a name of a megabyte",
            |b| xml(b, "", &format!("<testcase name=\"{}\"/>", "n".repeat(1 << 20))),
            malformed(XML, ""),
            3,
        ),
        row(
            G,
            "XML: an element whose name is a megabyte long",
            |b| xml(b, "", &format!("<{}/>", "n".repeat(1 << 20))),
            Finding("empty", XML, "at least one test"),
            3,
        ),
        row(
            G,
            "XML: two roots",
            |b| b.append(&format!("{}/junit/lantern.xml", super::bench::RUN), "<testsuites/>"),
            malformed(XML, "root"),
            3,
        ),
        row(
            G,
            "XML: cut off",
            |b| b.twist("junit/lantern.xml", "</testsuites>", ""),
            malformed(XML, "ends inside an element"),
            3,
        ),
        row(G, "XML: ends that do not match", |b| xml(b, "", "<testcase name=\"a\"></testsuite>"), malformed(XML, ""), 3),
        row(
            G,
            "XML: a character that XML does not have",
            |b| xml(b, "", "<testcase name=\"a&#0;\"/>"),
            malformed(XML, ""),
            3,
        ),
        row(
            G,
            "XML: UTF-16 by its declaration",
            |b| xml(b, "<?xml version=\"1.0\" encoding=\"UTF-16\"?>", "<testcase name=\"a\"/>"),
            malformed(XML, "UTF-16"),
            3,
        ),
        row(
            G,
            "XML: HTML, as an error page has it",
            |b| b.evidence("junit/lantern.xml", "<!DOCTYPE html><html><body>502 Bad Gateway<br></body></html>"),
            malformed(XML, ""),
            3,
        ),
        row(
            G,
            "XML: ]]> in the text",
            |b| xml(b, "", "<testcase name=\"a\"><system-out>a ]]> b</system-out></testcase>"),
            Nothing,
            0,
        ),
        row(
            G,
            "XML: the end of a suite in a CDATA section",
            |b| xml(b, "", "<testcase name=\"a\"><failure><![CDATA[</failure></testcase>]]></failure></testcase>"),
            Finding("test-failed", XML, "lantern::a"),
            1,
        ),
        row(
            G,
            "XML: a comment that hides a failure is a comment",
            |b| xml(b, "", "<testcase name=\"a\"><!--<failure/>--></testcase>"),
            Nothing,
            0,
        ),
    ]
}

fn of_others() -> Vec<Row> {
    const YAML: &str = "meta.yaml";
    const TOML: &str = "settings.toml";
    vec![
        row(
            G,
            "YAML: aliases of aliases",
            |b| {
                let lines: String =
                    (1..10).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))).collect();
                b.evidence(YAML, format!("level: 3\na0: &a0 [x]\n{lines}"));
            },
            malformed(YAML, "anchor"),
            3,
        ),
        row(G, "YAML: a merge key", |b| b.evidence(YAML, "<<: {level: 3}\n"), malformed(YAML, "merge key"), 3),
        row(
            G,
            "YAML: a tag that makes an object",
            |b| b.evidence(YAML, "level: !!python/object/apply:os.system [id]\n"),
            malformed(YAML, "tag"),
            3,
        ),
        row(G, "YAML: a key twice", |b| b.evidence(YAML, "level: 2\nlevel: 3\n"), malformed(YAML, "twice"), 3),
        row(
            G,
            "YAML: a second document",
            |b| b.evidence(YAML, "level: 3\n---\nlevel: 2\n"),
            malformed(YAML, "document"),
            3,
        ),
        row(
            G,
            "YAML: 100000 levels",
            |b| b.evidence(YAML, format!("level: {}", "[".repeat(100_000))),
            malformed(YAML, ""),
            3,
        ),
        row(
            G,
            "YAML: more than a million bytes",
            |b| b.evidence(YAML, format!("level: 3\nx: {}\n", "x".repeat(1_000_001))),
            Finding("over-limit", YAML, ""),
            3,
        ),
        row(G, "YAML: .nan", |b| b.evidence(YAML, "level: .nan\n"), malformed(YAML, ""), 3),
        row(G, "YAML: no is text", |b| b.evidence(YAML, "level: no\n"), Finding("wrong-type", YAML, ""), 1),
        row(G, "TOML: a key twice", |b| b.evidence(TOML, "level = 2\nlevel = 3\n"), malformed(TOML, "duplicate key"), 3),
        row(
            G,
            "TOML: 100000 levels of lists",
            |b| b.evidence(TOML, format!("level = {}", "[".repeat(100_000))),
            malformed(TOML, ""),
            3,
        ),
        row(
            G,
            "TOML: dotted keys and tables, thousands deep together",
            |b| {
                let dots = vec!["a"; 79].join(".");
                b.evidence(TOML, format!("level = 3\nx = {}1{}\n", format!("{{{dots} = ").repeat(79), "}".repeat(79)));
            },
            malformed(TOML, ""),
            3,
        ),
        row(
            G,
            "TOML: an integer that 64 bits cannot hold",
            |b| b.evidence(TOML, "level = 99999999999999999999\n"),
            malformed(TOML, ""),
            3,
        ),
        row(G, "TOML: nan", |b| b.evidence(TOML, "level = nan\n"), malformed(TOML, "nan"), 3),
        row(G, "text: no UTF-8", |b| b.evidence("log.txt", b"all quiet\xff"), malformed("log.txt", "UTF-8"), 3),
    ]
}
