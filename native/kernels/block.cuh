#include "activation.cuh"
#include "loss.cuh"
// One replica in one thread block: where its weights, activations and deltas lie, and the three contractions of forward and
// backward pass on register tiles. Every sum is one chain of fused multiply-adds in ascending index, so no number depends on tiles,
// threads or SAMPLES. The memory is the block's shared memory, or (IN_GLOBAL_MEMORY) a slice of a buffer for nets that do not fit.
//
// Weights are kept transposed, [input j][output i], the bias as row j = d_{l-1}; activations [unit][sample]. Rows are an odd number of
// 16-byte vectors apart, so that eight threads that read eight rows meet eight different groups of banks.

constexpr int VECTOR = 16 / sizeof(REAL);

// Places of a row that holds n numbers, read four at a time.
__device__ constexpr int padded(int n)
{
    int vectors = ((n + 3) / 4) * (4 / VECTOR);
    return VECTOR * (vectors % 2 == 1 ? vectors : vectors + 1);
}

constexpr int ROW = padded(SAMPLES);

__device__ constexpr int weight_row(int l)
{
    return padded(width(l));
}

// Where W_l begins in the block's memory; for l = L + 1 the length of all.
__device__ constexpr int weight_begin(int l)
{
    int begin = 0;
    for (int m = 1; m < l; m++)
    {
        begin += (width(m - 1) + bias(m)) * weight_row(m);
    }

    return begin;
}

constexpr int WEIGHTS = weight_begin(LAYERS + 1);
constexpr int HIDDEN = widest_hidden() * ROW;
constexpr int HIDDEN_LAYERS = LAYERS - 1;

// The parts that every kernel has, in numbers from the begin of the memory.
constexpr int AT_WEIGHTS = 0;
constexpr int AT_ONES = AT_WEIGHTS + WEIGHTS;
constexpr int AT_INPUTS = AT_ONES + ROW;
constexpr int AT_HIDDEN = AT_INPUTS + (width(0) * ROW);
constexpr int AT_SLOPES = AT_HIDDEN + (HIDDEN_LAYERS * HIDDEN);
constexpr int AT_DELTA = AT_SLOPES + (SLOPE_NEEDS_Z ? HIDDEN_LAYERS * HIDDEN : 0);
constexpr int AT_OUTPUT = AT_DELTA + (HIDDEN_LAYERS > 0 ? HIDDEN : 0);
constexpr int AT_TARGETS = AT_OUTPUT + (OUTPUTS * ROW);
constexpr int AT_OWN = AT_TARGETS + (TARGETS * ROW);

// a_l, l = 0 .. L-1. (d_l, ROW)
__device__ constexpr int at_activations(int l)
{
    return l == 0 ? AT_INPUTS : AT_HIDDEN + ((l - 1) * HIDDEN);
}

// phi'(z_l), l = 1 .. L-1, where it needs z. (d_l, ROW)
__device__ constexpr int at_slopes(int l)
{
    return AT_SLOPES + ((l - 1) * HIDDEN);
}

// z_L and then delta_L; delta_{L-1} has a place of its own, delta_l takes that of a_{l+1}, which nobody needs any more.
__device__ constexpr int at_delta(int l)
{
    return l == LAYERS ? AT_OUTPUT : l == LAYERS - 1 ? AT_DELTA : at_activations(l + 1);
}

extern __shared__ float4 shared_memory[];

// The memory of this block, `numbers` long.
__device__ inline REAL* block_memory(REAL* buffer, long long numbers)
{
#ifdef IN_GLOBAL_MEMORY
    long long block = (static_cast<long long>(blockIdx.y) * gridDim.x) + blockIdx.x;
    return buffer + (block * numbers);
#else
    return reinterpret_cast<REAL*>(shared_memory);
#endif
}

