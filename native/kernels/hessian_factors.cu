// Per sample, what the layer-structured Hessian is made of (docs/numerics.md, section 4), in rows of N numbers:
// S_m (d_m x d_m); T_m = W_{m+1}^T S_{m+1} (d_m x d_{m+1}); for l < m K_{l,m} (d_l x d_m) and, for m > l + 1, D_{l,m-1} (d_{m-1} x d_l).
// K_{l,l} = S_l, and D_{l,l} = diag(phi'(z_l)) is not stored.
#include "hessian_layout.cuh"

constexpr int CURVATURE_LANES = 32;
constexpr int CURVATURE_PARTS = 4;

struct Curvature
{
    Factors factors;
    REAL* begin;
    const REAL* weights;
    int n;
    int part;
    bool exact;

    __device__ REAL& at(int row) const { return begin[(static_cast<long long>(row) * factors.samples) + n]; }

    __device__ REAL& factor(int row) const { return factors.at(row, n); }

    // Elements of a rows x columns matrix that are this thread's; none for lanes beyond the last sample.
    template <class Visit>
    __device__ void each(int rows, int columns, Visit visit) const
    {
        for (int e = part; e < rows * columns && n < factors.samples; e += CURVATURE_PARTS)
        {
            visit(e / columns, e % columns);
        }

        __syncthreads();
    }
};

// S_m and T_m for m = M .. 1.
template <int M>
__device__ inline void layer_curvature(const Curvature& it)
{
    if constexpr (M == LAYERS)
    {
        it.each(
            OUTPUTS,
            OUTPUTS,
            [&](int a, int b)
            { it.at(s_row(M) + (a * OUTPUTS) + b) = it.factors.output_curvature(a, b, it.n); });
    }
    else
    {
        constexpr int HERE = width(M);
        constexpr int ABOVE = width(M + 1);
        const REAL* w = it.weights + weight_offset(M + 1);
        it.each(
            HERE,
            ABOVE,
            [&](int i, int b)
            {
                REAL sum = 0;
                for (int a = 0; a < ABOVE; a++)
                {
                    sum = fused(w[(a * HERE) + i], it.at(s_row(M + 1) + (a * ABOVE) + b), sum);
                }

                it.at(t_row(M) + (i * ABOVE) + b) = sum;
            });

        // The upper triangle and its mirror image: S is symmetric to the last bit.
        it.each(
            HERE,
            HERE,
            [&](int i, int j)
            {
                if (j < i)
                {
                    return;
                }

                REAL sum = 0;
                for (int b = 0; b < ABOVE; b++)
                {
                    sum = fused(it.at(t_row(M) + (i * ABOVE) + b), w[(b * HERE) + j], sum);
                }

                REAL s = (sum * it.factor(slope_rows(M) + i)) * it.factor(slope_rows(M) + j);
                if (i == j && it.exact)
                {
                    s = fused(it.factor(bend_rows(M) + i), it.factor(back_rows(M) + i), s);
                }

                it.at(s_row(M) + (i * HERE) + j) = s;
                it.at(s_row(M) + (j * HERE) + i) = s;
            });
    }

    if constexpr (M > 1)
    {
        layer_curvature<M - 1>(it);
    }
}

// D_{l,m-1} and K_{l,m} for this l and m = M .. L.
template <int L, int M>
__device__ inline void cross_curvature(const Curvature& it)
{
    if constexpr (M <= LAYERS)
    {
        constexpr int FROM = width(L);
        constexpr int TO = width(M);
        if constexpr (M == L + 1)
        {
            it.each(
                FROM,
                TO,
                [&](int i, int u)
                {
                    it.at(k_row(L, M) + (i * TO) + u) =
                        it.factor(slope_rows(L) + i) * it.at(t_row(L) + (i * TO) + u);
                });
        }
        else
        {
            constexpr int BEFORE = width(M - 1);
            constexpr int BELOW = width(M - 2);
            const REAL* w = it.weights + weight_offset(M - 1);

            // D_{l,m-1} = diag(phi'(z_{m-1})) W_{m-1} D_{l,m-2}
            it.each(
                BEFORE,
                FROM,
                [&](int v, int i)
                {
                    REAL sum = 0;
                    if constexpr (M == L + 2)
                    {
                        sum = w[(v * BELOW) + i] * it.factor(slope_rows(L) + i);
                    }
                    else
                    {
                        for (int x = 0; x < BELOW; x++)
                        {
                            sum = fused(w[(v * BELOW) + x], it.at(d_row(L, M - 1) + (x * FROM) + i), sum);
                        }
                    }

                    it.at(d_row(L, M) + (v * FROM) + i) = it.factor(slope_rows(M - 1) + v) * sum;
                });

            // K_{l,m} = D_{l,m-1}^T T_{m-1}
            it.each(
                FROM,
                TO,
                [&](int i, int u)
                {
                    REAL sum = 0;
                    for (int v = 0; v < BEFORE; v++)
                    {
                        sum = fused(it.at(d_row(L, M) + (v * FROM) + i), it.at(t_row(M - 1) + (v * TO) + u), sum);
                    }

                    it.at(k_row(L, M) + (i * TO) + u) = sum;
                });
        }

        cross_curvature<L, M + 1>(it);
    }
    else if constexpr (L + 1 < LAYERS)
    {
        cross_curvature<L + 1, L + 2>(it);
    }
}

// parameters (R,P); factors of the mean; curvatures (R,CURVATURE_ROWS,N). `pairs`: whether the parts between different layers are
// wanted. Blocks: (pieces of 32 samples, R).
extern "C" __global__ void __launch_bounds__(CURVATURE_LANES * CURVATURE_PARTS) hessian_factors(
    const REAL* parameters,
    REAL* all_factors,
    REAL* curvatures,
    int samples,
    int exact,
    int pairs)
{
    long long replica = blockIdx.y;
    Curvature it = {
        factors_of(all_factors, samples, replica),
        curvatures + (replica * CURVATURE_ROWS * samples),
        parameters + (replica * PARAMETERS),
        static_cast<int>((blockIdx.x * CURVATURE_LANES) + (threadIdx.x % CURVATURE_LANES)),
        static_cast<int>(threadIdx.x / CURVATURE_LANES),
        exact != 0,
    };
    layer_curvature<LAYERS>(it);
    if constexpr (LAYERS > 1)
    {
        if (pairs != 0)
        {
            cross_curvature<1, 2>(it);
        }
    }
}
