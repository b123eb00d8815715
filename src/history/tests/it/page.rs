//! The page: what it holds, and that nothing in it gets out of its place.

use crate::made::{Place, made, stored};
use gatekeeper::report::history::Row;
use gatekeeper_history::engine::{Bounds, Engine, Scope};
use gatekeeper_history::page::{page, write};
use serde_json::{Value, json};

/// What stands in the page as data.
fn answers(page: &str) -> Value {
    let own = page.lines().find_map(|line| line.strip_prefix("const answers = ")).expect("the answers");
    serde_json::from_str(own.strip_suffix(';').expect("a statement")).expect("JSON")
}

#[test]
fn the_page_holds_its_answers_and_loads_nothing() {
    let place = Place::new("page");
    let store = stored(&place, &made(120, 7));
    let engine = Engine::open(&store, &Scope::default(), Bounds::default()).expect("an engine");
    let text = page(&engine, Some("https://ci.example/{verdict}")).expect("a page");
    let own = answers(&text);
    let count = |key: &str| own[key].as_array().map_or(0, Vec::len);
    assert_eq!((count("runs"), count("gates"), count("measures")), (120, 480, 360));
    assert_eq!((count("exceptions"), &own["total"]), (6, &json!(120)));
    assert!(count("flaky-tests") == 10 && count("slow-tests") == 14 && count("regressions") > 2);
    for loaded in [
        "src=",
        "href=\"http",
        "@import",
        "url(",
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
        "insertAdjacent",
        "document.write",
    ] {
        assert!(!text.contains(loaded), "{loaded}");
    }
    // To be looked at in a browser: GATEKEEPER_HISTORY_PAGE=DIR cargo test page
    if let Ok(out) = std::env::var("GATEKEEPER_HISTORY_PAGE") {
        write(std::path::Path::new(&out), &text).expect("written");
    }
    let path = write(&place.join("site"), &text).expect("written");
    assert_eq!(std::fs::read_to_string(path).expect("a page"), text);
}

#[test]
fn no_text_ends_its_element() {
    let place = Place::new("hostile");
    let mut all = made(6, 4);
    let hostile = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> \u{2028} \u{1b}[2J */ ${1} `";
    for own in &mut all {
        for row in &mut own.rows {
            match row {
                Row::Runs(run) => hostile.clone_into(&mut run.reason),
                Row::Gates(gate) => hostile.clone_into(&mut gate.detail),
                Row::Measures(measure) => hostile.clone_into(&mut measure.what),
                Row::Tests(test) => hostile.clone_into(&mut test.test),
                Row::Exceptions(exception) => hostile.clone_into(&mut exception.name),
                Row::Findings(_) | Row::Evidence(_) => {}
            }
        }
    }
    let store = stored(&place, &all);
    let engine = Engine::open(&store, &Scope::default(), Bounds::default()).expect("an engine");
    let text = page(&engine, Some(hostile)).expect("a page");
    assert_eq!((text.matches("</script").count(), text.matches("<script").count()), (1, 1));
    assert!(!text.contains("<img") && !text.contains('\u{1b}') && !text.contains("<!--"));
    assert_eq!(answers(&text)["runs"][0]["reason"], json!(hostile), "the text itself is unchanged");
}

#[test]
fn an_empty_store_has_a_page() {
    let place = Place::new("blank");
    let store = stored(&place, &[]);
    let engine = Engine::open(&store, &Scope::default(), Bounds::default()).expect("an engine");
    let own = answers(&page(&engine, None).expect("a page"));
    assert_eq!((&own["runs"], &own["link"], &own["total"]), (&json!([]), &Value::Null, &json!(0)));
}
