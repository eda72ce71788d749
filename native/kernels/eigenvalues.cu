// All eigenvalues of many symmetric matrices: Householder's reflections to tridiagonal form, a block a matrix, then bisection on the
// number of negative pivots (Sturm), a thread an eigenvalue. The host defines REAL and THREADS (a power of two, at least 32).
#include "elementary.cuh"
#include "reduction.cuh"

// Reflections whose update of the matrix is put off and made at once: the matrix is then read once a reflection and written once in
// PANEL of them.
constexpr int PANEL = 16;

// Of the symmetric matrix only what lies on and above the diagonal is read and written, in pieces of PIECE rows by STRIP columns.
constexpr int STRIP = 32;
constexpr int PIECE = 16;
constexpr int WARPS = THREADS / 32;

// Of the smallest normal number, whose inverse is one too.
constexpr int LEAST_EXPONENT = sizeof(REAL) == 4 ? -126 : -1022;

// A[i][j] -= sum_q v_q[i] w_q[j] + w_q[i] v_q[j] for j >= i >= from: four rows and two columns a thread, so that what is loaded serves
// several sums. Of the tiles on the diagonal the lower half is computed as well, and used by nobody.
__device__ inline void update_trailing(REAL* a, int n, int from, const REAL* v, const REAL* w, int count)
{
    constexpr int ROWS = 4;
    constexpr int COLUMNS = 2;
    constexpr int ACROSS = 32;
    constexpr int DOWN = THREADS / ACROSS;
    int tx = threadIdx.x % ACROSS;
    int ty = threadIdx.x / ACROSS;
    for (int i0 = from + ty; i0 < n; i0 += ROWS * DOWN)
    {
        // The first tile that reaches the diagonal.
        int begin = ((i0 - ty - from) / (COLUMNS * ACROSS)) * (COLUMNS * ACROSS);
        for (int j0 = from + begin + tx; j0 < n; j0 += COLUMNS * ACROSS)
        {
            REAL sum[ROWS][COLUMNS];
            int row[ROWS];
            int column[COLUMNS];
#pragma unroll
            for (int c = 0; c < COLUMNS; c++)
            {
                column[c] = j0 + (c * ACROSS) < n ? j0 + (c * ACROSS) : n - 1;
            }

#pragma unroll
            for (int r = 0; r < ROWS; r++)
            {
                row[r] = i0 + (r * DOWN) < n ? i0 + (r * DOWN) : n - 1;
#pragma unroll
                for (int c = 0; c < COLUMNS; c++)
                {
                    sum[r][c] = a[(static_cast<long long>(row[r]) * n) + column[c]];
                }
            }

            for (int q = 0; q < count; q++)
            {
                const REAL* vq = v + (static_cast<long long>(q) * n);
                const REAL* wq = w + (static_cast<long long>(q) * n);
                REAL across[COLUMNS][2];
#pragma unroll
                for (int c = 0; c < COLUMNS; c++)
                {
                    across[c][0] = vq[column[c]];
                    across[c][1] = wq[column[c]];
                }

#pragma unroll
                for (int r = 0; r < ROWS; r++)
                {
                    REAL down[2] = {-vq[row[r]], -wq[row[r]]};
#pragma unroll
                    for (int c = 0; c < COLUMNS; c++)
                    {
                        sum[r][c] = fused(down[0], across[c][1], sum[r][c]);
                        sum[r][c] = fused(down[1], across[c][0], sum[r][c]);
                    }
                }
            }

            // Threads beyond the edge hold a copy of what another one stores.
#pragma unroll
            for (int r = 0; r < ROWS; r++)
            {
#pragma unroll
                for (int c = 0; c < COLUMNS; c++)
                {
                    if (i0 + (r * DOWN) < n && j0 + (c * ACROSS) < n)
                    {
                        a[(static_cast<long long>(row[r]) * n) + column[c]] = sum[r][c];
                    }
                }
            }
        }
    }
}

