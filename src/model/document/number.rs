//! Numbers as documents state them, compared exactly.

use std::cmp::Ordering;
use std::fmt;

/// A number as the document states it. Integers within 64 bits are exact; readers refuse larger ones. Whatever is written with a fraction
/// or an exponent is the nearest double; readers refuse what has none but infinity or zero.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// An integer, signed or unsigned, within 64 bits.
    Int(i128),
    /// A number with a fraction or an exponent; always finite.
    Float(f64),
}

impl Number {
    /// Reads a decimal number, for every format: a sign, digits, perhaps a fraction, perhaps an exponent. `None` for anything else.
    ///
    /// # Errors
    /// A phrase: the number has no exact integer or no double near it.
    pub fn parse(text: &str) -> Option<Result<Self, &'static str>> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(unsigned);
        if whole > 0 && whole == unsigned.len() {
            let int = text.parse::<i128>().ok().filter(|int| i64::try_from(*int).is_ok() || u64::try_from(*int).is_ok());
            return Some(int.map(Number::Int).ok_or("an integer beyond 64 bits"));
        }
        let (mut rest, mut fraction) = (&unsigned[whole..], 0);
        if let Some(tail) = rest.strip_prefix('.') {
            fraction = digits(tail);
            rest = &tail[fraction..];
        }
        let significand = unsigned.len() - rest.len();
        if let Some(tail) = rest.strip_prefix(['e', 'E']) {
            let tail = tail.strip_prefix(['+', '-']).unwrap_or(tail);
            let exponent = digits(tail);
            rest = if exponent > 0 { &tail[exponent..] } else { rest };
        }
        if !rest.is_empty() || whole + fraction == 0 {
            return None;
        }
        let float = text.parse::<f64>().ok()?;
        let zero = unsigned[..significand].bytes().all(|byte| matches!(byte, b'0' | b'.'));
        Some(match float {
            _ if !float.is_finite() => Err("a number beyond what a double can hold"),
            0.0 if !zero => Err("a number so near to 0 that a double cannot hold it"),
            _ => Ok(Number::Float(float)),
        })
    }

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

/// A number is equal to itself: readers refuse what is none.
impl Eq for Number {}

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
    fn decimals_are_read_or_refused_by_name() {
        let float = Number::Float;
        let sound = [
            ("0", Number::Int(0)),
            ("-0", Number::Int(0)),
            ("+7", Number::Int(7)),
            ("18446744073709551615", Number::Int(u64::MAX.into())),
            ("-9223372036854775808", Number::Int(i64::MIN.into())),
            ("-0.0", float(0.0)),
            ("0e+1", float(0.0)),
            ("0.000e-999", float(0.0)),
            ("20e1", float(200.0)),
            ("1E22", float(1e22)),
            ("123e45", float(123e45)),
            ("5e22", float(5e22)),
            ("1.5e300", float(1.5e300)),
            ("-1.7976931348623157e308", float(f64::MIN)),
            ("1e-320", float(1e-320)),
            ("9223372036854775808.0", float(9_223_372_036_854_775_808.0)),
            (".5", float(0.5)),
            ("1.", float(1.0)),
        ];
        for (text, number) in sound {
            assert_eq!(Number::parse(text), Some(Ok(number)), "{text}");
        }
        let refused = [
            ("18446744073709551616", "an integer beyond 64 bits"),
            ("-9223372036854775809", "an integer beyond 64 bits"),
            ("340282366920938463463374607431768211456", "an integer beyond 64 bits"),
            ("1e400", "a number beyond what a double can hold"),
            ("-1.8e308", "a number beyond what a double can hold"),
            ("1e99999999999999999999", "a number beyond what a double can hold"),
            ("1e-400", "a number so near to 0 that a double cannot hold it"),
            ("-0.0001e-330", "a number so near to 0 that a double cannot hold it"),
            ("123e-10000000", "a number so near to 0 that a double cannot hold it"),
        ];
        for (text, because) in refused {
            assert_eq!(Number::parse(text), Some(Err(because)), "{text}");
        }
        let others =
            ["", "-", "+", ".", "e1", "1e", "1e+", "0x10", "1_000", "1 ", "--1", "1.2.3", "inf", "nan", "\u{ff11}"];
        assert!(others.iter().all(|text| Number::parse(text).is_none()));
        assert_eq!((sound.len(), refused.len(), others.len()), (18, 9, 15));
    }

    #[test]
    fn numbers_compare_exactly() {
        let int = |n| Number::Int(n);
        assert_eq!(int(5), Number::Float(5.0));
        assert!(int(9_007_199_254_740_993) > Number::Float(9_007_199_254_740_992.0));
        assert!(int(5) < Number::Float(5.5) && int(-5) > Number::Float(-5.5) && Number::Float(0.1) < int(1));
        assert!(int(0) < Number::Float(1e300) && int(0) > Number::Float(-1e300));
        assert_eq!(Number::Float(-0.0), int(0));
        assert!(int(i128::from(u64::MAX)) < Number::Float(1e22) && Number::Float(1e22) < Number::Float(123e45));
        assert_eq!(int(7).to_string() + " " + &Number::Float(7.0).to_string(), "7 7.0");
    }
}
