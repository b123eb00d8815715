//! The stamps that hosts of CI and containers put in front of each line of a log, so that what stands behind them is read.
//!
//! | who | in front of a line |
//! |---|---|
//! | GitHub, Azure Pipelines, `docker logs -t`, `kubectl logs --timestamps` | `2026-03-01T10:00:00.1234567Z ` |
//! | `gh run view --log` | the job and the step with a tab behind each, and the same |
//! | GitLab | `2026-03-01T10:00:00.123456Z 00O ` |
//! | Jenkins | `[2026-03-01T10:00:00.123Z] ` |
//!
//! A log has them where at least half of its first lines that say something do: a host may put words of its own above. A line without one stays as
//! it is, and one that two hosts stamped loses both.

use std::borrow::Cow;

/// How many of the first lines that say something are looked at.
const LOOKED_AT: usize = 40;

/// A log without the stamps of its host. Lines stay lines.
pub(super) fn without_stamps(text: Cow<'_, str>) -> Cow<'_, str> {
    let first = || text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT);
    let stamped = first().filter(|line| stamp(line) > 0).count();
    if stamped == 0 || stamped * 2 < first().count() {
        return text;
    }
    let mut bare = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let once = &line[stamp(line)..];
        bare.push_str(&once[stamp(once)..]);
    }
    Cow::Owned(bare)
}

/// How many bytes of a line are the stamp in front of it.
fn stamp(line: &str) -> usize {
    let bytes = line.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    if digit(0) {
        let instant = instant(bytes);
        if instant == 0 {
            return 0;
        }
        let rest = &bytes[instant..];
        // GitLab names the stream, and whether the line goes on with the one before it.
        let stream = match rest {
            [b' ', a, b, b'O' | b'E', behind @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => match behind {
                [b' ' | b'+', ..] => 5,
                [] | [b'\r' | b'\n', ..] => 4,
                _ => 0,
            },
            _ => 0,
        };
        return match (stream, rest.first()) {
            (0, Some(b' ')) => instant + 1,
            (0, None | Some(b'\r' | b'\n')) => instant,
            (0, Some(_)) => 0,
            (stream, _) => instant + stream,
        };
    }
    if let Some(inner) = line.strip_prefix('[') {
        let instant = instant(inner.as_bytes());
        return match &inner.as_bytes()[instant..] {
            [b']', b' ', ..] if instant > 0 => instant + 3,
            [b']'] | [b']', b'\r' | b'\n', ..] if instant > 0 => instant + 2,
            _ => 0,
        };
    }
    let mut parts = line.splitn(3, '\t');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(job), Some(step), Some(rest)) => {
            let mark = rest.len() - rest.trim_start_matches('\u{feff}').len();
            let own = if rest.as_bytes().get(mark).is_some_and(u8::is_ascii_digit) { stamp(&rest[mark..]) } else { 0 };
            if own > 0 { job.len() + step.len() + 2 + mark + own } else { 0 }
        }
        _ => 0,
    }
}

/// The length of `2026-03-01T10:00:00`, a fraction, and `Z` or an offset; 0 where no such thing begins.
fn instant(bytes: &[u8]) -> usize {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'd' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        _ => byte == form,
    };
    if bytes.len() < FORM.len() || !bytes.iter().zip(FORM).all(fits) {
        return 0;
    }
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = FORM.len();
    if matches!(bytes.get(at), Some(b'.' | b',')) && digits(at + 1) > 0 {
        at += 1 + digits(at + 1);
    }
    match &bytes[at..] {
        [b'Z', ..] => at + 1,
        [b'+' | b'-', a, b, b':', c, d, ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) => at + 6,
        [b'+' | b'-', a, b, c, d, ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) => at + 5,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(text: &str) -> String {
        without_stamps(Cow::Borrowed(text)).into_owned()
    }

    #[test]
    fn stamps_of_every_host_are_dropped_and_lines_stay_lines() {
        let stamps = [
            "2026-03-01T10:00:00.1234567Z ",
            "2026-03-01T10:00:00Z ",
            "2026-03-01T10:00:00.5+01:00 ",
            "2026-03-01 10:00:00,123Z ",
            "2026-03-01T10:00:00Z 2026-03-01T10:00:00.5Z ",
            "[2026-03-01T10:00:00.123+0000] ",
            "2026-03-01T10:00:00.123456Z 00O ",
            "2026-03-01T10:00:00.123456Z 0aE+",
            "[2026-03-01T10:00:00.123Z] ",
            "build (ubuntu)\tRun tests\t2026-03-01T10:00:00.1234567Z ",
            "build\tSet up\t\u{feff}2026-03-01T10:00:00.1234567Z ",
        ];
        let lines = ["=== RUN   A\n", "\n", "  --- FAIL: A (0.00s)\r\n", "FAIL\tp\t0.1s\n", "exit\n", "FAIL"];
        for stamp in stamps {
            let stamped: String = lines.iter().map(|line| format!("{stamp}{line}")).collect();
            assert_eq!(bare(&stamped), lines.concat(), "{stamp}");
        }
        assert_eq!(bare("[2026-03-01T10:00:00Z]\n[2026-03-01T10:00:00Z] a\n[2026-03-01T10:00:00Z]"), "\na\n");
        assert_eq!(bare("2026-03-01T10:00:00Z\n2026-03-01T10:00:00Z a"), "\na", "an empty line has no blank");
    }

    #[test]
    fn a_log_is_stamped_where_half_of_its_first_lines_are() {
        let stamp = "2026-03-01T10:00:00Z ";
        let later = format!("Log of job 12\n{stamp}a\n{stamp}b\n\n{stamp}c\nFAIL\n{stamp}d\n");
        assert_eq!(bare(&later), "Log of job 12\na\nb\n\nc\nFAIL\nd\n");
        let few = format!("a\nb\nc\n{stamp}d\n");
        assert_eq!(bare(&few), few);
        let mut alone = 0;
        for text in [
            "",
            "\n\n",
            "2026-03-01T10:00:00.123 INFO a\n",
            "2026-03-01 10:00:00 a\n",
            "2026-03-01T10:00:00Zulu\n",
            "[2026-03-01T10:00:00Z a\n",
            "a\tb\tc\n",
            "a\tb\t10 c\n",
            "2026-03-01T10:00:00. a\n",
            "[]\n",
            "2026\n",
        ] {
            assert_eq!(bare(text), text);
            alone += 1;
        }
        assert_eq!(alone, 11);
    }
}
