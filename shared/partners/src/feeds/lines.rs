//! Counting lines, however they end.

/// The line that is being read, counted from 1: `\n`, `\r\n` and a lone `\r` each end one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines {
    line: u64,
    last: u8,
}

impl Default for Lines {
    fn default() -> Self {
        Self { line: 1, last: 0 }
    }
}

impl Lines {
    /// Counts what was read.
    pub fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' if self.last == b'\r' => {}
                b'\n' | b'\r' => self.line += 1,
                _ => {}
            }
            self.last = *byte;
        }
    }

    /// The line that the next byte belongs to.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// Whether what was read last ended a line.
    pub const fn at_start(&self) -> bool {
        matches!(self.last, b'\n' | b'\r')
    }
}

/// How many lines end within `bytes`.
pub(crate) fn ends_within(bytes: &[u8]) -> u64 {
    let mut lines = Lines::default();
    lines.pass(bytes);
    lines.line() - 1
}