// What A u is made of, for the rows and columns from `from` on of the matrix whose upper half is read, once: columns[j] the sum over
// i <= j of a[i][j] u[i], and sums[q][i] the part of the sum over j > i of a[i][j] u[j] whose columns lie in strip q. u is 0 from the
// begin of its piece to `from`. A warp takes a strip at a time, longest first and in turns that even out what each has, from top to
// diagonal: its lanes read neighbouring columns, and pass their products through `stage` to lanes that have a row each.
__device__ inline void multiply_symmetric(
    const REAL* a,
    int n,
    int from,
    const REAL* u,
    REAL* columns,
    REAL* sums,
    REAL (*stage)[STRIP + 1])
{
    int lane = threadIdx.x % 32;
    int warp = threadIdx.x / 32;
    int last = (n - 1) / STRIP;
    int strips = last - (from / STRIP) + 1;
    for (int turn = 0; turn * WARPS < strips; turn++)
    {
        int q = last - (turn * WARPS) - (turn % 2 == 0 ? warp : WARPS - 1 - warp);
        if (q < from / STRIP)
        {
            continue;
        }

        int j = (q * STRIP) + lane;
        bool within = j < n;
        const REAL* column = a + (within ? j : n - 1);
        REAL uj = within ? u[j] : REAL(0);
        REAL* row_sums = sums + (static_cast<long long>(q) * n);
        int end = (q + 1) * STRIP < n ? (q + 1) * STRIP : n;
        REAL above[4] = {};
        REAL next[PIECE];
        auto fetch = [&](int i0)
        {
#pragma unroll
            for (int r = 0; r < PIECE; r++)
            {
                int i = i0 + r < end ? i0 + r : end - 1;
                next[r] = column[static_cast<long long>(i) * n];
            }
        };

        fetch((from / PIECE) * PIECE);
        for (int i0 = (from / PIECE) * PIECE; i0 < end; i0 += PIECE)
        {
            REAL entries[PIECE];
#pragma unroll
            for (int r = 0; r < PIECE; r++)
            {
                entries[r] = next[r];
            }

            // The piece after this one is on its way while this one is summed.
            if (i0 + PIECE < end)
            {
                fetch(i0 + PIECE);
            }

            bool inner = i0 + PIECE <= q * STRIP;
#pragma unroll
            for (int r = 0; r < PIECE; r++)
            {
                int i = i0 + r;
                REAL ui = inner || i < n ? u[i] : REAL(0);
                above[r % 4] = inner || i <= j ? fused(entries[r], ui, above[r % 4]) : above[r % 4];
                stage[r][lane] = inner || i < j ? entries[r] * uj : REAL(0);
            }

            __syncwarp();
            if (lane < PIECE && i0 + lane < end)
            {
                REAL across[4] = {};
#pragma unroll
                for (int c = 0; c < STRIP; c++)
                {
                    across[c % 4] = across[c % 4] + stage[lane][c];
                }

                row_sums[i0 + lane] = (across[0] + across[1]) + (across[2] + across[3]);
            }

            __syncwarp();
        }

        if (within)
        {
            columns[j] = (above[0] + above[1]) + (above[2] + above[3]);
        }
    }
}

