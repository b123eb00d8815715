//! A change of one text as a unified diff. An edit touches one place, so one hunk is enough: what the two texts share at both ends is
//! cut off but for its context.

/// Lines of context on each side.
const CONTEXT: usize = 3;

/// The diff, each line through `shown`; empty if the texts are the same.
pub fn unified(path: &str, old: &str, new: &str, shown: impl Fn(&str) -> String) -> String {
    if old == new {
        return String::new();
    }
    let (before, after): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let shortest = before.len().min(after.len());
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let tail = before.iter().rev().zip(after.iter().rev()).take(shortest - head).take_while(|(a, b)| a == b).count();
    let start = head.saturating_sub(CONTEXT);
    let rest = tail.min(CONTEXT);
    let (gone, come) = (&before[head..before.len() - tail], &after[head..after.len() - tail]);
    let range = |lines: usize| {
        let length = lines - tail + rest - start;
        // A range without lines names the line before it.
        format!("{},{length}", if length == 0 { start } else { start + 1 })
    };
    let mut out = format!("--- a/{path}\n+++ b/{path}\n@@ -{} +{} @@\n", range(before.len()), range(after.len()));
    let mut put = |sign: char, lines: &[&str]| {
        for line in lines {
            out.push(sign);
            out.push_str(&shown(line.trim_end_matches(['\r', '\n'])));
            out.push_str(if line.ends_with('\n') { "\n" } else { "\n\\ No newline at end of file\n" });
        }
    };
    put(' ', &before[start..head]);
    put('-', gone);
    put('+', come);
    put(' ', &before[before.len() - tail..before.len() - tail + rest]);
    out
}

#[cfg(test)]
mod tests {
    use super::unified;

    fn diff(old: &str, new: &str) -> String {
        unified("f", old, new, str::to_owned)
    }

    #[test]
    fn a_hunk_has_three_lines_of_context() {
        assert_eq!(diff("a\n", "a\n"), "");
        let told = diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\nmore\n6\n7\n8\n9\n");
        assert_eq!(told, "--- a/f\n+++ b/f\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+more\n 6\n 7\n 8\n");
    }

    #[test]
    fn ends_of_files_are_exact() {
        assert_eq!(diff("", "a\n"), "--- a/f\n+++ b/f\n@@ -0,0 +1,1 @@\n+a\n");
        assert_eq!(diff("a", "a\nb\n"), "--- a/f\n+++ b/f\n@@ -1,1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n");
        assert_eq!(diff("a\na\n", "a\n"), "--- a/f\n+++ b/f\n@@ -1,2 +1,1 @@\n a\n-a\n");
    }
}
