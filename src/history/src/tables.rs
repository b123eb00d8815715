//! The tables of the store, and their columns.
//!
//! A column is what a row of `-o history` says under its name; the store adds the project and the branch, which the operator states. The
//! order is that of the files, and the first columns of a table's own are those by which its files are sorted.

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// The id of the shape, as every file states it.
pub use gatekeeper::report::history::HISTORY_SCHEMA as SCHEMA;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Yes or no.
    Flag,
    /// A whole number.
    Count,
    /// A number.
    Number,
    /// A point in time, microseconds, UTC.
    Instant,
    /// A day.
    Day,
}

impl Kind {
    /// Its type in Arrow, and so in Parquet.
    pub fn data_type(self) -> DataType {
        match self {
            Kind::Text => DataType::Utf8,
            Kind::Flag => DataType::Boolean,
            Kind::Count => DataType::Int64,
            Kind::Number => DataType::Float64,
            Kind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kind::Day => DataType::Date32,
        }
    }
}

/// A column: its name, what it holds, whether it may be empty.
type Column = (&'static str, Kind, bool);

/// One table.
#[derive(Debug)]
pub struct Table {
    /// Its name in SQL, and the directory of its files.
    pub name: &'static str,
    /// The columns by which each of its files is sorted.
    pub sorted: &'static [&'static str],
    own: &'static [Column],
}

/// What every table begins with.
const COMMON: &[Column] = &[
    ("project", Kind::Text, false),
    ("branch", Kind::Text, true),
    ("verdict", Kind::Text, false),
    ("judged_at", Kind::Instant, false),
    ("commit", Kind::Text, true),
    ("policy", Kind::Text, false),
    ("lane", Kind::Text, false),
];

/// Every table.
pub static TABLES: &[Table] = &[
    Table {
        name: "runs",
        sorted: &["judged_at"],
        own: &[
            ("schema", Kind::Text, false),
            ("tool", Kind::Text, false),
            ("mode", Kind::Text, false),
            ("status", Kind::Text, true),
            ("ruling", Kind::Text, false),
            ("reason", Kind::Text, false),
            ("policy_sha256", Kind::Text, false),
            ("run_path", Kind::Text, true),
            ("run_id", Kind::Text, true),
            ("run_commit", Kind::Text, true),
            ("gates", Kind::Count, false),
            ("passed", Kind::Count, false),
            ("failed", Kind::Count, false),
            ("warned", Kind::Count, false),
            ("skipped", Kind::Count, false),
            ("waived", Kind::Count, false),
            ("blocked", Kind::Count, false),
            ("quarantined", Kind::Count, true),
            ("weakened_by", Kind::Text, false),
        ],
    },
    Table {
        name: "gates",
        sorted: &["gate", "judged_at"],
        own: &[
            ("gate", Kind::Text, false),
            ("title", Kind::Text, false),
            ("owner", Kind::Text, false),
            ("bead", Kind::Text, false),
            ("status", Kind::Text, false),
            ("standing", Kind::Text, false),
            ("reason", Kind::Text, true),
            ("blocking", Kind::Flag, false),
            ("findings", Kind::Count, false),
            ("examined", Kind::Count, false),
            ("detail", Kind::Text, false),
        ],
    },
    Table {
        name: "findings",
        sorted: &["gate", "kind", "judged_at", "rank"],
        own: &[
            ("gate", Kind::Text, false),
            ("rank", Kind::Count, false),
            ("kind", Kind::Text, false),
            ("expected", Kind::Text, false),
            ("actual", Kind::Text, false),
            ("message", Kind::Text, true),
            ("path", Kind::Text, true),
            ("pointer", Kind::Text, true),
            ("line", Kind::Count, true),
        ],
    },
    Table {
        name: "measures",
        sorted: &["gate", "what", "judged_at"],
        own: &[
            ("gate", Kind::Text, false),
            ("what", Kind::Text, false),
            ("value", Kind::Number, false),
            ("unit", Kind::Text, false),
            ("at_most", Kind::Number, true),
            ("at_least", Kind::Number, true),
        ],
    },
    Table {
        name: "tests",
        sorted: &["test", "place", "judged_at"],
        own: &[
            ("place", Kind::Text, false),
            ("report", Kind::Text, false),
            ("report_sha256", Kind::Text, true),
            ("test", Kind::Text, false),
            ("file", Kind::Text, true),
            ("status", Kind::Text, false),
            ("attempts", Kind::Count, false),
            ("cached", Kind::Flag, false),
            ("seconds", Kind::Number, true),
            ("message", Kind::Text, true),
        ],
    },
    Table {
        name: "exceptions",
        sorted: &["class", "name", "judged_at"],
        own: &[
            ("class", Kind::Text, false),
            ("name", Kind::Text, false),
            ("validity", Kind::Text, false),
            ("used", Kind::Flag, true),
            ("unused", Kind::Flag, false),
            ("owner", Kind::Text, true),
            ("bead", Kind::Text, true),
            ("category", Kind::Text, true),
            ("reason", Kind::Text, true),
            ("first_day", Kind::Day, true),
            ("last_day", Kind::Day, true),
            ("renewals", Kind::Count, true),
            ("problems", Kind::Count, false),
        ],
    },
    Table {
        name: "evidence",
        sorted: &["path", "judged_at"],
        own: &[
            ("evidence", Kind::Text, false),
            ("path", Kind::Text, false),
            ("sha256", Kind::Text, true),
            ("size", Kind::Count, false),
            ("made_at", Kind::Instant, true),
            ("gap", Kind::Text, true),
            ("gates", Kind::Text, false),
        ],
    },
];

impl Table {
    /// The table of this name.
    pub fn named(name: &str) -> Option<&'static Table> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// Its columns, in the order of the files.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> {
        COMMON.iter().chain(self.own)
    }

    /// The schema of its files.
    pub fn schema(&self) -> SchemaRef {
        let fields = self.columns().map(|(name, kind, empty)| Field::new(*name, kind.data_type(), *empty));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}
