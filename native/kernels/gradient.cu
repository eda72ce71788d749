// Gradient of the mean loss from the factors: dW_l = sum_n delta_l [a_{l-1}; 1]^T.
#include "factors.cuh"
#include "product.cuh"

template <int L>
__device__ inline void gradient_tile(int tile, const Factors& factors, REAL* gradient)
{
    constexpr int INPUTS = width(L - 1) + bias(L);
    constexpr int ACROSS = tiles_of(INPUTS, PRODUCT_COLUMNS);
    constexpr int TILES = tiles_of(width(L), PRODUCT_ROWS) * ACROSS;
    if (tile < TILES)
    {
        int row0 = (tile / ACROSS) * PRODUCT_ROWS;
        int column0 = (tile % ACROSS) * PRODUCT_COLUMNS;
        ProductTile product;
        product.add(
            row0,
            width(L),
            column0,
            INPUTS,
            factors.samples,
            [&](int i, int n) { return factors.at(delta_rows(L) + i, n); },
            [&](int j, int n) { return factors.input<L>(j, n); });
        product.give(
            row0,
            width(L),
            column0,
            INPUTS,
            [&](int i, int j, REAL sum) { gradient[place(L, i, j)] = sum; });
        return;
    }

    if constexpr (L < LAYERS)
    {
        gradient_tile<L + 1>(tile - TILES, factors, gradient);
    }
}

// factors with deltas of the mean; gradients (R,P). Blocks: (tiles of all layers, R).
extern "C" __global__ void __launch_bounds__(PRODUCT_THREADS) gradient(REAL* factors, REAL* gradients, int samples)
{
    long long replica = blockIdx.y;
    gradient_tile<1>(blockIdx.x, factors_of(factors, samples, replica), gradients + (replica * PARAMETERS));
}
