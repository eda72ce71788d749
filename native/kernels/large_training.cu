// The steps of training between the products of cuBLAS, for nets that do not fit in shared memory. Besides the shape the host defines what
// training.cu wants, and where the parts of a replica's buffer begin: INPUTS_AT (BATCH,d_0), TARGETS_AT (BATCH,TARGETS), GRADIENT_AT (P), and
// a layer each, SUMS_AT for z_l (BATCH,d_l), whose last one becomes delta_L, HIDDEN_AT for a_l, DELTAS_AT for delta_l. STRIDE numbers a replica.
#include "activation.cuh"
#include "loss.cuh"
#include "batch.cuh"
#include "update.cuh"

__device__ constexpr int sums_at(int l)
{
    constexpr int all[] = {SUMS_AT};
    return all[l - 1];
}

__device__ constexpr int hidden_at(int l)
{
    constexpr int all[] = {HIDDEN_AT};
    return all[l - 1];
}

__device__ constexpr int deltas_at(int l)
{
    constexpr int all[] = {DELTAS_AT};
    return all[l - 1];
}

// Rows of inputs and targets of a step to the buffers. places (R,2) as in training.cu. Blocks: (places of the batch, R).
extern "C" __global__ void __launch_bounds__(THREADS) take_batch(
    const REAL* inputs,
    const REAL* targets,
    REAL* buffers,
    unsigned long long seed,
    const int* places,
    int samples,
    int own_data,
    int left,
    int right,
    int rounds,
    int step)
{
    __shared__ unsigned int keys[MOST_ROUNDS];
    __shared__ int row;
    long long replica = blockIdx.y;
    int place = blockIdx.x;
    Batch batch = {
        seed,
        {static_cast<unsigned int>(samples), static_cast<unsigned int>(left), static_cast<unsigned int>(right), rounds},
        static_cast<unsigned int>(places[2 * replica]),
        (samples + BATCH - 1) / BATCH,
        -1,
    };
    batch.enter(step, keys);
    __syncthreads();
    if (threadIdx.x == 0)
    {
        row = batch.row(step, place, keys);
    }

    __syncthreads();
    REAL* buffer = buffers + (replica * STRIDE);
    const REAL* input = inputs + (((own_data * replica * samples) + row) * width(0));
    for (int i = threadIdx.x; i < width(0); i += THREADS)
    {
        buffer[INPUTS_AT + (place * width(0)) + i] = input[i];
    }

    const REAL* target = targets + (((own_data * replica * samples) + row) * TARGETS);
    for (int i = threadIdx.x; i < TARGETS; i += THREADS)
    {
        buffer[TARGETS_AT + (place * TARGETS) + i] = target[i];
    }
}

// z_l + b_l in the place of z_l, and a_l = phi(z_l).
template <int L>
__device__ inline void finish_layer(const REAL* parameters, REAL* buffer, int layer, int count)
{
    if (layer == L)
    {
        constexpr int UNITS = width(L);
        for (int e = (blockIdx.x * THREADS) + threadIdx.x; e < count * UNITS; e += gridDim.x * THREADS)
        {
            REAL z = buffer[sums_at(L) + e];
            z = bias(L) == 1 ? z + parameters[bias_offset(L) + (e % UNITS)] : z;
            buffer[sums_at(L) + e] = z;
            buffer[hidden_at(L) + e] = activation_value(z);
        }
    }
    else if constexpr (L + 1 < LAYERS)
    {
        finish_layer<L + 1>(parameters, buffer, layer, count);
    }
}

// After the product of hidden layer `layer`. Blocks: (pieces of count d_l, R).
extern "C" __global__ void __launch_bounds__(THREADS) hidden_layer(const REAL* parameters, REAL* buffers, int layer, int count)
{
    long long replica = blockIdx.y;
    if constexpr (LAYERS > 1)
    {
        finish_layer<1>(parameters + (replica * PARAMETERS), buffers + (replica * STRIDE), layer, count);
    }
}