// Rows of a tile: as many as keep the threads busy. A round of the block costs a tile's products and its loads.
__device__ constexpr int tile_rows(int rows, int columns)
{
    int best = 4;
    int least = 1 << 30;
    for (int size = 4; size >= 1; size /= 2)
    {
        int tiles = ((rows + size - 1) / size) * ((columns + 3) / 4);
        int cost = ((tiles + THREADS - 1) / THREADS) * ((4 * size) + 4);
        if (cost < least)
        {
            least = cost;
            best = size;
        }
    }

    return best;
}

// sum[i][n] = sum_j w[j][i] a[j][n], j ascending, for i < OUT and n < count; epilogue(i, n, sum).
template <int OUT, int IN, class Epilogue>
__device__ inline void forward_product(const REAL* w, const REAL* a, int count, Epilogue epilogue)
{
    constexpr int TILE = tile_rows(OUT, SAMPLES);
    constexpr int TILES = (OUT + TILE - 1) / TILE;
    constexpr int STRIDE = padded(OUT);
    for (int tile = threadIdx.x; tile < TILES * ((count + 3) / 4); tile += THREADS)
    {
        int i0 = (tile % TILES) * TILE;
        int n0 = (tile / TILES) * 4;
        REAL sum[TILE][4] = {};
#pragma unroll 5
        for (int j = 0; j < IN; j++)
        {
            REAL left[TILE], right[4];
            if constexpr (TILE == 4)
            {
                load4(w + (j * STRIDE) + i0, left);
            }
            else
            {
                for (int r = 0; r < TILE; r++)
                {
                    left[r] = w[(j * STRIDE) + i0 + r];
                }
            }

            load4(a + (j * ROW) + n0, right);
#pragma unroll
            for (int r = 0; r < TILE; r++)
            {
#pragma unroll
                for (int c = 0; c < 4; c++)
                {
                    sum[r][c] = fused(left[r], right[c], sum[r][c]);
                }
            }
        }

#pragma unroll
        for (int r = 0; r < TILE; r++)
        {
#pragma unroll
            for (int c = 0; c < 4; c++)
            {
                if (i0 + r < OUT && n0 + c < count)
                {
                    epilogue(i0 + r, n0 + c, sum[r][c]);
                }
            }
        }
    }
}

// sum[j][n] = sum_i w[j][i] d[i][n], i ascending, for j < IN and n < count; epilogue(j, n, sum).
template <int OUT, int IN, class Epilogue>
__device__ inline void backward_product(const REAL* w, const REAL* d, int count, Epilogue epilogue)
{
    constexpr int TILE = tile_rows(IN, SAMPLES);
    constexpr int TILES = (IN + TILE - 1) / TILE;
    constexpr int STRIDE = padded(OUT);
    for (int tile = threadIdx.x; tile < TILES * ((count + 3) / 4); tile += THREADS)
    {
        // Rows j0, j0 + TILES, ...: neighbouring threads read neighbouring rows.
        int j0 = tile % TILES;
        int n0 = (tile / TILES) * 4;
        const REAL* row[TILE];
#pragma unroll
        for (int r = 0; r < TILE; r++)
        {
            int j = j0 + (r * TILES);
            row[r] = w + ((j < IN ? j : IN - 1) * STRIDE);
        }

        REAL sum[TILE][4] = {};
#pragma unroll 2
        for (int i = 0; i < OUT / 4 * 4; i += 4)
        {
            REAL left[TILE][4];
#pragma unroll
            for (int r = 0; r < TILE; r++)
            {
                load4(row[r] + i, left[r]);
            }

#pragma unroll
            for (int k = 0; k < 4; k++)
            {
                REAL right[4];
                load4(d + ((i + k) * ROW) + n0, right);
#pragma unroll
                for (int r = 0; r < TILE; r++)
                {
#pragma unroll
                    for (int c = 0; c < 4; c++)
                    {
                        sum[r][c] = fused(left[r][k], right[c], sum[r][c]);
                    }
                }
            }
        }

#pragma unroll
        for (int i = OUT / 4 * 4; i < OUT; i++)
        {
            REAL right[4];
            load4(d + (i * ROW) + n0, right);
#pragma unroll
            for (int r = 0; r < TILE; r++)
            {
#pragma unroll
                for (int c = 0; c < 4; c++)
                {
                    sum[r][c] = fused(row[r][i], right[c], sum[r][c]);
                }
            }
        }

#pragma unroll
        for (int r = 0; r < TILE; r++)
        {
#pragma unroll
            for (int c = 0; c < 4; c++)
            {
                if (j0 + (r * TILES) < IN && n0 + c < count)
                {
                    epilogue(j0 + (r * TILES), n0 + c, sum[r][c]);
                }
            }
        }
    }
}

