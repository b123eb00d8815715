//! What `failsafe-summary.xml` of Maven Failsafe says of a run. It names no tests, so it is no format: a summary in which all is well is passed over, because
//! the reports beside it tell more, and any other one is an error, whatever they say.

use super::suites::Suites;
use super::xml_record::{Element, Reader, Want, read};
use crate::model::{Gap, TestReport, Where};

/// The root of a summary.
pub(super) const ROOT: &str = "failsafe-summary";

/// The failures of a run; nothing if there are none.
///
/// # Errors
/// As the walk over the XML.
pub(super) fn report(bytes: &[u8], at: &Where) -> Result<Option<TestReport>, Gap> {
    let mut summary = Summary::default();
    let walked = read(bytes, at, "a sound summary of Maven Failsafe", &[ROOT], &mut summary);
    if summary.trouble.is_empty() {
        return walked.map(|()| None);
    }
    let mut suites = Suites::default();
    suites.enter("the summary of Maven Failsafe", 1);
    let walked = walked.and_then(|()| {
        let fault = |phrase| super::malformed(at, None, "a sound summary of Maven Failsafe", phrase);
        suites.error(&summary.trouble.join(", "), 1).map_err(fault)
    });
    suites.finish(walked, false, at).map(Some)
}

#[derive(Default)]
struct Summary {
    trouble: Vec<String>,
}

impl Reader for Summary {
    fn want(&self, _: &str, within: &[Box<str>]) -> Want {
        if within.is_empty() { Want::Ends } else { Want::Whole }
    }

    fn enter(&mut self, root: &Element, _: &[Box<str>]) -> Result<(), String> {
        // 254 is the code for a run without a test.
        let result = root.get("result").filter(|result| !matches!(*result, "null" | "0" | "254"));
        self.trouble.extend(result.map(|result| format!("result {result}")));
        self.trouble.extend(root.get("timeout").filter(|word| *word != "false").map(|word| format!("timeout {word}")));
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        let said = element.said();
        let bad = match &*element.name {
            "errors" | "failures" => !matches!(said, "" | "0"),
            "failureMessage" => !said.is_empty(),
            _ => false,
        };
        if bad {
            self.trouble.push(format!("{}: {}", element.name, said.chars().take(200).collect::<String>()));
        }
        Ok(())
    }

    fn leave(&mut self, _: &str, _: &[Box<str>]) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(attributes: &str, errors: &str, failures: &str) -> String {
        let text = format!(
            "<failsafe-summary {attributes}><completed>3</completed><errors>{errors}</errors><failures>{failures}</failures><skipped>0</skipped><failureMessage/></failsafe-summary>"
        );
        match report(text.as_bytes(), &Where::file("a")) {
            Ok(Some(report)) => report.suites[0].errors[0].message.to_string(),
            Ok(None) => "nothing".to_owned(),
            Err(gap) => gap.kind.word().to_owned(),
        }
    }

    #[test]
    fn only_trouble_is_read() {
        assert_eq!(told("timeout='false'", "0", "0"), "nothing");
        assert_eq!(told("result='null' timeout='false'", "0", "0"), "nothing");
        assert_eq!(told("result='255' timeout='false'", "0", "1"), "result 255, failures: 1");
        assert_eq!(told("timeout='true'", "0", "0"), "timeout true");
        assert_eq!(told("", "x", "0"), "errors: x");
        assert_eq!(told("<", "", ""), "malformed");
    }
}
