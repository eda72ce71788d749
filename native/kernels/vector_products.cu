// H v and G v by Pearlmutter's R-operator (docs/numerics.md, section 3), for many vectors and replicas at once: a first kernel takes
// the derivatives of both passes along each vector, a second sums over the samples.
#include "factors.cuh"
#include "product.cuh"

// Rows of N numbers for each replica and vector: R a_l and R z_l of the hidden layers, R delta_l of all.
constexpr int CHANGE_ROWS = (2 * units(1, LAYERS - 1)) + units(1, LAYERS);

__device__ constexpr int activation_change_rows(int l) { return units(1, l - 1); }

__device__ constexpr int sum_change_rows(int l) { return units(1, LAYERS - 1) + units(1, l - 1); }

__device__ constexpr int delta_change_rows(int l) { return (2 * units(1, LAYERS - 1)) + units(1, l - 1); }

// A block works on 32 samples, a warp's lanes, with its warps sharing the units.
constexpr int LANES = 32;
constexpr int PARTS = 4;

struct Changes
{
    REAL* begin;
    int samples;

    __device__ REAL& at(int row, int n) const { return begin[(static_cast<long long>(row) * samples) + n]; }
};

// R z_l = W_l R a_{l-1} + V_l a_{l-1} + c_l; R a_l = phi' R z_l
template <int L>
__device__ inline void change_forward(
    const Factors& factors,
    const Changes& changes,
    const REAL* weights,
    const REAL* vector,
    int n,
    int part)
{
    if (n < factors.samples)
    {
        for (int i = part; i < width(L); i += PARTS)
        {
            const REAL* w = weights + weight_offset(L) + (i * width(L - 1));
            const REAL* v = vector + weight_offset(L) + (i * width(L - 1));
            REAL sum = 0;
            for (int j = 0; j < width(L - 1); j++)
            {
                if constexpr (L > 1)
                {
                    sum = fused(w[j], changes.at(activation_change_rows(L - 1) + j, n), sum);
                }

                sum = fused(v[j], factors.at(activation_rows(L - 1) + j, n), sum);
            }

            if constexpr (bias(L) == 1)
            {
                sum = sum + vector[bias_offset(L) + i];
            }

            if constexpr (L == LAYERS)
            {
                changes.at(delta_change_rows(L) + i, n) = sum;
            }
            else
            {
                changes.at(sum_change_rows(L) + i, n) = sum;
                changes.at(activation_change_rows(L) + i, n) = factors.at(slope_rows(L) + i, n) * sum;
            }
        }
    }

    __syncthreads();
    if constexpr (L < LAYERS)
    {
        change_forward<L + 1>(factors, changes, weights, vector, n, part);
    }
}

// R delta_L = (d2l/dz2) R z_L / N in its place.
__device__ inline void change_output(const Factors& factors, const Changes& changes, int n)
{
    REAL divisor = REAL(factors.samples);
    REAL mean = 0;
#if LOSS == CROSS_ENTROPY
    for (int c = 0; c < OUTPUTS; c++)
    {
        mean = fused(factors.at(PROBABILITY_ROWS + c, n), changes.at(delta_change_rows(LAYERS) + c, n), mean);
    }
#endif
    for (int c = 0; c < OUTPUTS; c++)
    {
        REAL& change = changes.at(delta_change_rows(LAYERS) + c, n);
#if LOSS == CROSS_ENTROPY
        change = (factors.at(PROBABILITY_ROWS + c, n) * (change - mean)) / divisor;
#elif LOSS == LOGISTIC
        change = ((factors.at(PROBABILITY_ROWS, n) * factors.at(PROBABILITY_ROWS + 1, n)) * change) / divisor;
#elif LOSS == MSE
        change = ((REAL(2) / REAL(OUTPUTS)) * change) / divisor;
#else
        change = change / divisor;
#endif
    }
}

