//! The vocabulary: the nouns that the stages hand to each other.
//!
//! Plain data and the arithmetic that belongs to it. Nothing here reads files, parses TOML or JSON, asks the time or knows
//! how a verdict is written down.
//!
//! | word | type | meaning |
//! |---|---|---|
//! | evidence | [`Evidence`] | what one need of a gate found: artifacts, each admitted or a gap |
//! | artifact | [`Artifact`] | one file: located, size-capped, hashed, parsed once |
//! | gap | [`Gap`] | why evidence is not admitted |
//! | finding | [`Finding`] | what was expected, what was there, where, and what to do next |
//! | outcome | [`Outcome`] | what a check or gate says: pass, fail, error (a gap) or skip (allowed absence) |
//! | waiver, quarantine | [`Waiver`], [`Quarantine`] | a dated, owned exception for a gate, for one test id |
//! | ledger | [`Ledger`] | suite classification, waivers and quarantine, as one file states them |
//! | test report | [`TestReport`] | suites, cases and attempts of a test run, whatever tool wrote them down |
//! | measurement | [`Measurement`] | what one benchmark says of one metric, with its unit: samples, or what it states of them |
//! | coverage | [`CoverageReport`] | which lines and functions of which files tests ran |
//! | Rust source | [`RustSource`] | what one source file declares, imports and names, before anything is resolved |
//! | standing | [`Standing`] | what an outcome counts as after lane, waivers and mode |
//! | lane | [`Lane`] | which gates count and how |
//! | verdict | [`Verdict`] | all standings and what they rest on; the ruling is derived, never stored |

mod age;
mod as_tests;
mod attempts;
mod cases;
mod coverage;
mod digest;
mod document;
mod evidence;
mod exception;
mod exception_history;
mod exceptions;
mod finding;
mod id;
mod ledger;
mod location;
mod measure;
mod measurement;
mod outcome;
mod own_output;
mod policy;
mod reading;
mod recorded;
mod recorded_rules;
mod redaction;
mod regression;
mod release;
mod renewals;
mod rerun;
mod rust_source;
mod secret;
mod shell;
mod standing;
mod test_case;
mod test_identity;
mod test_ids;
mod test_report;
mod test_stop;
mod test_view;
mod twice;
mod unit;
mod unseen;
mod verdict;

pub use age::{
    Age, Instant, StampName, Timezone, next_business_day, parse_instant, parse_stamp, parse_stamp_in, show_instant,
    show_span,
};
pub use as_tests::{AsTest, TestWord, TestWords};
pub use attempts::Attempts;
pub use cases::{Cases, Plain, PlainCases};
pub use coverage::{CoverageMeasure, CoverageReport, CoverageTotals, CoveredFile, Disagreement, SourceCount};
pub use digest::{Digest, Hasher};
pub use document::{Builder, Built, Document, DuplicateKey, Map, Mark, Node, Number, Overflow, Shape, Value};
pub use evidence::{Artifact, Committed, Content, Evidence, Gap, GapKind, Records};
pub use exception::{Quarantine, QuarantineKind, Spans, Unsound, Validity, Waiver};
pub use exception_history::{Escape, ExceptionHistory, Fix, Past, Violation, exception_history};
pub use exceptions::{Exception, Exceptions, ExceptionsFile, ExceptionsPast};
pub use finding::{Finding, Findings, numbered, unlike};
pub use id::{EvidenceId, GateId, InvalidId, LaneId, PackId};
pub use ledger::{DEFINITION_MAX, Entry, FieldNames, Ledger, Problem, ProblemKind, Suites};
pub use location::{ArtifactPath, Base, Pointer, RelPath, UnsafePath, Where, escape_path, unescape_path};
pub use measure::{COUNT, Limit, Measure};
pub use measurement::{
    Better, Fault, FaultKind, Measurement, MeasurementReport, MeasurementTotals, Values, ascending, quantile,
};
pub use outcome::{Gaps, Judged, Note, Outcome};
pub use own_output::{OUTPUT_DIGEST, UNBOUND, bound, is_own_output};
pub use policy::{GateTerms, Lane, LaneRule, Limits, Mode, Parameter, Policy, RunBinding, Tighter};
pub use reading::ExceptionCounts;
pub use recorded::{Contradicted, Recorded, recorded};
pub use regression::{Change, Comparison};
pub use release::Decision;
pub use renewals::{Stood, Term, Version, may_be_one_test};
pub use rerun::{RUNNERS, reruns};
pub use rust_source::{RustFile, RustImport, RustItem, RustMacro, RustPath, RustScope, RustSource, spelled};
pub use secret::{
    Alphabet, SHAPES as SECRET_SHAPES, Secret, Shape as SecretShape, Shapes as SecretShapes, Sure, redact, secrets,
};
pub use shell::{RUNNER_COMMANDS, shell_path, shell_word};
pub use standing::{Reason, Standing, Status};
pub use test_case::{Attempt, AttemptStatus, CaseStatus, MESSAGE_MOST, SourceLine, TestCase};
pub use test_identity::{NAMES, named};
pub use test_ids::TestIds;
pub use test_report::{Contradiction, Remark, Repeated, Reruns, Spot, TestReport, TestSuite, TestTotals};
pub use test_stop::{Halt, Phase, PhaseSource, Stop};
pub use twice::Twice;
pub use unit::{Dimension, Quantity, Unit};
pub use unseen::{deceives, is_blank, shown_path};
pub use verdict::{
    CheckResult, EvidenceRow, ExceptionUse, GateResult, PolicyRef, Ruling, RunIdentity, Summary, Verdict, WaiverUse,
    Weakening,
};
