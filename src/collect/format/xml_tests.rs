//! What is walked over, what is refused, and that the usual forms are read as the whole reader reads them.

use super::*;

#[derive(Default)]
struct Told(String);

impl Visitor for Told {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>, line: u64) -> Result<(), String> {
        self.0 += &format!("<{name}@{line}{}", attributes.get("a").map_or(String::new(), |a| format!(" a={a}")));
        if name == "refused" { Err("refused".to_owned()) } else { Ok(()) }
    }

    fn text(&mut self, text: &str) {
        self.0 += text.trim();
    }

    fn close(&mut self) -> Result<(), String> {
        self.0.push('>');
        Ok(())
    }
}

fn told(text: &str) -> Result<String, (Option<u64>, String)> {
    let mut told = Told::default();
    match walk(text, &Where::file("a.xml"), "XML", &mut told) {
        Ok(()) => Ok(told.0),
        Err(gap) => Err((gap.at.line, gap.actual)),
    }
}

#[test]
fn sound_documents_are_walked() {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE r SYSTEM \"r.dtd\">\n<!-- c --><r a='&lt;&#x41;'>\n<x:b/>t&amp;<![CDATA[<&]]></r>\n";
    assert_eq!(told(text), Ok("<r@3 a=<A<b@4>t&<&>".to_owned()));
    assert!(told(&("<a>".repeat(DEPTH_MOST) + &"</a>".repeat(DEPTH_MOST))).is_ok());
}

#[test]
fn everything_else_is_malformed() {
    let deep = "<a>".repeat(DEPTH_MOST + 1);
    let wide = format!("<a {}/>", (0..=ATTRIBUTES_MOST).map(|at| format!("a{at}=''")).collect::<Vec<_>>().join(" "));
    let long = format!("<a b='{}'/>", "x".repeat(VALUE_MOST + 1));
    let laughs = "<!DOCTYPE a [<!ENTITY l \"ha\"><!ENTITY m \"&l;&l;\">]><a>&m;</a>";
    let cases: [(&str, &str); 21] = [
        ("", "no element at all"),
        ("{}", "text outside"),
        ("<a>\n<b></a>", "(line 2)"),
        ("<a>", "ends inside"),
        ("<a></a></a>", "(line 1)"),
        ("<a/><b/>", "a second root element"),
        ("<a/>x", "text outside"),
        ("x<a/>", "text outside"),
        ("<a/>&amp;", "text outside"),
        ("<a b='1' b='2'/>", "duplicate"),
        ("<a b=1/>", ""),
        ("<a>&nbsp;</a>", "the entity `nbsp`"),
        ("<a b='&xxe;'/>", "xxe"),
        ("<a>&#0;</a>", ""),
        ("<!-- c --><?xml version='1.0' encoding='latin1'?><a/>", "declaration behind"),
        ("<a><?xml version='1.0'?></a>", "declaration behind"),
        (laughs, "declarations of its own"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd' [<!ENTITY x SYSTEM 'y'>]><a/>", "declarations of its own"),
        (&deep, "nested more than"),
        (&wide, "more than 64 attributes"),
        (&long, "an attribute of more than"),
    ];
    let mut refused = 0;
    for (text, phrase) in cases {
        let (line, actual) = told(text).expect_err(text);
        assert!(actual.contains(phrase) && line.is_some(), "{}: {actual}", &text[..text.len().min(40)]);
        refused += 1;
    }
    assert_eq!(refused, 21);
    assert_eq!(told("<a>\n\n<refused/></a>"), Err((Some(3), "refused (line 3)".to_owned())));
}

/// Everything that a walk tells.
#[derive(Default)]
struct Trace(String);

impl Visitor for Trace {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>, line: u64) -> Result<(), String> {
        self.0 += &format!("<{name}@{line} {:?}>", attributes.all().collect::<Vec<_>>());
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.0 += text;
    }

    fn close(&mut self) -> Result<(), String> {
        self.0 += "</>";
        Ok(())
    }

    fn comment(&mut self, text: &str, line: u64) {
        self.0 += &format!("<!{text}@{line}>");
    }
}

