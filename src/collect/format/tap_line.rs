//! The lines of TAP that count: tests with their directives, and plans.

/// A test line.
pub(super) struct Line<'t> {
    pub(super) ok: bool,
    /// Its subtests stand behind it, in braces.
    pub(super) opens: bool,
    pub(super) seconds: Option<f64>,
    pub(super) number: Option<u64>,
    pub(super) name: &'t str,
    pub(super) directive: Option<(&'static str, &'t str)>,
}

/// Reads a test line.
pub(super) fn test_line(text: &str) -> Option<Line<'_>> {
    let (ok, rest) = match text.strip_prefix("not ok") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("ok")?),
    };
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, rest) = match rest[..digits].parse() {
        Ok(number) if rest[digits..].is_empty() || rest[digits..].starts_with([' ', '\t']) => {
            (Some(number), &rest[digits..])
        }
        Ok(_) | Err(_) => (None, rest),
    };
    let rest = rest.trim_start();
    let (rest, opens) = match rest.strip_suffix('{').map(str::trim_end) {
        Some(inner) if inner.is_empty() || rest.ends_with(" {") => (inner, true),
        Some(_) | None => (rest, false),
    };
    let (rest, seconds) = timed(rest);
    let rest = rest.strip_prefix("- ").or_else(|| rest.strip_prefix('-').filter(|rest| rest.is_empty())).unwrap_or(rest);
    let (name, directive) = directive(rest);
    let (name, timed) = timed(name);
    Some(Line { ok, opens, seconds: seconds.or(timed), number, name: name.trim(), directive })
}

/// Splits off `# time=3.85ms`, which node-tap and vitest put behind the name.
fn timed(text: &str) -> (&str, Option<f64>) {
    let Some((before, time)) = text.trim_end().rsplit_once("# time=") else { return (text, None) };
    let seconds = match (time.strip_suffix("ms"), time.strip_suffix('s')) {
        (Some(milliseconds), _) => super::report::seconds(milliseconds).map(|time| time / 1_000.0),
        (None, Some(seconds)) => super::report::seconds(seconds),
        (None, None) => None,
    };
    if seconds.is_some() { (before.trim_end(), seconds) } else { (text, None) }
}

/// Splits off `# SKIP ...` or `# TODO ...`; a `\#` belongs to the name.
fn directive(text: &str) -> (&str, Option<(&'static str, &str)>) {
    for (at, _) in text.match_indices('#') {
        if text[..at].ends_with('\\') || !(text[..at].is_empty() || text[..at].ends_with([' ', '\t'])) {
            continue;
        }
        let behind = text[at + 1..].trim_start();
        let own = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
        let ended = behind[own..].is_empty() || behind[own..].starts_with([' ', '\t', ':']);
        // `#todolist` and `# TODO-list` belong to the name; `skipped` is what some writers say.
        let word = match behind[..own].to_ascii_lowercase().as_str() {
            "todo" => "todo",
            "skip" | "skipped" => "skip",
            _ => continue,
        };
        if ended {
            return (&text[..at], Some((word, behind[own..].trim_start_matches([':', ' ', '-']).trim())));
        }
    }
    (text, None)
}

/// `1..4`, with what stands behind; and in the oldest form the numbers of tests that are still to be done, `1..4 todo 2 3`.
pub(super) fn plan(text: &str) -> Option<(u64, Vec<u64>)> {
    let (plan, _) = text.split_once('#').unwrap_or((text, ""));
    let mut words = plan.split_whitespace();
    let count = words.next()?.strip_prefix("1..")?.parse().ok()?;
    match words.next() {
        None => Some((count, Vec::new())),
        Some("todo") => {
            words.map(|word| word.trim_end_matches(';').parse().ok()).collect::<Option<_>>().map(|todo| (count, todo))
        }
        Some(_) => None,
    }
}
