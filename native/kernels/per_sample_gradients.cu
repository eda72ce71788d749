// Gradients of the single losses from the factors: g_n = delta_l [a_{l-1}; 1]^T in every layer; their parts along vectors, and the mean of
// their squares.
#include "factors.cuh"

struct SampleGradient
{
    const Factors& factors;
    int n;
    REAL value;

    template <int L>
    __device__ void at(int i, int j)
    {
        value = factors.at(delta_rows(L) + i, n) * factors.input<L>(j, n);
    }
};

// factors with deltas of the single losses; gradients (R,N,P). Blocks: (pieces of N P, R).
extern "C" __global__ void __launch_bounds__(128) per_sample_gradients(REAL* all_factors, REAL* gradients, int samples)
{
    long long replica = blockIdx.y;
    Factors factors = factors_of(all_factors, samples, replica);
    long long length = static_cast<long long>(samples) * PARAMETERS;
    for (long long e = (blockIdx.x * 128ll) + threadIdx.x; e < length; e += gridDim.x * 128ll)
    {
        SampleGradient gradient = {factors, static_cast<int>(e / PARAMETERS), REAL(0)};
        weight_at<1>(static_cast<int>(e % PARAMETERS), gradient);
        gradients[(replica * length) + e] = gradient.value;
    }
}

// sum_i delta_l[i] (V_l [a_{l-1}; 1])[i] of sample n, added to `sum` for l = L, L + 1, ...
template <int L>
__device__ inline REAL along_layers(const Factors& factors, const REAL* vector, int n, REAL sum)
{
    for (int i = 0; i < width(L); i++)
    {
        REAL along = 0;
        for (int j = 0; j < width(L - 1); j++)
        {
            along = fused(vector[place(L, i, j)], factors.at(activation_rows(L - 1) + j, n), along);
        }

        if constexpr (bias(L) == 1)
        {
            along = along + vector[place(L, i, width(L - 1))];
        }

        sum = fused(factors.at(delta_rows(L) + i, n), along, sum);
    }

    if constexpr (L < LAYERS)
    {
        sum = along_layers<L + 1>(factors, vector, n, sum);
    }

    return sum;
}

// <g_n, v>, (R,N,V), for vectors (V,P) or (R,V,P) with a stride of 0 or V P between replicas. Neighbouring threads have neighbouring samples
// of one vector. Blocks: (pieces of N V, R).
extern "C" __global__ void __launch_bounds__(128) per_sample_gradient_projections(
    REAL* all_factors,
    const REAL* vectors,
    REAL* projections,
    int samples,
    int vectors_each,
    long long vector_stride)
{
    long long replica = blockIdx.y;
    Factors factors = factors_of(all_factors, samples, replica);
    long long length = static_cast<long long>(samples) * vectors_each;
    for (long long e = (blockIdx.x * 128ll) + threadIdx.x; e < length; e += gridDim.x * 128ll)
    {
        int n = static_cast<int>(e % samples);
        long long v = e / samples;
        const REAL* vector = vectors + (replica * vector_stride) + (v * PARAMETERS);
        projections[(replica * length) + (n * static_cast<long long>(vectors_each)) + v] = along_layers<1>(factors, vector, n, REAL(0));
    }
}

struct SquaredEntries
{
    const Factors& factors;
    REAL sum;

    template <int L>
    __device__ void at(int i, int j)
    {
        for (int n = 0; n < factors.samples; n++)
        {
            REAL g = factors.at(delta_rows(L) + i, n) * factors.input<L>(j, n);
            sum = fused(g, g, sum);
        }
    }
};

// Diagonal of M, (R,P): means over the samples of g_n[i]^2.
extern "C" __global__ void __launch_bounds__(128) second_moment_diagonal(REAL* all_factors, REAL* diagonal, int samples)
{
    long long replica = blockIdx.y;
    Factors factors = factors_of(all_factors, samples, replica);
    for (int i = (blockIdx.x * 128) + threadIdx.x; i < PARAMETERS; i += gridDim.x * 128)
    {
        SquaredEntries entries = {factors, REAL(0)};
        weight_at<1>(i, entries);
        diagonal[(replica * PARAMETERS) + i] = entries.sum / REAL(samples);
    }
}
