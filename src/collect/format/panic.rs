//! What a panic in captured output says: the message, and the file and line that it names.

/// The part of captured output that says why a Rust test failed, with the place of the panic.
pub(super) struct Panic<'t> {
    /// The panic's own lines; all output where nothing panicked.
    pub(super) message: &'t str,
    /// File and line.
    pub(super) place: Option<(&'t str, u64)>,
}

/// Looks for a panic in the output of one test.
pub(super) fn find(output: &str) -> Panic<'_> {
    let output = output.trim();
    let Some(start) = output.find("panicked at ") else { return Panic { message: output, place: None } };
    let line_start = output[..start].rfind('\n').map_or(0, |at| at + 1);
    let message = &output[line_start..];
    let end = ["\nstack backtrace:", "\nnote: "].iter().filter_map(|mark| message.find(mark)).min();
    let behind = &output[start + "panicked at ".len()..];
    let place = behind.lines().next().unwrap_or_default().trim_end_matches(':');
    // `file:line:column`, or before Rust 1.73 `'message', file:line:column`.
    let place = place.rsplit_once("', ").map_or(place, |(_, place)| place);
    let mut parts = place.rsplitn(3, ':');
    let _column: Option<u64> = parts.next().and_then(|column| column.parse().ok());
    let line = parts.next().and_then(|line| line.parse().ok());
    Panic { message: message[..end.unwrap_or(message.len())].trim(), place: parts.next().zip(line) }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn panics_have_a_message_and_a_place() {
        let output = "said\n\nthread 'a' (7) panicked at src/lib.rs:24:9:\nleft: 4\nstack backtrace:\n 0: x\n";
        let panic = find(output);
        assert_eq!(panic.message, "thread 'a' (7) panicked at src/lib.rs:24:9:\nleft: 4");
        assert_eq!(panic.place, Some(("src/lib.rs", 24)));
        assert_eq!(find("thread 'a' panicked at 'no: way', a/b.rs:3:1\nnote: run with").place, Some(("a/b.rs", 3)));
        assert_eq!((find(" Error: \"x\"\n").message, find("x panicked at ").place), ("Error: \"x\"", None));
    }
}
