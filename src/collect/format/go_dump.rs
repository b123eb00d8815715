//! What Go prints when a test binary dies: a panic or a timeout, and the stacks of its goroutines.
//!
//! The phase of a stuck test is, in this order: the last attribute `phase` that it set (`t.Attr`, from Go 1.25 on); the last line
//! that it, or a test above it, logged and that names one (`go_phase` knows which do); the function of its own package in which its
//! goroutine stood. The last is a place in the code rather than a phase, and says so.

use crate::model::{Halt, SourceLine};

/// Most bytes of one dump that are read; the goroutine that died comes first.
const DUMP_MOST: usize = 1 << 18;

/// A panic, from its first line on.
pub(super) struct Dump {
    pub(super) line: u64,
    /// Its first line.
    pub(super) first: String,
    /// Behind `panic: ` or `fatal error: `.
    pub(super) message: String,
    /// The test that printed it, as far as that is known.
    pub(super) test: Option<String>,
    /// The tests that were under way and not waiting when it began.
    pub(super) under_way: Vec<String>,
    lines: String,
}

impl Dump {
    /// A dump that begins with this line, if one does.
    pub(super) fn begin(text: &str, line: u64) -> Option<Self> {
        let message = text.strip_prefix("panic: ").or_else(|| text.strip_prefix("fatal error: "))?;
        let message = message.trim_end().to_owned();
        Some(Self {
            line,
            first: text.trim_end().to_owned(),
            message,
            test: None,
            under_way: Vec::new(),
            lines: String::new(),
        })
    }

    /// The next line of it.
    pub(super) fn add(&mut self, text: &str) {
        if self.lines.len() < DUMP_MOST {
            self.lines.push_str(text.trim_end());
            self.lines.push('\n');
        }
    }

    /// Whether a process died: it showed its goroutines. Text that a test printed itself does not.
    pub(super) fn is_death(&self) -> bool {
        self.halt() == Halt::TimedOut || self.lines.lines().any(|line| line.starts_with("goroutine "))
    }

    pub(super) fn halt(&self) -> Halt {
        if self.message.starts_with("test timed out after ") { Halt::TimedOut } else { Halt::Panicked }
    }

    /// The tests that Go itself names as running, from Go 1.20 on: `TestA/inner (1s)`.
    pub(super) fn running(&self) -> Vec<String> {
        let behind = self.lines.lines().map(str::trim).skip_while(|line| *line != "running tests:").skip(1);
        behind
            .map_while(|line| line.rsplit_once(" (").filter(|(_, time)| time.ends_with(')')))
            .map(|(test, _)| test.to_owned())
            .collect()
    }

    /// Where a test of this package stood: the function, and the line in its source. Without a test, where the process died.
    pub(super) fn stood(&self, package: &str, test: Option<&str>) -> Option<(String, SourceLine)> {
        let own = [format!("{package}."), format!("{package}_test.")];
        let top = test.map(|test| test.split('/').next().unwrap_or(test));
        let lines: Vec<&str> = self.lines.lines().collect();
        lines.split(|line| line.starts_with("goroutine ")).skip(1).find_map(|stack| {
            // A test that waits for its own subtest is not the one that is stuck.
            if test.is_some() && stack.first().is_some_and(|frame| frame.starts_with("testing.(*T).Run(")) {
                return None;
            }
            let mut frames = stack.windows(2).filter_map(|pair| {
                let function = own.iter().find_map(|own| pair[0].strip_prefix(own.as_str()))?;
                Some((function.rsplit_once('(').map_or(function, |(name, _)| name), line_of(pair[1])?))
            });
            let (function, place) = frames.next()?;
            let is_own = |name: &str| {
                top.is_none_or(|top| name == top || name.strip_prefix(top).is_some_and(|rest| rest.starts_with('.')))
            };
            (is_own(function) || frames.any(|(name, _)| is_own(name))).then(|| (function.to_owned(), place))
        })
    }
}

/// A frame's place, such as `/builds/slow_test.go:21 +0x1e` behind a tab, without the directory.
fn line_of(text: &str) -> Option<SourceLine> {
    let (path, rest) = text.trim_start().split_once(".go:")?;
    let line = rest.split(' ').next()?.parse().ok()?;
    Some(SourceLine { file: format!("{}.go", path.rsplit('/').next().unwrap_or(path)).into(), line })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(text: &str) -> Dump {
        let mut lines = text.lines();
        let mut dump = Dump::begin(lines.next().unwrap_or_default(), 1).expect("a panic");
        lines.for_each(|line| dump.add(line));
        dump
    }

    const STUCK: &str = "panic: test timed out after 2s\n\trunning tests:\n\t\tTestA/inner (2s)\n\ngoroutine 9 [running]:\ntesting.(*M).startAlarm.func1()\n\t/go/testing.go:1 +0x1\n\ngoroutine 7 [chan receive]:\ntesting.(*T).Run(0xc0)\n\t/go/testing.go:2 +0x1\np/q.TestA(0xc0)\n\t/builds/a_test.go:3 +0x1\n\ngoroutine 8 [sleep]:\ntime.Sleep(0x1)\n\t/go/time.go:4 +0x1\np/q.wait(...)\n\t/builds/wait.go:5\np/q.TestA.func1(0xc0)\n\t/builds/a_test.go:6 +0x1\n";

    #[test]
    fn stacks_tell_where_a_test_stood() {
        let dump = dump(STUCK);
        assert_eq!((dump.halt(), dump.is_death()), (Halt::TimedOut, true));
        assert_eq!(dump.running(), ["TestA/inner"]);
        let stood = |test| dump.stood("p/q", test).map(|(name, place)| format!("{name} {}:{}", place.file, place.line));
        assert_eq!(stood(Some("TestA/inner")).as_deref(), Some("wait wait.go:5"));
        assert_eq!(stood(Some("TestB")), None);
        assert_eq!(stood(None).as_deref(), Some("TestA a_test.go:3"));
        assert_eq!(dump.stood("other", Some("TestA")), None);
    }

    #[test]
    fn a_line_that_a_test_printed_is_no_death() {
        assert!(Dump::begin("  panic: no", 1).is_none());
        let said = dump("panic: said a test\nand went on");
        assert_eq!((said.halt(), said.is_death(), said.running().len()), (Halt::Panicked, false, 0));
    }
}