// R delta_l = phi' (W^T R delta_{l+1} + V^T delta_{l+1}) + phi'' R z_l (W^T delta_{l+1}); without V and phi'' for G.
template <int L>
__device__ inline void change_backward(
    const Factors& factors,
    const Changes& changes,
    const REAL* weights,
    const REAL* vector,
    int n,
    int part,
    bool exact)
{
    if constexpr (L >= 1)
    {
        for (int j = part; j < width(L) && n < factors.samples; j += PARTS)
        {
            REAL sum = 0;
            for (int i = 0; i < width(L + 1); i++)
            {
                int at = weight_offset(L + 1) + (i * width(L)) + j;
                sum = fused(weights[at], changes.at(delta_change_rows(L + 1) + i, n), sum);
                if (exact)
                {
                    sum = fused(vector[at], factors.at(delta_rows(L + 1) + i, n), sum);
                }
            }

            REAL change = factors.at(slope_rows(L) + j, n) * sum;
            if (exact)
            {
                REAL bent = factors.at(bend_rows(L) + j, n) * changes.at(sum_change_rows(L) + j, n);
                change = fused(bent, factors.at(back_rows(L) + j, n), change);
            }

            changes.at(delta_change_rows(L) + j, n) = change;
        }

        __syncthreads();
        change_backward<L - 1>(factors, changes, weights, vector, n, part, exact);
    }
}

// parameters (R,P); factors of the mean; vectors (V,P) or (R,V,P) with a stride of 0 or V P between replicas; changes (R,V,CHANGE_ROWS,N).
// Blocks: (pieces of 32 samples, R V).
extern "C" __global__ void __launch_bounds__(LANES * PARTS) directional_derivatives(
    const REAL* parameters,
    REAL* all_factors,
    const REAL* vectors,
    REAL* all_changes,
    int samples,
    int vectors_each,
    int vector_stride,
    int exact)
{
    long long replica = blockIdx.y / vectors_each;
    long long number = blockIdx.y % vectors_each;
    const REAL* weights = parameters + (replica * PARAMETERS);
    const REAL* vector = vectors + (replica * vector_stride) + (number * PARAMETERS);
    Factors factors = factors_of(all_factors, samples, replica);
    Changes changes = {all_changes + (static_cast<long long>(blockIdx.y) * CHANGE_ROWS * samples), samples};
    int n = (blockIdx.x * LANES) + (threadIdx.x % LANES);
    int part = threadIdx.x / LANES;
    change_forward<1>(factors, changes, weights, vector, n, part);
    if (part == 0 && n < samples)
    {
        change_output(factors, changes, n);
    }

    __syncthreads();
    change_backward<LAYERS - 1>(factors, changes, weights, vector, n, part, exact != 0);
}

// (H v)_l = sum_n R delta_l [a_{l-1}; 1]^T + delta_l (R a_{l-1})^T, the second sum not for G.
template <int L>
__device__ inline void vector_product_tile(
    int tile,
    const Factors& factors,
    const Changes& changes,
    REAL* product,
    bool exact)
{
    constexpr int INPUTS = width(L - 1) + bias(L);
    constexpr int ACROSS = tiles_of(INPUTS, PRODUCT_COLUMNS);
    constexpr int TILES = tiles_of(width(L), PRODUCT_ROWS) * ACROSS;
    if (tile < TILES)
    {
        int row0 = (tile / ACROSS) * PRODUCT_ROWS;
        int column0 = (tile % ACROSS) * PRODUCT_COLUMNS;
        ProductTile sums;
        sums.add(
            row0,
            width(L),
            column0,
            INPUTS,
            factors.samples,
            [&](int i, int n) { return changes.at(delta_change_rows(L) + i, n); },
            [&](int j, int n) { return factors.input<L>(j, n); });
        if constexpr (L > 1)
        {
            if (exact)
            {
                sums.add(
                    row0,
                    width(L),
                    column0,
                    width(L - 1),
                    factors.samples,
                    [&](int i, int n) { return factors.at(delta_rows(L) + i, n); },
                    [&](int j, int n) { return changes.at(activation_change_rows(L - 1) + j, n); });
            }
        }

        sums.give(
            row0,
            width(L),
            column0,
            INPUTS,
            [&](int i, int j, REAL sum) { product[place(L, i, j)] = sum; });
        return;
    }

    if constexpr (L < LAYERS)
    {
        vector_product_tile<L + 1>(tile - TILES, factors, changes, product, exact);
    }
}

// products (R,V,P). Blocks: (tiles of all layers, R V).
extern "C" __global__ void __launch_bounds__(PRODUCT_THREADS) vector_products(
    REAL* all_factors,
    REAL* all_changes,
    REAL* products,
    int samples,
    int vectors_each,
    int exact)
{
    Factors factors = factors_of(all_factors, samples, blockIdx.y / vectors_each);
    Changes changes = {all_changes + (static_cast<long long>(blockIdx.y) * CHANGE_ROWS * samples), samples};
    vector_product_tile<1>(
        blockIdx.x,
        factors,
        changes,
        products + (static_cast<long long>(blockIdx.y) * PARAMETERS),
        exact != 0);
}
