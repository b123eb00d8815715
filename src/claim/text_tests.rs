//! Phrases in Markdown: what hides none, and what is none.

use super::*;
use proptest::prelude::*;

fn phrase(written: &str) -> Phrase {
    Phrase::new(written).expect("a phrase")
}

fn lines(text: &str, written: &str) -> Vec<u64> {
    let read = Text::new(text);
    let places = read.find(&[&phrase(written)]).into_iter().flatten().flatten();
    let mut lines: Vec<u64> = places.map(|place| read.line(place.start)).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

#[test]
fn setting_hides_nothing() {
    let settings = [
        "a drop-in replacement",
        "A **Drop-In** _replacement_",
        "drop in\nreplacement",
        "drop‑in\u{A0}replacement",
        "dr\u{200B}op-in repl\u{AD}acement",
        "> a drop-\n> in replacement",
        "- drop-in\n  + replacement",
        "1. drop-in\n2. replacement",
        "- [x] drop-in\n- [x] replacement",
        "[drop-in](https://example.com/a_(b)) replacement",
        "![drop-in][shield] replacement[^1]",
        "<b>drop</b>-<i class=\"x\">in</i> replacement",
        "drop<!-- quietly -->-in replacement",
        "drop&#45;in&nbsp;repl&shy;acement &#100;",
        "&#100;rop-in replacement",
        "| drop-in | replacement |",
        "# Drop-in\n\nReplacement",
        "`drop-in` \"replacement\"",
        "drop\\-in replacement",
        "drop-in replacements",
        "drop-in replacement's",
        "ｄｒｏｐ－ｉｎ replacement",
        "drоp-in replacement",
        "dropin replacement",
        "<drop-in> replacement",
        "DROP_IN_REPLACEMENT",
    ];
    let mut looked = 0;
    for text in settings {
        assert!(!lines(text, "drop-in replacement").is_empty(), "{text}");
        looked += 1;
    }
    assert_eq!(looked, 26);
}

#[test]
fn other_words_are_other_words() {
    let others = ["disparity", "parityx", "par", "", "party", "dropped in", "the parityless"];
    let mut looked = 0;
    for text in others {
        assert_eq!(lines(text, "parity"), Vec::<u64>::new(), "{text}");
        looked += 1;
    }
    assert_eq!(looked, 7);
    assert!(lines("100 tests", "100% compatible").is_empty());
    assert_eq!(lines("it is 100 % compatible", "100% compatible"), [1]);
    assert!(lines("It drops in. Replacement parts differ.", "drops in replacement").is_empty());
}

#[test]
fn numbers_of_lists_hide_no_numbers() {
    assert_eq!(lines("supports Node\n20. Others follow", "supports Node 20"), [1]);
}

#[test]
fn lines_are_those_of_the_text() {
    let read = Text::new("one\n\ndrop-in\n> replacement\n");
    let found = read.find(&[&phrase("drop-in replacement")]).swap_remove(0).swap_remove(0);
    assert_eq!(found.len(), 1);
    assert_eq!((read.line(found[0].start), read.line(found[0].end - 1)), (3, 4));
}

#[test]
fn a_phrase_of_nothing_is_none() {
    assert!(["", " - ", "*", "a", "..."].into_iter().all(|written| Phrase::new(written).is_none()));
    assert!(phrase("Drop-in.").same(&phrase("drop in")));
}

/// What may stand between two characters of a phrase without a reader losing it.
const NOISE: [&str; 13] =
    ["*", "**", "_", "`", "~~", "\u{200B}", "\u{AD}", "\u{2060}", "\u{FEFF}", "<b>", "</b>", "<!-- x -->", "\u{301}"];

/// What may stand in place of a blank.
const BLANKS: [&str; 8] = [" ", "\n", "\r\n", "\n> ", "\u{A0}", "&nbsp;", " \n  ", "\n\n- "];

proptest! {
    #[test]
    fn no_noise_hides_a_phrase(
        words in proptest::collection::vec("[a-z]{2,8}", 1..5),
        choices in proptest::collection::vec((0_usize..26, 0_usize..8, proptest::bool::ANY), 60),
        before in "[A-Za-z ,.\n]{0,30}",
        after in "[A-Za-z ,.\n]{0,30}",
    ) {
        let written = words.join(" ");
        let mut text = format!("{before} ");
        for (at, c) in written.chars().enumerate() {
            let (noise, blank, upper) = choices[at % choices.len()];
            if let Some(noise) = NOISE.get(noise) {
                text.push_str(noise);
            }
            match c {
                ' ' => text.push_str(BLANKS[blank]),
                c if upper => text.extend(c.to_uppercase()),
                c => text.push(c),
            }
        }
        text.push_str(&format!(" {after}"));
        prop_assert!(!lines(&text, &written).is_empty(), "{text:?} hides {written:?}");
    }

    #[test]
    fn any_text_can_be_read(text in "\\PC{0,200}", markup in "[<>!\\[\\]()&#;x0-9\\n -]{0,80}") {
        let whole = format!("{text}{markup}{text}");
        for place in Text::new(&whole).find(&[&phrase("ab")]).into_iter().flatten().flatten() {
            prop_assert!(whole.is_char_boundary(place.start) && whole.is_char_boundary(place.end));
        }
    }
}

#[test]
fn what_readers_see_is_found_whatever_the_markup() {
    let long = "x".repeat(3_000);
    let settings = [
        "full&nbsp;N&omicron;de.js".to_owned(),
        "full N&#1086;de.js".to_owned(),
        "full&numsp;Node.js".to_owned(),
        "full&MediumSpace;Node.js".to_owned(),
        "full&af; Node.js".to_owned(),
        "full N&ocy;de.js".to_owned(),
        "full <sup>1</sup> Node.js".to_owned(),
        "full<sub class=\"n\">2</sub> Node.js".to_owned(),
        "full ![logo of](x.png) Node.js".to_owned(),
        "full <script>var x</script> Node.js".to_owned(),
        "full <STYLE>a {}</STYLE> Node.js".to_owned(),
        "full <span hidden>no</span> Node.js".to_owned(),
        "full <span style=\"display: none\">no</span> Node.js".to_owned(),
        "full <a title=\"a > b\">Node.js</a>".to_owned(),
        format!("full <a title=\"{long}\"> Node.js"),
        format!("[full](http://{long}) Node.js"),
        "[full](x \"a (\") Node.js".to_owned(),
        "[full](x_(y)) Node.js".to_owned(),
        "\u{202e}sj.edoN lluf\u{202c}".to_owned(),
        "<bdo dir=\"rtl\">sj.edoN lluf</bdo>".to_owned(),
        "ꜰᴜʟʟ ɴᴏᴅᴇ.ᴊꜱ".to_owned(),
        "🅵🆄🅻🅻 🄽🄾🄳🄴.🄹🅂".to_owned(),
        "full Nꓳde.js".to_owned(),
        "full Nɵde.js".to_owned(),
        "full Node.ȷs".to_owned(),
        "full Node·js".to_owned(),
        "full • Node․js".to_owned(),
        "full Node<b>.</b>js".to_owned(),
        "fu11 N0de.js".to_owned(),
    ];
    let hidden = settings.iter().filter(|text| lines(text, "full Node.js").is_empty());
    let hidden: Vec<String> = hidden.map(|text| text.chars().take(80).collect()).collect();
    assert_eq!(hidden, Vec::<String>::new());
    assert_eq!(settings.len(), 29);
}

#[test]
fn dots_tell_numbers_and_sentences_apart() {
    assert!(lines("supports Node 20", "supports Node 2.0").is_empty());
    assert_eq!(lines("supports Node 2.0", "supports Node 2.0"), [1]);
    assert!(lines("It is full. Node.js is another thing.", "full Node.js").is_empty());
    assert_eq!(lines("nodejs", "Node.js"), [1]);
}

#[test]
fn beginnings_without_an_end_take_no_time() {
    let mut read = 0;
    for begin in ["<a ", "](", "][", "<sup>", "<!--", "[^", "![", "&amp", "(", "<a \"", "\u{202e}x", "](x \""] {
        let text = format!("{} full Node.js", begin.repeat(60_000 / begin.len()));
        assert!(!lines(&text, "full Node.js").is_empty(), "{begin}");
        let ended = format!("{text}>)]</sup>-->;\"");
        let _places = lines(&ended, "full Node.js");
        read += 1;
    }
    assert_eq!(read, 12);
}
