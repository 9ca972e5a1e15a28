//! Log lines go into one bounded buffer; a thread writes it out.
//!
//! Why not `tracing-appender`: it allocates for every line, writes every line with a system call, and
//! bounds the number of lines instead of the memory. Here a line is one copy under a lock, and one
//! write takes everything that has come together meanwhile. When the reader of the log is too slow, new
//! lines are dropped and counted, and the count is logged as soon as there is room.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

/// Bytes that may wait to be written; about 3,000 lines.
const BUFFER_BYTES_MAX: usize = 1 << 20;
/// Bytes that are written without waiting for more.
const BUFFER_BYTES_ENOUGH: usize = BUFFER_BYTES_MAX / 4;
/// How long the thread lets lines come together before it writes. Under load this makes one wake-up and
/// one system call out of many; what a `kill -9` can lose is the lines of this time.
const GATHER: Duration = Duration::from_millis(5);
/// How long the end of the process waits for a reader that does not read.
const FLUSH_MAX: Duration = Duration::from_secs(1);

/// Where formatted lines go. Cheap to clone, never blocks on the output.
#[derive(Debug, Clone, Default)]
pub struct Sink(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    filled: Condvar,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    lines_dropped: u64,
    closed: bool,
    ended: bool,
}

impl Sink {
    /// Takes a whole line, or drops and counts it when the buffer is full.
    pub fn push(&self, line: &[u8]) {
        let mut waiting = self.0.lock();
        if waiting.bytes.len() + line.len() > BUFFER_BYTES_MAX {
            waiting.lines_dropped += 1;
            return;
        }
        let before = waiting.bytes.len();
        waiting.bytes.extend_from_slice(line);
        let after = waiting.bytes.len();
        drop(waiting);
        // The thread sleeps until there is something, then until there is enough or its time is over.
        if before == 0 || (before < BUFFER_BYTES_ENOUGH && after >= BUFFER_BYTES_ENOUGH) {
            self.0.filled.notify_one();
        }
    }
}

impl Shared {
    /// The lock guards plain bytes, which no panic leaves half changed.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text layer writes a whole line with one call.
impl Write for &Sink {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// The thread that writes; dropping it writes the rest.
#[derive(Debug)]
pub struct SinkThread {
    sink: Sink,
    thread: Option<JoinHandle<()>>,
}

impl SinkThread {
    /// Starts writing to `output`; `lost_lines` makes the line that tells of dropped ones.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(output: impl Write + Send + 'static, lost_lines: fn(u64) -> String) -> io::Result<Self> {
        let sink = Sink::default();
        let shared = Arc::clone(&sink.0);
        let run = move || write_all(&shared, output, lost_lines);
        let thread = thread::Builder::new().name("log".to_owned()).spawn(run)?;
        Ok(Self { sink, thread: Some(thread) })
    }

    /// Where to put lines.
    pub fn sink(&self) -> Sink {
        self.sink.clone()
    }
}

impl Drop for SinkThread {
    fn drop(&mut self) {
        let shared = &self.sink.0;
        let mut waiting = shared.lock();
        waiting.closed = true;
        shared.filled.notify_one();
        let result = shared.ended.wait_timeout_while(waiting, FLUSH_MAX, |waiting| !waiting.ended);
        let ended = result.unwrap_or_else(PoisonError::into_inner).0.ended;
        if let Some(thread) = self.thread.take().filter(|_| ended) {
            // It has nothing left to do, and a panic in it was printed when it happened.
            let _ = thread.join();
        }
    }
}

fn write_all(shared: &Shared, mut output: impl Write, lost_lines: fn(u64) -> String) {
    let mut batch = Vec::new();
    loop {
        let waiting = shared.lock();
        let result = shared.filled.wait_while(waiting, |waiting| waiting.bytes.is_empty() && !waiting.closed);
        let waiting = result.unwrap_or_else(PoisonError::into_inner);
        let gathering = |waiting: &mut Waiting| !waiting.closed && waiting.bytes.len() < BUFFER_BYTES_ENOUGH;
        let result = shared.filled.wait_timeout_while(waiting, GATHER, gathering);
        let mut waiting = result.unwrap_or_else(PoisonError::into_inner).0;

        std::mem::swap(&mut batch, &mut waiting.bytes);
        let lines_dropped = std::mem::take(&mut waiting.lines_dropped);
        let closed = waiting.closed;
        drop(waiting);

        // An output that is gone cannot be told so; requests go on without their log.
        let _ = output.write_all(&batch);
        if lines_dropped > 0 {
            let _ = output.write_all(lost_lines(lines_dropped).as_bytes());
        }
        let _ = output.flush();
        batch.clear();
        if closed {
            shared.lock().ended = true;
            shared.ended.notify_all();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    /// An output that takes one write for each permit.
    struct Gate {
        permits: Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Without a sender the gate is open for good.
            let _ = self.permits.recv();
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn gated() -> (SinkThread, SyncSender<()>, Arc<Mutex<Vec<u8>>>) {
        let (permit, permits) = sync_channel(0);
        let written = Arc::new(Mutex::new(Vec::new()));
        let output = Gate { permits, written: Arc::clone(&written) };
        let thread = SinkThread::start(output, |lines| format!("{lines} lost\n")).unwrap();
        (thread, permit, written)
    }

    #[test]
    fn the_end_writes_what_was_pushed_in_order() {
        let (thread, permit, written) = gated();
        drop(permit);
        for number in 0..1000 {
            thread.sink().push(format!("{number}\n").as_bytes());
        }
        drop(thread);
        let expected: String = (0..1000).map(|number| format!("{number}\n")).collect();
        assert_eq!(String::from_utf8(written.lock().unwrap().clone()).unwrap(), expected);
    }

    #[test]
    fn a_reader_that_does_not_read_costs_lines_not_time() {
        let (thread, permit, written) = gated();
        let sink = thread.sink();
        let line = [b'x'; 1 << 16];
        let lines = 3 * BUFFER_BYTES_MAX / line.len();
        for _ in 0..lines {
            sink.push(&line);
        }
        drop(permit);
        drop(thread);
        let written = written.lock().unwrap();
        let kept = written.iter().filter(|byte| **byte == b'x').count() / line.len();
        assert!(kept < lines && kept >= BUFFER_BYTES_MAX / line.len(), "{kept}");
        assert!(written.ends_with(format!("{} lost\n", lines - kept).as_bytes()));
    }

    #[test]
    fn the_end_does_not_wait_for_ever() {
        let (thread, permit, written) = gated();
        thread.sink().push(b"never read\n");
        drop(thread);
        assert!(written.lock().unwrap().is_empty());
        drop(permit);
    }
}
