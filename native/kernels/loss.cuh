#include "elementary.cuh"
#include "network.cuh"
// Losses of one sample whose outputs z_c lie `stride` apart. Nothing is lost to cancellation (docs/numerics.md, section 1).

// Overwrites z with exp(z_c - max z); gives the sums of all classes and of all but the sample's own, and max z - z_y.
__device__ inline void softmax(REAL* z, int stride, int label, REAL& total, REAL& others, REAL& gap)
{
    REAL largest = z[0];
    for (int c = 1; c < OUTPUTS; c++)
    {
        largest = z[c * stride] > largest ? z[c * stride] : largest;
    }

    gap = largest - z[label * stride];
    others = 0;
    REAL own = 0;
    for (int c = 0; c < OUTPUTS; c++)
    {
        REAL e = exponential(z[c * stride] - largest);
        z[c * stride] = e;
        own = c == label ? e : own;
        others = others + (c == label ? REAL(0) : e);
    }

    total = own + others;
}

// delta_L = dl/dz / divisor in the place of z.
__device__ inline void output_delta(REAL* z, const REAL* target, int stride, REAL divisor)
{
#if LOSS == CROSS_ENTROPY
    int label = static_cast<int>(target[0]);
    REAL total, others, gap;
    softmax(z, stride, label, total, others, gap);
    for (int c = 0; c < OUTPUTS; c++)
    {
        REAL numerator = c == label ? REAL(0) - others : z[c * stride];
        z[c * stride] = (numerator / total) / divisor;
    }
#elif LOSS == LOGISTIC
    REAL e = exponential(z[0] > REAL(0) ? REAL(0) - z[0] : z[0]);
    REAL total = REAL(1) + e;
    REAL near = REAL(1) / total;
    REAL far = e / total;
    bool negative = REAL(0) > z[0];
    REAL probability = negative ? far : near;
    REAL complement = negative ? near : far;
    REAL y = target[0];
    z[0] = (((REAL(1) - y) * probability) - (y * complement)) / divisor;
#else
    for (int c = 0; c < OUTPUTS; c++)
    {
        REAL difference = z[c * stride] - target[c * stride];
        REAL slope = LOSS == MSE ? (difference + difference) / REAL(OUTPUTS) : difference;
        z[c * stride] = slope / divisor;
    }
#endif
}

// l(z, y); z is overwritten.
__device__ inline REAL sample_loss(REAL* z, const REAL* target, int stride)
{
#if LOSS == CROSS_ENTROPY
    REAL total, others, gap;
    softmax(z, stride, static_cast<int>(target[0]), total, others, gap);
    return gap == REAL(0) ? REAL(logarithm_of_one_plus(others)) : gap + REAL(logarithm(total));
#elif LOSS == LOGISTIC
    REAL y = target[0];
    REAL here = z[0];
    REAL e = exponential(here > REAL(0) ? REAL(0) - here : here);
    REAL positive = REAL(0) > here ? REAL(0) : here;
    REAL negative = here > REAL(0) ? REAL(0) : REAL(0) - here;
    REAL linear = ((REAL(1) - y) * positive) + (y * negative);
    return linear + REAL(logarithm_of_one_plus(e));
#else
    REAL squares = 0;
    for (int c = 0; c < OUTPUTS; c++)
    {
        REAL difference = z[c * stride] - target[c * stride];
        squares = fused(difference, difference, squares);
    }

    return squares / REAL(LOSS == MSE ? OUTPUTS : 2);
#endif
}

// The first largest of the numbers; logistic: whether the only one is above 0.
__device__ inline int answer(const REAL* z, int stride)
{
#if LOSS == LOGISTIC
    return z[0] > REAL(0) ? 1 : 0;
#else
    int best = 0;
    for (int c = 1; c < OUTPUTS; c++)
    {
        best = z[c * stride] > z[best * stride] ? c : best;
    }

    return best;
#endif
}

__device__ inline bool is_right(const REAL* z, const REAL* target, int stride)
{
#if LOSS == CROSS_ENTROPY
    return answer(z, stride) == static_cast<int>(target[0]);
#else
    return answer(z, stride) == answer(target, stride);
#endif
}
