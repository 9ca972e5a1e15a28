//! Reading fields and skipping over data, wherever the chunks are cut.

/// Collects a field of up to `N` bytes from as many chunks as it takes.
pub(super) struct Gather<const N: usize> {
    bytes: [u8; N],
    filled: usize,
    wanted: usize,
}

impl<const N: usize> Gather<N> {
    /// A collector of `wanted` bytes, 1 to `N`.
    pub(super) const fn new(wanted: usize) -> Self {
        assert!(wanted > 0 && wanted <= N, "the field must fit");
        Self { bytes: [0; N], filled: 0, wanted }
    }

    /// Takes bytes off the chunk; the field when it is complete, `None` when the chunk ended first.
    pub(super) fn fill(&mut self, chunk: &mut &[u8]) -> Option<[u8; N]> {
        let taken = chunk.split_off(..chunk.len().min(self.wanted - self.filled))?;
        self.bytes[self.filled..][..taken.len()].copy_from_slice(taken);
        self.filled += taken.len();
        (self.filled == self.wanted).then_some(self.bytes)
    }
}

/// Takes up to `remaining` bytes off the chunk, counts them down and returns them.
pub(super) fn take<'a>(remaining: &mut u32, chunk: &mut &'a [u8]) -> &'a [u8] {
    let length = usize::try_from(*remaining).unwrap_or(usize::MAX).min(chunk.len());
    let taken = chunk.split_off(..length).unwrap_or_default();
    *remaining -= u32::try_from(length).expect("no more than remained");
    taken
}
