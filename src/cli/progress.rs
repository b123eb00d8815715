//! A line on a terminal while something takes longer than a second, and nothing where nobody looks: not with `-q`, not in a pipe or a file.
//!
//! In: a word for what is done. Out: one line on standard error that is written anew, and is gone before anything else is said.

use super::{Console, Volume};
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long nothing is said.
const AFTER: Duration = Duration::from_secs(1);
/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(500);

/// The line, as long as this lives.
pub struct Progress(Option<(Arc<Signal>, JoinHandle<()>)>);

/// Whether it is over.
#[derive(Default)]
struct Signal {
    over: Mutex<bool>,
    told: Condvar,
}

impl Progress {
    /// Begins to wait, where somebody looks.
    pub fn of(what: String, console: &Console<'_>) -> Self {
        match console.live && console.volume > Volume::Quiet {
            true => Self::on(Box::new(std::io::stderr()), what, (AFTER, EVERY)),
            false => Self(None),
        }
    }

    fn on(mut to: Box<dyn Write + Send>, what: String, (after, every): (Duration, Duration)) -> Self {
        let signal = Arc::new(Signal::default());
        let own = Arc::clone(&signal);
        let begun = Instant::now();
        let thread = std::thread::spawn(move || {
            let (mut pause, mut shown) = (after, false);
            while !own.over_within(pause) {
                // A terminal that is gone is no reason to stop.
                let _ = write!(to, "\r{what}, {} s\x1b[K", begun.elapsed().as_secs());
                let _ = to.flush();
                (pause, shown) = (every, true);
            }
            if shown {
                let _ = write!(to, "\r\x1b[K");
                let _ = to.flush();
            }
        });
        Self(Some((signal, thread)))
    }
}

impl Signal {
    fn over_within(&self, time: Duration) -> bool {
        let over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        let (over, _) = self.told.wait_timeout_while(over, time, |over| !*over).unwrap_or_else(PoisonError::into_inner);
        *over
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((signal, thread)) = self.0.take() {
            *signal.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
            signal.told.notify_all();
            // It ends by itself; what it did not write is missed by nobody.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Terminal(Arc<Mutex<Vec<u8>>>);

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("nobody panics").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn told(work: Duration) -> String {
        let terminal = Terminal::default();
        let (after, every) = (Duration::from_millis(100), Duration::from_millis(20));
        let progress = Progress::on(Box::new(terminal.clone()), "judging".to_owned(), (after, every));
        std::thread::sleep(work);
        drop(progress);
        let bytes = terminal.0.lock().expect("nobody panics").clone();
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn long_work_is_told_on_one_line_that_goes_and_short_work_is_not() {
        assert_eq!(told(Duration::ZERO), "");
        let long = told(Duration::from_millis(400));
        assert!(long.starts_with("\rjudging, 0 s\x1b[K") && long.ends_with("\r\x1b[K"), "{long:?}");
        assert!(!long.contains('\n'), "{long:?}");
    }

    #[test]
    fn nobody_is_told_where_nobody_looks() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        for (live, volume) in [(false, Volume::Usual), (true, Volume::Quiet)] {
            let console = Console { volume, live, ..Console::apart(&mut out, &mut err) };
            assert!(Progress::of("judging".to_owned(), &console).0.is_none());
        }
    }
}