/// The trace of the whole reader alone, for documents whose only elements have nothing wrong but what that reader says itself.
fn by_the_whole_reader(text: &str) -> Result<String, String> {
    let (mut trace, mut reader, mut depth) = (Trace::default(), Reader::from_str(text), 0_usize);
    loop {
        let start = usize::try_from(reader.buffer_position()).expect("a place in the text");
        let line = 1 + text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() as u64;
        let event = reader.read_event().map_err(|error| error.to_string())?;
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            let mut attributes: Vec<(String, String)> = Vec::new();
            for one in tag.attributes().with_checks(false) {
                let one = one.map_err(|error| error.to_string())?;
                let value = one.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
                attributes.push((utf8(one.key.into_inner())?.to_owned(), value.into_owned()));
            }
            let own: Vec<(&str, Cow<'_, str>)> =
                attributes.iter().map(|(key, value)| (&**key, Cow::Borrowed(&**value))).collect();
            trace.open(utf8(tag.local_name().as_ref())?, &Attributes(&own), line)?;
            depth += 1;
        }
        match &event {
            Event::Eof => return Ok(trace.0),
            Event::Empty(_) | Event::End(_) => {
                depth = depth.checked_sub(1).ok_or("an end without its start")?;
                trace.close()?;
            }
            Event::Text(text) if depth > 0 => trace.text(utf8(text)?),
            Event::CData(text) if depth > 0 => trace.text(utf8(text)?),
            Event::GeneralRef(reference) if depth > 0 => resolve(reference, &mut trace)?,
            Event::Comment(text) => trace.comment(utf8(text)?, line),
            _ => {}
        }
    }
}

#[test]
fn the_usual_forms_are_read_as_the_whole_reader_reads_them() {
    let seeds = [
        "<?xml version=\"1.0\"?>\n<r a=\"1\" b='x &lt; \"y\"'>\n<x:b c=\"a\nb\"/>t &amp; u<!-- c --><d >\n</d></r>\n",
        "<r><a b=\"1>2\"c='3'/><a\tb = \"1\" ></a ><![CDATA[<&]]>\u{e4}</r>",
    ];
    let pieces =
        ["<", ">", "/", "&", ";", "\"", "'", "=", " ", "\n", "!", "-", "?", "a", ":", "\u{e4}", "</", "/>", "<a>", "a='1'"];
    // What only the walk refuses, and what it says of that.
    let own = ["root", "outside", "declaration", "document", "duplicate", "no element", "entity"];
    let (mut same, mut refused) = (0, 0);
    for seed in seeds {
        for (at, c) in seed.char_indices() {
            for piece in pieces {
                for text in [
                    format!("{}{piece}{}", &seed[..at], &seed[at..]),
                    format!("{}{piece}{}", &seed[..at], &seed[at + c.len_utf8()..]),
                ] {
                    let mut trace = Trace::default();
                    let walked = walk(&text, &Where::file("a.xml"), "XML", &mut trace);
                    match (walked, by_the_whole_reader(&text)) {
                        (Ok(()), expected) => {
                            assert_eq!(Ok(trace.0), expected, "{text}");
                            same += 1;
                        }
                        (Err(gap), Ok(_)) => {
                            assert!(own.iter().any(|word| gap.actual.contains(word)), "{text}: {}", gap.actual);
                            refused += 1;
                        }
                        (Err(gap), Err(error)) => {
                            let said = own.iter().any(|word| gap.actual.contains(word)) || gap.actual.starts_with(&error);
                            assert!(said, "{text}: {} | {error}", gap.actual);
                            refused += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(same > 1_000 && refused > 1_000, "{same} {refused}");
}
