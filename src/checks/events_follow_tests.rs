//! What `events-follow` says of short streams.

use super::super::testing::{Bench, refused};

const LINES: &str = "{\"ts\": \"2026-01-01T00:00:00Z\", \"type\": \"step\", \"job\": \"a\"}\n{\"ts\": \"2026-01-01T00:00:20Z\", \"type\": \"beat\", \"job\": \"a\"}\n{\"ts\": \"2026-01-01T00:00:40Z\", \"type\": \"result\", \"job\": \"a\"}\n";

fn told(keys: &str, lines: &str) -> Vec<String> {
    let check = format!("kind = 'events-follow'\nevents = 'e'\nby = 'job'\n{keys}");
    Bench::new(&check).jsonl("e", lines).json("f", r#"{"jobs": ["a", "b"]}"#).told()
}

fn told_alone(keys: &str, lines: &str) -> Vec<String> {
    Bench::new(&format!("kind = 'events-follow'\nevents = 'e'\nby = 'job'\n{keys}")).jsonl("e", lines).told()
}

#[test]
fn events_are_counted_in_each_sequence() {
    let one = "event = \"event.type == 'result'\"\nat_least = 1\nat_most = 1";
    assert_eq!(told_alone(one, LINES), ["pass 1"]);
    assert_eq!(
        told_alone(one, &LINES.repeat(2))[0],
        "too-many-events e.jsonl:6: at most 1 `event.type == 'result'` of `a` | 2"
    );
    let told = told(&format!("{one}\neach = 'f.jobs'"), LINES);
    assert_eq!(told, ["too-few-events f.json#/jobs/1: at least 1 `event.type == 'result'` of `b` | 0"]);
    let stray = LINES.replace("\"a\"", "\"c\"");
    let told = self::told(&format!("{one}\neach = 'f.jobs'"), &stray);
    assert_eq!(told.len(), 3);
    assert_eq!(told[2], "stray-event e.jsonl:1: records of `f.jobs` alone | one of `c`");
}

#[test]
fn order_and_time_are_kept() {
    let result = "event = \"event.type == 'result'\"";
    assert_eq!(told_alone(&format!("{result}\nafter = \"event.type == 'beat'\""), LINES), ["pass 1"]);
    let told = told_alone(&format!("{result}\nafter = \"event.type == 'approval'\""), LINES);
    assert_eq!(told, ["event-too-early e.jsonl:3: `event.type == 'approval'` of `a` above this event | nothing"]);
    let beat = "event = \"event.type == 'beat'\"";
    let told = told_alone(&format!("{beat}\nbefore = \"event.type == 'step'\""), LINES);
    assert_eq!(told, ["event-too-late e.jsonl:2: no such event of `a` below `event.type == 'step'` | that is in line 1"]);
    assert_eq!(told_alone(&format!("{beat}\nat = 'ts'\nmax_gap_seconds = 20"), LINES), ["pass 1"]);
    let told = told_alone(&format!("{beat}\nat = 'ts'\nmax_gap_seconds = 19"), LINES);
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[0],
        "events-too-far-apart e.jsonl:2: at most 19 seconds of `a` without such an event | 20 seconds since line 1"
    );
    let back = LINES.replacen("00:20Z", "00:50Z", 1);
    assert!(told_alone(&format!("{beat}\nat = 'ts'\nat_least = 1"), &back)[0].starts_with("time-goes-back e.jsonl:3: "));
}

#[test]
fn what_cannot_be_told_is_no_pass() {
    let one = "event = \"event.type == 'result'\"\nat_least = 1";
    let told = told_alone(one, "{\"type\": \"result\"}\n{\"job\": \"a\"}\n");
    assert!(told[0].starts_with("missing-field e.jsonl:1#/job: ") && told.len() >= 2, "{told:?}");
    let none = told_alone("event = \"event.type == 'result'\"\nat_most = 1", "");
    assert!(none[0].starts_with("error "), "{none:?}");
    let other = Bench::new("kind = 'events-follow'\nevents = 'e'\nby = 'job'\nevent = 'event.x'\nat_most = 1")
        .json("e", "{}")
        .told();
    assert!(other[0].starts_with("error "), "{other:?}");
    let check = |keys: &str| {
        refused(&format!("kind = 'events-follow'\nevents = 'e'\nby = 'job'\nevent = 'event.x'\n{keys}"), &["e"])
    };
    assert!(check("")[0].starts_with("vacuous: "), "{:?}", check(""));
    assert!(check("max_gap_seconds = 3")[0].contains("needs `at`"), "{:?}", check("max_gap_seconds = 3"));
}

const FRAMES: &str = "{\"at\": \"2026-01-01T00:00:00.5Z\", \"beat\": {\"worker\": \"w\"}}\n{\"at\": \"2026-01-01T00:00:04Z\", \"answer\": {\"job\": \"a\", \"worker\": \"w\"}}\n{\"at\": \"2026-01-01T00:00:09Z\", \"alert\": {}}\n";

