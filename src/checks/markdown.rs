//! Markdown as far as checks read it: which lines are fenced code, what stands in code spans.
//!
//! In: text. Out: lines and spans with their lines, from 1. Links, lists and nesting mean nothing here.

use std::collections::BTreeMap;

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its text without the line break.
    pub(super) text: &'t str,
    /// Whether it is in a fenced block or one of its fences.
    pub(super) fenced: bool,
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut open: Option<&str> = None;
    let read = (1..).zip(text.lines()).map(|(number, text)| {
        let fence = fence(text);
        let fenced = open.is_some() || fence.is_some();
        match (open, fence) {
            (None, Some(fence)) => open = Some(fence),
            // What closes a block is at least as long as what opened it, and nothing stands behind it.
            (Some(opened), Some(fence)) if fence.starts_with(opened) && text.trim() == fence => open = None,
            (None | Some(_), _) => {}
        }
        Line { number, text, fenced }
    });
    read.collect()
}

/// The run of backticks or tildes that opens or closes a block.
fn fence(line: &str) -> Option<&str> {
    let text = line.trim_start();
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let run = &text[..text.len() - text.trim_start_matches(mark).len()];
    let info = &text[run.len()..];
    (run.len() >= 3 && (mark == '~' || !info.contains('`'))).then_some(run)
}

/// What stands in a code span, and the bytes of the whole span in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code<'t> {
    /// The content, without the spaces around it.
    pub(super) text: &'t str,
    /// Where the opening backticks begin.
    pub(super) start: usize,
    /// Where the closing backticks end.
    pub(super) end: usize,
}

/// The code spans of a text. Backticks without their like behind them are text.
pub(super) fn codes(text: &str) -> Vec<Code<'_>> {
    // The runs of each length from the last to the first, so that the next one of a length is found without looking again.
    let mut runs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let length = run(&text[at + found..]);
        runs.entry(length).or_default().push(at + found);
        at += found + length;
    }
    runs.values_mut().for_each(|starts| starts.reverse());
    let (mut codes, mut at) = (Vec::new(), 0);
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let length = run(&text[start..]);
        at = start + length;
        let same = runs.get_mut(&length).expect("each run was counted");
        while same.pop_if(|own| *own <= start).is_some() {}
        if let Some(close) = same.pop() {
            codes.push(Code { text: text[at..close].trim(), start, end: close + length });
            at = close + length;
        }
    }
    codes
}

fn run(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'`').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_open_and_close() {
        let text = "a\n```sh\nb\n~~~\n``` x\n```\nc\n~~~~\n~~~\n~~~~~\nd\n```inline``` e\n";
        let fenced: Vec<u64> = lines(text).iter().filter(|line| line.fenced).map(|line| line.number).collect();
        assert_eq!(fenced, [2, 3, 4, 5, 6, 8, 9, 10]);
        assert!(lines("```\na").iter().all(|line| line.fenced));
    }

    #[test]
    fn spans_are_found() {
        let spans = |text: &'static str| codes(text).iter().map(|code| code.text).collect::<Vec<_>>();
        assert_eq!(spans("`a`, `` b`c `` and `d"), ["a", "b`c"]);
        assert_eq!(spans("``a` b`` c `d`"), ["a` b", "d"]);
        assert_eq!(spans("`a\nb` ``"), ["a\nb"]);
        let text = "x `ä` y";
        let code = codes(text)[0];
        assert_eq!((&text[..code.start], &text[code.end..]), ("x ", " y"));
    }
}
