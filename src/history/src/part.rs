//! What of a store a command looks at: project, branch, time; and with how much memory.

use crate::engine::Scope;
use crate::fault::{Fault, Told};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use clap::Args;

/// What of a store is looked at, and with how much memory.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// This project only.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// This branch only.
    #[arg(long, value_name = "NAME")]
    pub(crate) branch: Option<String>,
    /// What was judged since then only: `30d`, `12h`, a day or an instant.
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// What was judged before then only.
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// Most memory, in megabytes; what does not fit goes to temporary files.
    #[arg(long, value_name = "MB", default_value_t = 1024)]
    pub(crate) memory: usize,
}

impl Part {
    /// What is looked at.
    ///
    /// # Errors
    /// A time is none.
    pub(crate) fn scope(&self) -> Told<Scope> {
        let now = Utc::now();
        Ok(Scope {
            project: self.project.clone(),
            branch: self.branch.clone(),
            since: self.since.as_deref().map(|text| instant(text, now)).transpose()?,
            until: self.until.as_deref().map(|text| instant(text, now)).transpose()?,
        })
    }
}

/// `30d`, `12h`, `2026-03-01`, or an instant.
///
/// # Errors
/// It is none of these.
pub fn instant(text: &str, now: DateTime<Utc>) -> Told<DateTime<Utc>> {
    let ago = |unit: char| text.strip_suffix(unit).and_then(|number| number.parse::<u32>().ok());
    let found = if let Some(days) = ago('d') {
        now.checked_sub_days(Days::new(days.into()))
    } else if let Some(hours) = ago('h') {
        now.checked_sub_signed(TimeDelta::hours(hours.into()))
    } else if let Ok(day) = text.parse::<NaiveDate>() {
        day.and_hms_opt(0, 0, 0).map(|midnight| midnight.and_utc())
    } else {
        DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc())
    };
    found.ok_or_else(|| {
        Fault::Usage(format!("`{text}` is no time: write `30d`, `12h`, `2026-03-01` or `2026-03-01T12:00:00Z`"))
    })
}