fn frames(keys: &str, lines: &str) -> Vec<String> {
    let check = format!("kind = 'events-follow'\nevents = 'e'\nabsence = 'one of several'\n{keys}");
    Bench::new(&check).jsonl("e", lines).json("f", r#"{"jobs": ["a", "a"]}"#).told()
}

#[test]
fn sequences_may_be_named_further_inside() {
    let one = "by = '/answer/job'\nwhere = 'has(event.answer)'\nevent = 'has(event.answer)'\nat_least = 1\nat_most = 1";
    assert_eq!(frames(one, FRAMES), ["pass 1"]);
    let without = one.replace("where = 'has(event.answer)'\n", "");
    assert_eq!(frames(&without, FRAMES)[0], "missing-field e.jsonl:1#/answer/job: a text in `/answer/job` | nothing");
    // Two names of one sequence are one sequence.
    assert_eq!(frames(&format!("{one}\neach = 'f.jobs'"), FRAMES), ["pass 1"]);
    let other = format!("{FRAMES}{{\"answer\": {{\"job\": \"b\"}}}}\n{{\"answer\": {{\"job\": \"b\"}}}}\n");
    let each = format!("{one}\neach = 'f.jobs'");
    assert_eq!(frames(&each, &other), ["stray-event e.jsonl:4: records of `f.jobs` alone | one of `b`"]);
    assert_eq!(frames(&format!("{each}\nothers_allowed = true"), &other), ["pass 1"]);
    let either = "by = ['/beat/worker', '/answer/worker']\nwhere = '!has(event.alert)'\nevent = 'has(event.answer)'\nafter = 'has(event.beat)'";
    assert_eq!(frames(either, FRAMES), ["pass 1"]);
    let late: Vec<&str> = FRAMES.lines().rev().collect();
    assert!(frames(either, &late.join("\n"))[0].starts_with("event-too-early e.jsonl:2: "));
}

#[test]
fn a_pause_may_last_to_the_end_of_the_file() {
    let beats =
        "by = '/beat/worker'\nwhere = 'has(event.beat)'\nevent = 'has(event.beat)'\nat = '/at'\nmax_gap_seconds = 8";
    assert_eq!(frames(beats, FRAMES), ["pass 1"]);
    assert_eq!(
        frames(&format!("{beats}\nto_end = true"), FRAMES),
        [
            "events-too-far-apart e.jsonl:1: at most 8 seconds of `w` without such an event | 8.5 seconds from here to line 3, the end of the stream"
        ]
    );
    let alive = format!("{FRAMES}{{\"at\": \"2026-01-01T00:00:08.5Z\", \"beat\": {{\"worker\": \"w\"}}}}\n");
    assert_eq!(frames(&format!("{beats}\nto_end = true"), &alive), ["pass 1"]);
}

#[test]
fn keys_that_need_others_are_refused_alone() {
    let check = |keys: &str| {
        let check = format!("kind = 'events-follow'\nevents = 'e'\nevent = 'event.x'\nat_most = 1\n{keys}");
        refused(&check, &["e", "f"]).join(" ")
    };
    assert!(check("by = 'job'\nto_end = true").contains("needs `max_gap_seconds`"));
    assert!(check("by = 'job'\nothers_allowed = true").contains("needs `each`"));
    assert!(check("by = 'job'\neach = 'f.jobs'\nothers_allowed = true\nafter = 'event.y'").contains("needs `each`"));
    assert_ne!(check("by = []"), "");
    assert!(check("by = '/a~'").contains("neither a key nor a JSON Pointer"));
}

/// A `null` leaves no record out where one that is left out could pass, and counts as nothing where that is the stricter answer.
#[test]
fn a_null_decides_nothing() {
    let lines = LINES.replace("\"result\"", "null");
    let rows = [
        ("event = \"event.type == 'result'\"\nat_most = 1", true),
        ("event = \"event.type == 'result'\"\nafter = \"event.type == 'beat'\"", true),
        ("event = \"event.type == 'beat'\"\nbefore = \"event.type == 'result'\"", true),
        ("where = \"event.type == 'result'\"\nevent = \"event.job == 'a'\"\nat_most = 9", true),
        ("event = \"event.type != 'beat'\"\nat_least = 1", true),
        ("event = \"event.type == 'beat'\"\nat_least = 1", false),
        ("event = \"event.type == 'beat'\"\nat = 'ts'\nmax_gap_seconds = 20", false),
        ("event = \"event.type == 'beat'\"\nafter = \"event.type == 'step'\"\nwhere = \"event.type != null\"", false),
        ("event = \"event.type != null && event.type == 'result'\"\nat_most = 1", false),
    ];
    for (keys, doubted) in rows {
        let with_null = told_alone(keys, &lines);
        assert_eq!(with_null != ["pass 1"], doubted, "{keys}: {with_null:?}");
    }
    assert_eq!(rows.len(), 9);
}
