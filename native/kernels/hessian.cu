// The whole Hessian or Gauss-Newton matrix from its factors (docs/numerics.md, section 4):
// H[(l,i,j),(m,u,v)] = sum_n a_{l-1}[j] (K_{l,m}[i,u] a_{m-1}[v] + delta_m[u] D_{l,m-1}[v,i]) for l <= m, the second term only for l < m, not for
// the bias and not for G. For each (l,i) and m one product [d_{l-1}+1 x N] [N x d_m (d_{m-1}+1)] whose right factor is made where it
// is read. What lies on and above the diagonal is computed and mirrored.
#include "hessian_layout.cuh"
#include "product.cuh"

struct Assembly
{
    Factors factors;
    const REAL* curvature;
    REAL* matrix;
    bool exact;

    __device__ REAL at(int row, int n) const
    {
        return curvature[(static_cast<long long>(row) * factors.samples) + n];
    }
};

template <int L, int M>
__device__ constexpr int tiles_across()
{
    return tiles_of(width(M) * (width(M - 1) + bias(M)), PRODUCT_COLUMNS);
}

// The tile `tile` of the rows (L,i,.) and the columns of layer M.
template <int L, int M>
__device__ inline void hessian_tile(const Assembly& it, int i, int row0, int column0)
{
    constexpr int ROWS = width(L - 1) + bias(L);
    constexpr int INPUTS = width(M - 1) + bias(M);
    constexpr int COLUMNS = width(M) * INPUTS;
    if (L == M && (column0 + PRODUCT_COLUMNS) <= i * INPUTS)
    {
        return;
    }

    ProductTile product;
    product.add(
        row0,
        ROWS,
        column0,
        COLUMNS,
        it.factors.samples,
        [&](int j, int n) { return it.factors.template input<L>(j, n); },
        [&](int column, int n)
        {
            int u = column / INPUTS;
            int v = column % INPUTS;
            if constexpr (L == M)
            {
                return it.at(s_row(L) + (i * width(L)) + u, n) * it.factors.template input<M>(v, n);
            }
            else
            {
                REAL right = it.at(k_row(L, M) + (i * width(M)) + u, n) * it.factors.template input<M>(v, n);
                if (it.exact && v < width(M - 1))
                {
                    REAL d = 0;
                    if constexpr (M == L + 1)
                    {
                        d = v == i ? it.factors.at(slope_rows(L) + i, n) : REAL(0);
                    }
                    else
                    {
                        d = it.at(d_row(L, M) + (v * width(L)) + i, n);
                    }

                    right = fused(it.factors.at(delta_rows(M) + u, n), d, right);
                }

                return right;
            }
        });
    product.give(
        row0,
        ROWS,
        column0,
        COLUMNS,
        [&](int j, int column, REAL sum)
        {
            int u = column / INPUTS;
            int v = column % INPUTS;
            if (L < M || u > i || (u == i && v >= j))
            {
                long long row = place(L, i, j);
                long long other = place(M, u, v);
                it.matrix[(row * PARAMETERS) + other] = sum;
                it.matrix[(other * PARAMETERS) + row] = sum;
            }
        });
}

// Finds the tile with this number: for each l, i and strip of rows all m >= l in turn (only m = l when `layers` is set).
template <int L, int M>
__device__ inline void hessian_block(const Assembly& it, int tile, bool layers)
{
    constexpr int STRIPS = tiles_of(width(L - 1) + bias(L), PRODUCT_ROWS);
    constexpr int TILES = width(L) * STRIPS * tiles_across<L, M>();
    if (tile < TILES)
    {
        int across = tile % tiles_across<L, M>();
        int strip = tile / tiles_across<L, M>();
        hessian_tile<L, M>(it, strip / STRIPS, (strip % STRIPS) * PRODUCT_ROWS, across * PRODUCT_COLUMNS);
        return;
    }

    if constexpr (M < LAYERS)
    {
        if (!layers)
        {
            hessian_block<L, M + 1>(it, tile - TILES, layers);
            return;
        }
    }

    if constexpr (L < LAYERS)
    {
        hessian_block<L + 1, L + 1>(it, tile - TILES, layers);
    }
}

// factors of the mean; curvatures from hessian_factors; matrices (R,P,P). Blocks: (tiles, R).
extern "C" __global__ void __launch_bounds__(PRODUCT_THREADS) hessian(
    REAL* all_factors,
    const REAL* curvatures,
    REAL* matrices,
    int samples,
    int exact,
    int layers)
{
    long long replica = blockIdx.y;
    Assembly it = {
        factors_of(all_factors, samples, replica),
        curvatures + (replica * CURVATURE_ROWS * samples),
        matrices + (replica * PARAMETERS * PARAMETERS),
        exact != 0,
    };
    hessian_block<1, 1>(it, blockIdx.x, layers != 0);
}

struct DiagonalEntry
{
    const Assembly& it;
    REAL sum;

    template <int L>
    __device__ void at(int i, int j)
    {
        for (int n = 0; n < it.factors.samples; n++)
        {
            REAL a = it.factors.template input<L>(j, n);
            sum = fused(a, it.at(s_row(L) + (i * width(L)) + i, n) * a, sum);
        }
    }
};

// H[(l,i,j),(l,i,j)] = sum_n S_l[i,i] [a_{l-1}; 1][j]^2, (R,P).
extern "C" __global__ void __launch_bounds__(128) hessian_diagonal(
    REAL* all_factors,
    const REAL* curvatures,
    REAL* diagonals,
    int samples)
{
    long long replica = blockIdx.y;
    Assembly it = {
        factors_of(all_factors, samples, replica),
        curvatures + (replica * CURVATURE_ROWS * samples),
        nullptr,
        true,
    };
    for (int flat = (blockIdx.x * 128) + threadIdx.x; flat < PARAMETERS; flat += gridDim.x * 128)
    {
        DiagonalEntry entry = {it, REAL(0)};
        weight_at<1>(flat, entry);
        diagonals[(replica * PARAMETERS) + flat] = entry.sum;
    }
}