// sum[j][i] = start(j, i) + sum_n a[j][n] d[i][n], n ascending over count samples, for j < IN and i < OUT, where row j = INPUTS of a is
// `ones` (the bias); epilogue(j, i, sum).
template <int OUT, int IN, int INPUTS, class Start, class Epilogue>
__device__ inline void gradient_product(
    const REAL* a,
    const REAL* ones,
    const REAL* d,
    int count,
    Start start,
    Epilogue epilogue)
{
    constexpr int TILE = tile_rows(IN, OUT);
    constexpr int ROWS = (IN + TILE - 1) / TILE;
    constexpr int COLUMNS = (OUT + 3) / 4;
    for (int tile = threadIdx.x; tile < ROWS * COLUMNS; tile += THREADS)
    {
        int j0 = tile % ROWS;
        int i0 = tile / ROWS;
        const REAL* left[TILE];
        const REAL* right[4];
        REAL sum[TILE][4];
#pragma unroll
        for (int r = 0; r < TILE; r++)
        {
            int j = j0 + (r * ROWS);
            left[r] = j < INPUTS ? a + (j * ROW) : ones;
        }

#pragma unroll
        for (int c = 0; c < 4; c++)
        {
            int i = i0 + (c * COLUMNS);
            right[c] = d + ((i < OUT ? i : OUT - 1) * ROW);
        }

#pragma unroll
        for (int r = 0; r < TILE; r++)
        {
#pragma unroll
            for (int c = 0; c < 4; c++)
            {
                int j = j0 + (r * ROWS);
                int i = i0 + (c * COLUMNS);
                sum[r][c] = j < IN && i < OUT ? start(j, i) : REAL(0);
            }
        }

        int n = 0;
#pragma unroll 2
        for (; n + 4 <= count; n += 4)
        {
            REAL x[TILE][4], y[4][4];
#pragma unroll
            for (int r = 0; r < TILE; r++)
            {
                load4(left[r] + n, x[r]);
            }

#pragma unroll
            for (int c = 0; c < 4; c++)
            {
                load4(right[c] + n, y[c]);
            }

#pragma unroll
            for (int k = 0; k < 4; k++)
            {
#pragma unroll
                for (int r = 0; r < TILE; r++)
                {
#pragma unroll
                    for (int c = 0; c < 4; c++)
                    {
                        sum[r][c] = fused(y[c][k], x[r][k], sum[r][c]);
                    }
                }
            }
        }

        for (; n < count; n++)
        {
#pragma unroll
            for (int r = 0; r < TILE; r++)
            {
#pragma unroll
                for (int c = 0; c < 4; c++)
                {
                    sum[r][c] = fused(right[c][n], left[r][n], sum[r][c]);
                }
            }
        }

#pragma unroll
        for (int r = 0; r < TILE; r++)
        {
#pragma unroll
            for (int c = 0; c < 4; c++)
            {
                int j = j0 + (r * ROWS);
                int i = i0 + (c * COLUMNS);
                if (j < IN && i < OUT)
                {
                    epilogue(j, i, sum[r][c]);
                }
            }
        }
    }
}