// z_L + b_L, then delta_L in its place. A thread a sample. Blocks: (pieces of count, R).
extern "C" __global__ void __launch_bounds__(THREADS) output_layer(const REAL* parameters, REAL* buffers, int count)
{
    long long replica = blockIdx.y;
    REAL* buffer = buffers + (replica * STRIDE);
    const REAL* biases = parameters + (replica * PARAMETERS) + bias_offset(LAYERS);
    for (int n = (blockIdx.x * THREADS) + threadIdx.x; n < count; n += gridDim.x * THREADS)
    {
        REAL* z = buffer + sums_at(LAYERS) + (n * OUTPUTS);
        for (int c = 0; c < OUTPUTS && bias(LAYERS) == 1; c++)
        {
            z[c] = z[c] + biases[c];
        }

        output_delta(z, buffer + TARGETS_AT + (n * TARGETS), 1, REAL(count));
    }
}

template <int L>
__device__ inline void finish_deltas(REAL* buffer, int layer, int count)
{
    if (layer == L)
    {
        for (int e = (blockIdx.x * THREADS) + threadIdx.x; e < count * width(L); e += gridDim.x * THREADS)
        {
            REAL sum = buffer[deltas_at(L) + e];
            REAL a = buffer[hidden_at(L) + e];
            // Not a product for relu: an infinite sum behind a dead unit is 0.
            buffer[deltas_at(L) + e] = ACTIVATION == RELU ? (a > REAL(0) ? sum : REAL(0)) : sum * activation_slope(buffer[sums_at(L) + e], a);
        }
    }
    else if constexpr (L + 1 < LAYERS)
    {
        finish_deltas<L + 1>(buffer, layer, count);
    }
}

// delta_l from W_{l+1}^T delta_{l+1} in its place. Blocks: (pieces of count d_l, R).
extern "C" __global__ void __launch_bounds__(THREADS) hidden_deltas(REAL* buffers, int layer, int count)
{
    if constexpr (LAYERS > 1)
    {
        finish_deltas<1>(buffers + (static_cast<long long>(blockIdx.y) * STRIDE), layer, count);
    }
}

// The gradient of a parameter: of a weight what the product gave, of a bias the sum of its deltas.
template <int L>
__device__ inline REAL gradient_at(const REAL* buffer, int flat, int count)
{
    if (L == LAYERS || flat < weight_offset(L + 1))
    {
        int unit = flat - bias_offset(L);
        if (unit < 0)
        {
            return buffer[GRADIENT_AT + flat];
        }

        const REAL* delta = buffer + (L == LAYERS ? sums_at(L) : deltas_at(L)) + unit;
        REAL sum = 0;
        for (int n = 0; n < count; n++)
        {
            sum = sum + delta[n * width(L)];
        }

        return sum;
    }

    if constexpr (L < LAYERS)
    {
        return gradient_at<L + 1>(buffer, flat, count);
    }

    return REAL(0);
}

// The update rule on all parameters (R,P) with state (R,STATES,P) and the step's numbers, row `row` of (groups,rows,NUMBERS). Blocks: (pieces
// of P, R).
extern "C" __global__ void __launch_bounds__(THREADS) update_parameters(
    REAL* parameters,
    REAL* state,
    const REAL* buffers,
    const REAL* numbers,
    const int* places,
    int rows,
    int row,
    int count,
    int step)
{
    long long replica = blockIdx.y;
    REAL* theta = parameters + (replica * PARAMETERS);
    REAL* own = state + (replica * STATES * PARAMETERS);
    const REAL* number = numbers + (((static_cast<long long>(places[(2 * replica) + 1]) * rows) + row) * NUMBERS);
    for (int i = (blockIdx.x * THREADS) + threadIdx.x; i < PARAMETERS; i += gridDim.x * THREADS)
    {
        theta[i] = updated(theta[i], gradient_at<1>(buffers + (replica * STRIDE), i, count), own + i, PARAMETERS, number, step);
    }
}
