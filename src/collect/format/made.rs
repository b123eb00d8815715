//! When a report was made. One that was put together from several is as old as the oldest of them, and of no known age where a part of it that
//! ran does not say while others do.

use super::pipeline_words::parsed;
use crate::model::{Remark, Spot, TestReport};
use chrono::{DateTime, Duration, NaiveDateTime, Utc};

/// What was said so far.
#[derive(Default)]
pub(super) struct Made {
    oldest: Option<(DateTime<Utc>, Box<str>)>,
    /// The first that is of no known form.
    unread: Option<Box<str>>,
    undated: Option<Remark>,
}

impl Made {
    /// A part states its time.
    pub(super) fn at(&mut self, stated: &str) {
        let Some(earliest) = earliest(stated) else {
            self.unread.get_or_insert_with(|| stated.into());
            return;
        };
        if self.oldest.as_ref().is_none_or(|(oldest, _)| earliest < *oldest) {
            self.oldest = Some((earliest, stated.into()));
        }
    }

    /// A part that ran states none.
    pub(super) fn unsaid(&mut self, part: &str, at: Spot) {
        self.undated.get_or_insert_with(|| {
            let named = if part.is_empty() { "a part of the report".to_owned() } else { format!("`{part}`") };
            let place = match &at {
                Spot::Line(line) => format!(" (line {line})"),
                Spot::Value(_) => String::new(),
            };
            Remark::new(&format!("{named}{place} states no time, and other parts do"), at)
        });
    }

    /// Tells the report.
    pub(super) fn tell(self, report: &mut TestReport) {
        // What is of no known form is refused by whoever asks how old the report is.
        let stated = self.unread.or(self.oldest.map(|(_, stated)| stated));
        report.undated = self.undated.filter(|_| stated.is_some());
        report.timestamp = stated.filter(|_| report.undated.is_none());
    }
}

/// The earliest point in time that may be meant: what states no zone may be of the first in which a day begins.
fn earliest(stated: &str) -> Option<DateTime<Utc>> {
    let local = || {
        let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
        forms.iter().find_map(|form| NaiveDateTime::parse_from_str(stated, form).ok())
    };
    parsed(stated).or_else(|| local()?.and_utc().checked_sub_signed(Duration::hours(14)))
}
