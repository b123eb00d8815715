//! `-o html`: an answer as a page of its own, in the style of the dashboard, that loads nothing and runs nothing.
//!
//! In: a heading, a sentence, and tables of texts. Out: the page. Texts of a store come from evidence, and so from anybody: each is written
//! as text, without characters that deceive, and never as markup.

use crate::page::PAGE;
use gatekeeper::report::sanitise;

/// Longest cell, in characters.
const CELL_MOST: usize = 300;

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// What it shows; nothing where the page has one table.
    pub heading: String,
    /// Names of its columns, and whether each holds numbers.
    pub columns: Vec<(String, bool)>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// The page.
pub fn page(title: &str, about: &str, sheets: &[Sheet]) -> String {
    let style = PAGE.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).map_or("", |(style, _)| style);
    let (title, about) = (sanitise::xml(title), sanitise::xml(about));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{title}</title>\n\
         <style>{style}</style>\n</head>\n<body>\n<header><h1>{title}</h1><p>{about}</p></header>\n<main>\n"
    );
    sheets.iter().for_each(|sheet| table(sheet, &mut out));
    out + "</main>\n<footer>Made by gatekeeper-history. Nothing on this page is loaded from anywhere.</footer>\n</body>\n</html>\n"
}

fn table(sheet: &Sheet, out: &mut String) {
    if !sheet.heading.is_empty() {
        out.push_str(&format!("<h2>{}</h2>\n", sanitise::xml(&sheet.heading)));
    }
    let class = |at: usize| if sheet.columns.get(at).is_some_and(|(_, number)| *number) { " class=\"n\"" } else { "" };
    let names = sheet.columns.iter().enumerate();
    let names = names.map(|(at, (name, _))| format!("<th scope=\"col\"{}>{}</th>", class(at), sanitise::xml(name)));
    out.push_str(&format!("<div class=\"wide\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n", names.collect::<String>()));
    for row in &sheet.rows {
        let cell = |(at, text): (usize, &String)| {
            format!("<td{}>{}</td>", class(at), sanitise::xml(&sanitise::excerpt(text, CELL_MOST)))
        };
        out.push_str(&format!("<tr>{}</tr>\n", row.iter().enumerate().map(cell).collect::<String>()));
    }
    let count = sheet.rows.len();
    let noun = if count == 1 { "row" } else { "rows" };
    out.push_str(&format!("</tbody></table></div>\n<p>{count} {noun}</p>\n"));
}
