//! The words of a budget: statistics, faults that are allowed, directions; and how shares are told.

use crate::definition::{Kind, Raw, Read, Refusal, choice};
use crate::model::{Better, FaultKind, Quantity, Unit};
use std::fmt;

/// What of the samples a threshold binds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Statistic {
    /// A quantile, in hundredths: 50 is the median.
    Quantile(f64),
    /// One number that is all there is.
    Value,
}

impl Statistic {
    /// The middle one.
    pub(super) const MEDIAN: Statistic = Statistic::Quantile(50.0);
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Statistic::Value => f.write_str("value"),
            Statistic::Quantile(at) if *at == 50.0 => f.write_str("median"),
            Statistic::Quantile(at) => write!(f, "p{at}"),
        }
    }
}

impl Read for Statistic {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("a statistic").map_err(|refusal| vec![refusal])?;
        match text {
            "median" => Ok(Statistic::MEDIAN),
            "value" => Ok(Statistic::Value),
            other => {
                let at = other.strip_prefix('p').and_then(|digits| digits.parse::<f64>().ok());
                let at = at.filter(|at| *at > 0.0 && *at < 100.0).map(Statistic::Quantile);
                at.ok_or_else(|| {
                    let message = format!("`{other}` is neither `median` nor a quantile like `p95` nor `value`");
                    vec![Refusal::new(message).help("the best or the worst of several is no statistic to rest a budget on")]
                })
            }
        }
    }

    fn kind() -> Kind {
        Kind::Pattern("^(median|value|p[0-9.]+)$", "`median`, a quantile like `p95`, or `value` for what is one number")
    }
}

/// A fault that a gate may allow. A failure is never one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed(pub(super) FaultKind);

impl Read for Allowed {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &Self::WORDS).map(Allowed)
    }

    fn kind() -> Kind {
        Kind::Choice(Self::WORDS.iter().map(|(word, _)| *word).collect())
    }
}

impl Allowed {
    const WORDS: [(&'static str, FaultKind); 3] = [
        (FaultKind::DebugLibrary.word(), FaultKind::DebugLibrary),
        (FaultKind::CpuScaling.word(), FaultKind::CpuScaling),
        (FaultKind::DirtyCommit.word(), FaultKind::DirtyCommit),
    ];
}

/// The direction that the author of the check calls good.
pub(super) struct Direction(pub(super) Better);

impl Read for Direction {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("lower", Better::Lower), ("higher", Better::Higher)]).map(Direction)
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["lower", "higher"])
    }
}

/// How often chance does this: "once in 20", or "once in more than 1000000".
pub(super) fn once_in(chance: f64) -> String {
    if chance < 1e-6 { "more than 1000000".to_owned() } else { format!("{:.0}", (1.0 / chance).floor()) }
}

pub(super) fn percent(share: f64) -> String {
    let hundredths = Quantity::parse("1 %").map(|one| one.unit.show(share * 100.0));
    hundredths.unwrap_or_else(|_| share.to_string())
}

/// A fraction in the unit of a share.
pub(super) fn in_unit_of(share: Quantity, fraction: f64) -> f64 {
    Unit::parse("ratio").and_then(|ratio| ratio.convert(fraction, share.unit)).unwrap_or(f64::INFINITY)
}