// z_l = W_l a_{l-1} + b_l and a_l = phi(z_l) for l = L0 .. L; keep(l, i, n, z, a) sees every hidden unit.
template <int L0, class Keep>
__device__ inline void forward_pass(REAL* memory, const REAL* weights, int count, Keep keep)
{
    const REAL* w = weights + weight_begin(L0);
    forward_product<width(L0), width(L0 - 1)>(
        w,
        memory + at_activations(L0 - 1),
        count,
        [&](int i, int n, REAL sum)
        {
            REAL z = bias(L0) == 1 ? sum + w[(width(L0 - 1) * weight_row(L0)) + i] : sum;
            if constexpr (L0 == LAYERS)
            {
                memory[AT_OUTPUT + (i * ROW) + n] = z;
            }
            else
            {
                REAL a = activation_value(z);
                memory[at_activations(L0) + (i * ROW) + n] = a;
                if constexpr (SLOPE_NEEDS_Z)
                {
                    memory[at_slopes(L0) + (i * ROW) + n] = activation_slope(z, a);
                }

                keep(L0, i, n, z, a);
            }
        });
    __syncthreads();
    if constexpr (L0 < LAYERS)
    {
        forward_pass<L0 + 1>(memory, weights, count, keep);
    }
}

// delta_{L1-1} = phi'(z_{L1-1}) (W_{L1}^T delta_{L1}), without a barrier; keep(j, n, W^T delta, phi', delta).
template <int L1, class Keep>
__device__ inline void backward_step(REAL* memory, const REAL* weights, int count, Keep keep)
{
    backward_product<width(L1), width(L1 - 1)>(
        weights + weight_begin(L1),
        memory + at_delta(L1),
        count,
        [&](int j, int n, REAL sum)
        {
            REAL a = memory[at_activations(L1 - 1) + (j * ROW) + n];
            REAL slope;
            if constexpr (SLOPE_NEEDS_Z)
            {
                slope = memory[at_slopes(L1 - 1) + (j * ROW) + n];
            }
            else
            {
                slope = activation_slope(a, a);
            }

            // Not a product for relu: an infinite sum behind a dead unit is 0.
            REAL delta = ACTIVATION == RELU ? (a > REAL(0) ? sum : REAL(0)) : sum * slope;
            memory[at_delta(L1 - 1) + (j * ROW) + n] = delta;
            keep(j, n, sum, slope, delta);
        });
}

// visit(place in the flat order, place in the block's memory) for every parameter of the layers L .. LAYERS, by all threads.
template <int L, class Visit>
__device__ inline void each_weight(Visit visit)
{
    constexpr int IN = width(L - 1);
    for (int e = threadIdx.x; e < width(L) * IN; e += THREADS)
    {
        visit(weight_offset(L) + e, weight_begin(L) + ((e % IN) * weight_row(L)) + (e / IN));
    }

    for (int i = threadIdx.x; i < bias(L) * width(L); i += THREADS)
    {
        visit(bias_offset(L) + i, weight_begin(L) + (IN * weight_row(L)) + i);
    }

    if constexpr (L < LAYERS)
    {
        each_weight<L + 1>(visit);
    }
}

// Copies rows of inputs and targets of `count` samples into the block's memory; row(n) is the row of sample n.
template <class Row>
__device__ inline void gather(REAL* memory, const REAL* inputs, const REAL* targets, int count, Row row)
{
    constexpr int D = width(0);
    for (int e = threadIdx.x; e < count * D; e += THREADS)
    {
        int n = e / D;
        memory[AT_INPUTS + ((e % D) * ROW) + n] = inputs[(static_cast<long long>(row(n)) * D) + (e % D)];
    }

    for (int e = threadIdx.x; e < count * TARGETS; e += THREADS)
    {
        int n = e / TARGETS;
        memory[AT_TARGETS + ((e % TARGETS) * ROW) + n] = targets[(static_cast<long long>(row(n)) * TARGETS) + (e % TARGETS)];
    }
}
