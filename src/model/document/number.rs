//! Numbers as documents state them, compared exactly.

use std::cmp::Ordering;
use std::fmt;

/// A number as the document states it. Integers within 64 bits are exact; readers refuse what would lose digits.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// An integer, signed or unsigned, within 64 bits.
    Int(i128),
    /// A number with a fraction or an exponent; always finite.
    Float(f64),
}

impl Number {
    /// The number as an integer, also when it was written `5.0`.
    pub fn as_integer(self) -> Option<i128> {
        match self {
            Number::Int(int) => Some(int),
            // Beyond 2^53 a float no longer names one integer.
            Number::Float(float) if float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0 => Some(float as i128),
            Number::Float(_) => None,
        }
    }

    /// The nearest float.
    pub fn as_float(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    /// Exact across integers and floats: 2^53 + 1 is not equal to the float 2^53.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(b),
            (Number::Int(a), Number::Float(b)) => compare(*a, *b),
            (Number::Float(a), Number::Int(b)) => compare(*b, *a).map(Ordering::reverse),
        }
    }
}

fn compare(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.abs() >= 1e30 {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = float.trunc();
    Some(int.cmp(&(whole as i128)).then_with(|| 0.0_f64.total_cmp(&(float - whole + 0.0))))
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(int) => write!(f, "{int}"),
            Number::Float(float) if float.fract() == 0.0 && float.abs() < 1e15 => write!(f, "{float:.1}"),
            Number::Float(float) => write!(f, "{float}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly() {
        let int = |n| Number::Int(n);
        assert_eq!(int(5), Number::Float(5.0));
        assert!(int(9_007_199_254_740_993) > Number::Float(9_007_199_254_740_992.0));
        assert!(int(5) < Number::Float(5.5) && int(-5) > Number::Float(-5.5) && Number::Float(0.1) < int(1));
        assert!(int(0) < Number::Float(1e300) && int(0) > Number::Float(-1e300));
        assert_eq!(Number::Float(-0.0), int(0));
        assert_eq!(int(7).to_string() + " " + &Number::Float(7.0).to_string(), "7 7.0");
    }
}