// Tridiagonal form of matrices (R,n,n), which are overwritten: tridiagonals (R,2,n) in double, the diagonal and beside[k] which couples
// k and k + 1, and scales (R), a power of two that was taken out (not a number for a matrix that holds none). work (R,2 PANEL + 1 + the
// strips of n,n).
extern "C" __global__ void __launch_bounds__(THREADS) tridiagonal_form(
    REAL* matrices,
    double* tridiagonals,
    double* scales,
    REAL* work,
    int n)
{
    __shared__ REAL partial[THREADS + 1];
    __shared__ REAL stage[WARPS][PIECE][STRIP + 1];
    __shared__ REAL of_v[PANEL];
    __shared__ REAL of_w[PANEL];
    long long matrix = blockIdx.x;
    REAL* a = matrices + (matrix * n * n);
    double* diagonal = tridiagonals + (matrix * 2 * n);
    double* beside = diagonal + n;
    int last_strip = (n - 1) / STRIP;
    REAL* v = work + (matrix * ((2 * PANEL) + 2 + last_strip) * n);
    REAL* w = v + (static_cast<long long>(PANEL) * n);
    REAL* column = w + (static_cast<long long>(PANEL) * n);
    REAL* sums = column + n;

    // A power of two near the largest entry is taken out: squares neither overflow nor vanish, and no digit changes.
    REAL largest = 0;
    for (long long e = threadIdx.x; e < static_cast<long long>(n) * n; e += THREADS)
    {
        REAL size = magnitude(a[e]);
        largest = size != size || size > largest ? size : largest;
    }

    largest = block_largest(largest, partial);
    bool sound = REAL(infinity()) > largest;
    int exponent = sound && largest > REAL(0) ? ilogb(static_cast<double>(largest)) : 0;
    exponent = exponent < LEAST_EXPONENT ? LEAST_EXPONENT : exponent;
    if (threadIdx.x == 0)
    {
        scales[matrix] = sound ? scalbn(1.0, exponent) : not_a_number();
    }

    if (!sound)
    {
        return;
    }

    REAL factor = REAL(scalbn(1.0, -exponent));
    for (long long e = threadIdx.x; e < static_cast<long long>(n) * n; e += THREADS)
    {
        a[e] = a[e] * factor;
    }

    __syncthreads();
    for (int k0 = 0; k0 < n; k0 += PANEL)
    {
        int count = 0;
        for (int k = k0; k < n && k < k0 + PANEL; k++)
        {
            // Row k as the reflections of this panel leave it.
            REAL* vk = v + (static_cast<long long>(count) * n);
            REAL* wk = w + (static_cast<long long>(count) * n);
            for (int i = k + threadIdx.x; i < n; i += THREADS)
            {
                REAL entry = a[(static_cast<long long>(k) * n) + i];
                for (int q = 0; q < count; q++)
                {
                    long long row = static_cast<long long>(q) * n;
                    entry = fused(-v[row + i], w[row + k], entry);
                    entry = fused(-w[row + i], v[row + k], entry);
                }

                column[i] = entry;
            }

            __syncthreads();
            if (threadIdx.x == 0)
            {
                diagonal[k] = column[k];
            }

            if (k == n - 1)
            {
                break;
            }

            // H = I - tau u u^T with u = column / (alpha - beta), u[k+1] = 1, reflects all but alpha = column[k+1] away.
            REAL squares = 0;
            for (int i = k + 2 + threadIdx.x; i < n; i += THREADS)
            {
                squares = fused(column[i], column[i], squares);
            }

            squares = block_total(squares, partial);
            REAL alpha = column[k + 1];
            REAL norm = root(fused(alpha, alpha, squares));
            REAL beta = squares == REAL(0) ? alpha : signed_as(norm, -alpha);
            REAL tau = squares == REAL(0) ? REAL(0) : (beta - alpha) / beta;
            if (threadIdx.x == 0)
            {
                beside[k] = beta;
            }

            for (int i = (((k + 1) / PIECE) * PIECE) + threadIdx.x; i < n; i += THREADS)
            {
                vk[i] = i <= k ? REAL(0) : i == k + 1 ? REAL(1) : squares == REAL(0) ? REAL(0) : column[i] / (alpha - beta);
            }

            __syncthreads();

            // w = tau (A u - V (W^T u) - W (V^T u)), then w -= (tau / 2) (u^T w) u.
            for (int q = threadIdx.x / 32; q < 2 * count; q += THREADS / 32)
            {
                const REAL* row = (q < count ? v : w) + (static_cast<long long>(q % count) * n);
                REAL sum = 0;
                for (int i = k + 1 + (threadIdx.x % 32); i < n; i += 32)
                {
                    sum = fused(row[i], vk[i], sum);
                }

                for (int lanes = 16; lanes > 0; lanes /= 2)
                {
                    sum = sum + __shfl_xor_sync(0xFFFFFFFFu, sum, lanes);
                }

                if (threadIdx.x % 32 == 0)
                {
                    (q < count ? of_v : of_w)[q % count] = sum;
                }
            }

            multiply_symmetric(a, n, k + 1, vk, wk, sums, stage[threadIdx.x / 32]);
            __syncthreads();
            REAL product = 0;
            for (int i = k + 1 + threadIdx.x; i < n; i += THREADS)
            {
                REAL sum = wk[i];
#pragma unroll 8
                for (int q = i / STRIP; q <= last_strip; q++)
                {
                    sum = sum + sums[(static_cast<long long>(q) * n) + i];
                }

                for (int q = 0; q < count; q++)
                {
                    long long row = static_cast<long long>(q) * n;
                    sum = fused(-v[row + i], of_w[q], sum);
                    sum = fused(-w[row + i], of_v[q], sum);
                }

                sum = tau * sum;
                wk[i] = sum;
                product = fused(sum, vk[i], product);
            }

            REAL half = (REAL(0.5) * tau) * block_total(product, partial);
            for (int i = k + 1 + threadIdx.x; i < n; i += THREADS)
            {
                wk[i] = fused(-half, vk[i], wk[i]);
            }

            count++;
            __syncthreads();
        }

        update_trailing(a, n, k0 + PANEL, v, w, count);
        __syncthreads();
    }
}

