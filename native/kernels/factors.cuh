#include "block.cuh"
// What forward and backward pass leave of every sample of a replica, in device memory: rows of N numbers, one behind the other.
// a_l (l = 0 .. L-1), delta_l (l = 1 .. L), then for the hidden layers phi'(z_l), phi''(z_l) and W_{l+1}^T delta_{l+1}, then what
// the second derivative of the loss is made of: the probabilities (cross-entropy), p and 1 - p (logistic), nothing else.

__device__ constexpr int units(int from, int to)
{
    int sum = 0;
    for (int l = from; l <= to; l++)
    {
        sum += width(l);
    }

    return sum;
}

__device__ constexpr int activation_rows(int l) { return units(0, l - 1); }

__device__ constexpr int delta_rows(int l) { return units(0, LAYERS - 1) + units(1, l - 1); }

__device__ constexpr int slope_rows(int l) { return units(0, LAYERS - 1) + units(1, LAYERS) + units(1, l - 1); }

__device__ constexpr int bend_rows(int l) { return slope_rows(l) + units(1, LAYERS - 1); }

__device__ constexpr int back_rows(int l) { return bend_rows(l) + units(1, LAYERS - 1); }

constexpr int PROBABILITY_ROWS = slope_rows(1) + (3 * units(1, LAYERS - 1));
constexpr int FACTOR_ROWS = PROBABILITY_ROWS + (LOSS == CROSS_ENTROPY ? OUTPUTS : LOSS == LOGISTIC ? 2 : 0);

// The factors of one replica.
struct Factors
{
    REAL* begin;
    int samples;

    // One number of row `row` for sample n.
    __device__ REAL& at(int row, int n) const { return begin[(static_cast<long long>(row) * samples) + n]; }

    // [a_{l-1}; 1][j]
    template <int L>
    __device__ REAL input(int j, int n) const
    {
        return j < width(L - 1) ? at(activation_rows(L - 1) + j, n) : REAL(1);
    }

    // S_L = (d2l/dz2) / N
    __device__ REAL output_curvature(int a, int b, int n) const
    {
        REAL divisor = REAL(samples);
#if LOSS == CROSS_ENTROPY
        REAL p = at(PROBABILITY_ROWS + a, n);
        if (a != b)
        {
            return (REAL(0) - (p * at(PROBABILITY_ROWS + b, n))) / divisor;
        }

        // p (1 - p) with 1 - p as the sum of the others: no digits are lost for a sure sample.
        REAL others = 0;
        for (int c = 0; c < OUTPUTS; c++)
        {
            others = c == a ? others : others + at(PROBABILITY_ROWS + c, n);
        }

        return (p * others) / divisor;
#elif LOSS == LOGISTIC
        return (at(PROBABILITY_ROWS, n) * at(PROBABILITY_ROWS + 1, n)) / divisor;
#elif LOSS == MSE
        return a == b ? (REAL(2) / REAL(OUTPUTS)) / divisor : REAL(0);
#else
        return a == b ? REAL(1) / divisor : REAL(0);
#endif
    }
};

__device__ inline Factors factors_of(REAL* factors, int samples, long long replica)
{
    return {factors + (replica * FACTOR_ROWS * samples), samples};
}

// delta_L in the place of z, whose numbers lie `stride` apart as the target's do, and the rows of delta_L and of the probabilities.
__device__ inline void keep_output(REAL* z, const REAL* target, int stride, const Factors& factors, int n, REAL divisor)
{
#if LOSS == CROSS_ENTROPY
    int label = static_cast<int>(target[0]);
    REAL total, others, gap;
    softmax(z, stride, label, total, others, gap);
    for (int c = 0; c < OUTPUTS; c++)
    {
        REAL p = z[c * stride] / total;
        factors.at(PROBABILITY_ROWS + c, n) = p;
        z[c * stride] = (c == label ? REAL(0) - (others / total) : p) / divisor;
    }
#else
#if LOSS == LOGISTIC
    REAL e = exponential(z[0] > REAL(0) ? REAL(0) - z[0] : z[0]);
    REAL total = REAL(1) + e;
    bool negative = REAL(0) > z[0];
    factors.at(PROBABILITY_ROWS, n) = negative ? e / total : REAL(1) / total;
    factors.at(PROBABILITY_ROWS + 1, n) = negative ? REAL(1) / total : e / total;
#endif
    output_delta(z, target, stride, divisor);
#endif
    for (int c = 0; c < OUTPUTS; c++)
    {
        factors.at(delta_rows(LAYERS) + c, n) = z[c * stride];
    }
}

// Which weight a place of the flat order is: calls visit.template at<l>(i, j), j = d_{l-1} for the bias.
template <int L, class Visit>
__device__ inline void weight_at(int flat, Visit& visit)
{
    if (L == LAYERS || flat < weight_offset(L + 1))
    {
        int at = flat - weight_offset(L);
        if (at < width(L) * width(L - 1))
        {
            visit.template at<L>(at / width(L - 1), at % width(L - 1));
        }
        else
        {
            visit.template at<L>(at - (width(L) * width(L - 1)), width(L - 1));
        }

        return;
    }

    if constexpr (L < LAYERS)
    {
        weight_at<L + 1>(flat, visit);
    }
}
