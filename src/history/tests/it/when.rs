//! Times on the command line.

use chrono::DateTime;
use gatekeeper_history::part::instant;

#[test]
fn times_are_read() {
    let now = DateTime::parse_from_rfc3339("2026-03-31T12:00:00Z").expect("an instant").to_utc();
    let told = |text: &str| instant(text, now).map(|instant| instant.to_rfc3339()).unwrap_or_default();
    assert_eq!(told("30d"), "2026-03-01T12:00:00+00:00");
    assert_eq!(told("12h"), "2026-03-31T00:00:00+00:00");
    assert_eq!(told("2026-02-01"), "2026-02-01T00:00:00+00:00");
    assert_eq!(told("2026-02-01T10:00:00+01:00"), "2026-02-01T09:00:00+00:00");
    for wrong in ["", "d", "30", "-3d", "2026-02-30", "yesterday"] {
        assert!(instant(wrong, now).is_err(), "{wrong}");
    }
}