// Eigenvalues below x: negative pivots of T - x I = L D L^T, a zero pivot taken as a tiny negative one.
__device__ inline int eigenvalues_below(const double* diagonal, const double* beside, int n, double x)
{
    int count = 0;
    double pivot = diagonal[0] - x;
    for (int i = 1; i <= n; i++)
    {
        pivot = pivot == 0.0 ? -1e-300 : pivot;
        count += pivot < 0.0 ? 1 : 0;
        if (i < n)
        {
            pivot = (diagonal[i] - x) - ((beside[i - 1] * beside[i - 1]) / pivot);
        }
    }

    return count;
}

// Eigenvalues (R,n) ascending of tridiagonals (R,2,n), times scales (R): each by halving Gershgorin's interval down to `finest` of its
// size. Blocks: (pieces of n, R).
extern "C" __global__ void __launch_bounds__(128) tridiagonal_eigenvalues(
    const double* tridiagonals,
    const double* scales,
    REAL* eigenvalues,
    int n)
{
    long long matrix = blockIdx.y;
    const double* diagonal = tridiagonals + (matrix * 2 * n);
    const double* beside = diagonal + n;
    double scale = scales[matrix];
    int index = (blockIdx.x * 128) + threadIdx.x;
    if (index >= n)
    {
        return;
    }

    if (scale != scale)
    {
        eigenvalues[(matrix * n) + index] = REAL(scale);
        return;
    }

    double low = diagonal[0];
    double high = diagonal[0];
    for (int i = 0; i < n; i++)
    {
        double radius = (i > 0 ? magnitude(beside[i - 1]) : 0.0) + (i + 1 < n ? magnitude(beside[i]) : 0.0);
        low = diagonal[i] - radius < low ? diagonal[i] - radius : low;
        high = diagonal[i] + radius > high ? diagonal[i] + radius : high;
    }

    // A fraction of an ulp of the largest eigenvalue, which is what the reflections are good to.
    double size = magnitude(low) > magnitude(high) ? magnitude(low) : magnitude(high);
    double finest = size * (sizeof(REAL) == 4 ? 1e-9 : 1e-18);
    low -= size * 1e-14;
    high += size * 1e-14;
    while (high - low > finest)
    {
        double middle = low + (0.5 * (high - low));
        if (middle <= low || middle >= high)
        {
            break;
        }

        if (eigenvalues_below(diagonal, beside, n, middle) > index)
        {
            high = middle;
        }
        else
        {
            low = middle;
        }
    }

    eigenvalues[(matrix * n) + index] = REAL((low + (0.5 * (high - low))) * scale);
}
