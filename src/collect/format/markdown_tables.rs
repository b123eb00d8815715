//! The tables of a Markdown text, as values: what a tool counts in tables only has no other witness.
//!
//! In: the text and the line of its file on which it begins. Out: for each table its heading, line and rows. A line is a row where it begins with `|`,
//! and rows are a table where the second one is its rule of dashes.

use crate::model::{Map, Number, Value};

/// The tables of a text that begins on this line of its file.
pub(super) fn tables(text: &str, first: usize) -> Vec<Value> {
    let (mut tables, mut section, mut fence) = (Vec::new(), "", None);
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while let Some(line) = lines.get(at).map(|line| line.trim()) {
        match (fence, mark(line)) {
            (None, Some(opens)) => fence = Some(opens),
            (Some(open), Some(closes)) if closes.starts_with(open) && closes == line => fence = None,
            (Some(_), _) => {}
            (None, None) if line.starts_with('#') => section = line.trim_start_matches('#').trim(),
            (None, None) if line.starts_with('|') && lines.get(at + 1).is_some_and(|next| is_rule(next)) => {
                let columns = columns(&cells(line, usize::MAX));
                let rows: Vec<&str> =
                    lines[at + 2..].iter().map(|row| row.trim()).take_while(|row| row.starts_with('|')).collect();
                tables.push(table(section, first + at, &columns, &rows));
                at += 1 + rows.len();
            }
            (None, None) => {}
        }
        at += 1;
    }
    tables
}

/// The run of ticks or tildes that opens or closes fenced code.
fn mark(line: &str) -> Option<&str> {
    let sign = line.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
    let run = &line[..line.len() - line.trim_start_matches(sign).len()];
    (run.len() >= 3 && (sign == '~' || !line[run.len()..].contains('`'))).then_some(run)
}

/// Whether a line is the rule between header and rows.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('|') && line.contains('-') && line.chars().all(|sign| matches!(sign, '|' | '-' | ':' | ' ' | '\t'))
}

fn table(section: &str, line: usize, columns: &[String], rows: &[&str]) -> Value {
    let row = |text: &&str| {
        let cells = cells(text, columns.len());
        let entries = columns.iter().zip(cells).map(|(column, cell)| (column.as_str().into(), Value::from(cell.as_str())));
        Value::Map(Map::from_entries(entries.collect()).expect("columns are there once"))
    };
    let entries = vec![
        ("section".into(), Value::from(section)),
        ("line".into(), Value::Number(Number::Int(line as i128))),
        ("rows".into(), Value::List(rows.iter().map(row).collect())),
    ];
    Value::Map(Map::from_entries(entries).expect("three different keys"))
}

/// The names of columns, each once.
fn columns(cells: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        let name = if cell.is_empty() || names.contains(cell) { format!("column {}", at + 1) } else { cell.clone() };
        names.push(if names.contains(&name) { format!("column {} of the table", at + 1) } else { name });
    }
    names
}

/// The cells of a row, at most so many: the last one has the rest.
fn cells(row: &str, most: usize) -> Vec<String> {
    let inner = row.strip_prefix('|').unwrap_or(row);
    let inner = inner.strip_suffix('|').filter(|_| !inner.ends_with("\\|")).unwrap_or(inner);
    let (mut cells, mut cell, mut escaped) = (Vec::new(), String::new(), false);
    for sign in inner.chars() {
        match sign {
            '|' if !escaped && cells.len() + 1 < most => cells.push(std::mem::take(&mut cell)),
            '|' if escaped => {
                cell.pop();
                cell.push('|');
            }
            sign => cell.push(sign),
        }
        escaped = sign == '\\' && !escaped;
    }
    cells.push(cell);
    cells.iter().map(|cell| plain(cell)).collect()
}

/// A cell without blanks around it and, where it is one code span, without its ticks.
fn plain(cell: &str) -> String {
    let cell = cell.trim();
    let span = cell.strip_prefix('`').and_then(|inner| inner.strip_suffix('`'));
    span.filter(|inner| !inner.contains('`') && !inner.is_empty()).unwrap_or(cell).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Document;

    fn shown(text: &str) -> String {
        Document::new(Value::List(tables(text, 10))).root().excerpt(600)
    }

    #[test]
    fn rows_are_read_under_their_heading() {
        let text = "# Suite\n\n## Reports Table\n\n| Test ID | Report Directory |\n|---|---:|\n| TS-A-001 | `8y-reports` |\n| TS-B-001 | a \\| b | c |\n| short |\n\ntext\n";
        let expected = r#"[{"line": 14, "rows": [{"Report Directory": "8y-reports", "Test ID": "TS-A-001"}, {"Report Directory": "a | b | c", "Test ID": "TS-B-001"}, {"Test ID": "short"}], "section": "Reports Table"}]"#;
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn what_is_no_table_is_left_alone() {
        let mut left = 0;
        for text in [
            "",
            "| a | b |\n",
            "| a |\ntext\n|---|\n",
            "```\n| a |\n|---|\n| 1 |\n```\n",
            "~~~\n| a |\n|---|\n",
            "a | b\n--|--\n",
        ] {
            assert_eq!(shown(text), "[]", "{text:?}");
            left += 1;
        }
        assert_eq!(left, 6);
        assert_eq!(shown("```\nx\n```\n| a |\n|-|\n"), r#"[{"line": 13, "rows": [], "section": ""}]"#);
    }

    #[test]
    fn columns_are_there_once() {
        let text = "| a | a |  |\n|---|---|---|\n| 1 | 2 | 3 |\n";
        assert_eq!(shown(text), r#"[{"line": 10, "rows": [{"a": "1", "column 2": "2", "column 3": "3"}], "section": ""}]"#);
    }
}
