// Inner products of the per-sample gradients without forming them:
// <g_i, g_j> = sum_l (delta_{l,i} . delta_{l,j}) (a_{l-1,i} . a_{l-1,j} + [bias_l]).
#include "factors.cuh"

template <int L>
__device__ inline REAL inner_product(const Factors& factors, int first, int second, REAL sum)
{
    REAL deltas = 0;
    for (int i = 0; i < width(L); i++)
    {
        deltas = fused(factors.at(delta_rows(L) + i, first), factors.at(delta_rows(L) + i, second), deltas);
    }

    REAL inputs = 0;
    for (int j = 0; j < width(L - 1); j++)
    {
        inputs = fused(factors.at(activation_rows(L - 1) + j, first), factors.at(activation_rows(L - 1) + j, second), inputs);
    }

    sum = fused(deltas, inputs + REAL(bias(L)), sum);
    if constexpr (L < LAYERS)
    {
        return inner_product<L + 1>(factors, first, second, sum);
    }
    else
    {
        return sum;
    }
}

// factors with deltas of the single losses; gram (R,N,N), divided by `divisor`. Blocks of 16 x 16 pairs: (tiles squared, R).
extern "C" __global__ void __launch_bounds__(256) gram(REAL* all_factors, REAL* products, int samples, int divisor)
{
    long long replica = blockIdx.y;
    Factors factors = factors_of(all_factors, samples, replica);
    int across = (samples + 15) / 16;
    int first = ((blockIdx.x / across) * 16) + (threadIdx.x / 16);
    int second = ((blockIdx.x % across) * 16) + (threadIdx.x % 16);
    if (first < samples && second < samples)
    {
        products[(((replica * samples) + first) * samples) + second] =
            inner_product<1>(factors, first, second, REAL(0)) / REAL(divisor);
    }
}

// norms (R,N) of the per-sample gradients.
extern "C" __global__ void __launch_bounds__(128) per_sample_gradient_norms(REAL* all_factors, REAL* norms, int samples)
{
    long long replica = blockIdx.y;
    Factors factors = factors_of(all_factors, samples, replica);
    for (int n = (blockIdx.x * 128) + threadIdx.x; n < samples; n += gridDim.x * 128)
    {
        norms[(replica * samples) + n] = root(inner_product<1>(factors, n, n, REAL(0)));
    }
}
