//! A linear classifier over hashed buckets, with weights of one byte: small, exact, the same everywhere.

/// Weights for `N` classes: for each a constant, a scale, and a small whole number for each bucket.
pub struct LinearModel<const N: usize> {
    pub constants: [f32; N],
    pub scales: [f32; N],
    /// By bucket, then by class. The buckets are a power of two; those of a sentence are taken modulo that.
    pub weights: Vec<i8>,
}

impl<const N: usize> Default for LinearModel<N> {
    /// A model that knows nothing.
    fn default() -> LinearModel<N> {
        LinearModel { constants: [0.0; N], scales: [0.0; N], weights: Vec::new() }
    }
}

impl<const N: usize> LinearModel<N> {
    /// As [`LinearModel::written`] wrote it; one that knows nothing where the length is another.
    pub fn read(bytes: &[u8]) -> LinearModel<N> {
        let Some((head, weights)) = bytes.split_at_checked(N * 8) else { return LinearModel::default() };
        if !(weights.len() / N).is_power_of_two() || !weights.len().is_multiple_of(N) {
            return LinearModel::default();
        }
        let mut floats = head.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap_or_default()));
        let mut table = || std::array::from_fn(|_| floats.next().unwrap_or_default());
        let (constants, scales) = (table(), table());
        LinearModel { constants, scales, weights: weights.iter().map(|byte| i8::from_le_bytes([*byte])).collect() }
    }

    pub fn written(&self) -> Vec<u8> {
        let floats = self.constants.iter().chain(&self.scales).flat_map(|float| float.to_le_bytes());
        floats.chain(self.weights.iter().flat_map(|weight| weight.to_le_bytes())).collect()
    }

    /// How likely each class is, where `buckets` are what a sentence shows.
    pub fn shares(&self, buckets: &[u32]) -> [f32; N] {
        let mask = (self.weights.len() / N).saturating_sub(1);
        let mut sums = [0_i32; N];
        for bucket in buckets {
            let from = (usize::try_from(*bucket).unwrap_or(0) & mask).saturating_mul(N);
            let own = self.weights.get(from..from.saturating_add(N)).unwrap_or_default();
            sums.iter_mut().zip(own).for_each(|(sum, weight)| *sum = sum.saturating_add(i32::from(*weight)));
        }
        let norm = norm(buckets.len());
        let mut out = [0.0; N];
        for (((out, sum), scale), constant) in out.iter_mut().zip(sums).zip(self.scales).zip(self.constants) {
            #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a sum of some thousand small numbers")]
            let sum = sum as f32;
            *out = logistic(sum.mul_add(scale * norm, constant));
        }
        out
    }
}

/// Makes long sentences and short ones alike.
pub fn norm(buckets: usize) -> f32 {
    1.0 / f32::from(u16::try_from(buckets.max(1)).unwrap_or(u16::MAX)).sqrt()
}

pub fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
