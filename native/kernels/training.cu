// Many steps of training in one launch: a block takes its replica through forward pass, loss, backward pass and update, with weights,
// activations and the rule's state resident in the block's memory. Besides the shape the host defines BATCH (the largest mini-batch),
// BATCH_ORDER, RULE, STATES (of the rule), NUMBERS (of a step of the rule) and RESCALE_WEIGHTS.
#include "block.cuh"
#include "batch.cuh"
#include "update.cuh"

// A mini-batch of more than SAMPLES passes in pieces; the sums of the gradient go on from piece to piece.
constexpr bool PIECES = BATCH > SAMPLES;

constexpr int AT_STATE = AT_OWN;
constexpr int AT_POINT = AT_STATE + (STATES * WEIGHTS);
constexpr int AT_GRADIENT = AT_POINT + (LOOKS_AHEAD ? WEIGHTS : 0);
constexpr int MEMORY = AT_GRADIENT + (PIECES ? WEIGHTS : 0);

// Backward from layer L1 down: delta below, then dW_{L1}, whose sums update the parameters at once unless pieces are to come.
template <int L1>
__device__ inline void backward_and_update(
    REAL* memory,
    const REAL* point,
    const REAL* number,
    int step,
    int count,
    bool first,
    bool last)
{
    if constexpr (L1 > 1)
    {
        backward_step<L1>(memory, point, count, [](int, int, REAL, REAL, REAL) {});
        __syncthreads();
    }

    constexpr int ROWS = width(L1 - 1) + bias(L1);
    gradient_product<width(L1), ROWS, width(L1 - 1)>(
        memory + at_activations(L1 - 1),
        memory + AT_ONES,
        memory + at_delta(L1),
        count,
        [&](int j, int i)
        {
            return PIECES && !first ? memory[AT_GRADIENT + weight_begin(L1) + (j * weight_row(L1)) + i] : REAL(0);
        },
        [&](int j, int i, REAL sum)
        {
            int at = weight_begin(L1) + (j * weight_row(L1)) + i;
            if (PIECES && !last)
            {
                memory[AT_GRADIENT + at] = sum;
            }
            else
            {
                REAL* theta = memory + AT_WEIGHTS + at;
                *theta = updated(*theta, sum, memory + AT_STATE + at, WEIGHTS, number, step);
            }
        });
    __syncthreads();
    if constexpr (L1 > 1)
    {
        backward_and_update<L1 - 1>(memory, point, number, step, count, first, last);
    }
}

// W_l = W_l / ||W_l||_F for every layer, the norm from 16 (float) or 8 (double) partial sums, element i of the flat order in sum i mod
// 16 (8), folded upper half onto lower half. A norm of 0 or beyond the format leaves the matrix as it is.
template <int L>
__device__ inline void rescale(REAL* weights, REAL* sums)
{
    constexpr int SUMS = 64 / sizeof(REAL);
    constexpr int IN = width(L - 1);
    REAL* w = weights + weight_begin(L);
    for (int s = threadIdx.x; s < SUMS; s += THREADS)
    {
        REAL sum = 0;
        for (int e = s; e < width(L) * IN; e += SUMS)
        {
            REAL weight = w[((e % IN) * weight_row(L)) + (e / IN)];
            sum = fused(weight, weight, sum);
        }

        sums[s] = sum;
    }

    __syncthreads();
    REAL folded[SUMS];
    for (int s = 0; s < SUMS; s++)
    {
        folded[s] = sums[s];
    }

    for (int half = SUMS / 2; half > 0; half /= 2)
    {
        for (int s = 0; s < half; s++)
        {
            folded[s] = folded[s] + folded[s + half];
        }
    }

    REAL norm = root(folded[0]);
    REAL divisor = norm > REAL(0) && REAL(infinity()) > norm ? norm : REAL(1);
    for (int e = threadIdx.x; e < width(L) * IN; e += THREADS)
    {
        REAL* weight = w + ((e % IN) * weight_row(L)) + (e / IN);
        *weight = *weight / divisor;
    }

    __syncthreads();
    if constexpr (L < LAYERS)
    {
        rescale<L + 1>(weights, sums);
    }
}

// parameters (R,P); state (R,STATES,P); inputs (sets,N,d); targets (sets,N,TARGETS); numbers (groups,steps,NUMBERS); places (R,2), a
// replica's number in the experiment and its group. `left` and `right` shape the
// order of an epoch (EpochOrder.cs). `buffer` holds the blocks' memory where it is not shared. One block a replica.
extern "C" __global__ void __launch_bounds__(THREADS) training(
    REAL* parameters,
    REAL* state,
    const REAL* inputs,
    const REAL* targets,
    const REAL* numbers,
    REAL* buffer,
    unsigned long long seed,
    const int* places,
    int samples,
    int own_data,
    int left,
    int right,
    int rounds,
    int first_step,
    int steps)
{
    __shared__ unsigned int keys[MOST_ROUNDS];
    __shared__ int rows[SAMPLES];
#if RESCALE_WEIGHTS
    __shared__ REAL sums[64 / sizeof(REAL)];
#endif
    REAL* memory = block_memory(buffer, MEMORY);
    long long replica = blockIdx.x;
    long long group = places[(2 * replica) + 1];
    parameters += replica * PARAMETERS;
    state += replica * STATES * PARAMETERS;
    inputs += own_data * replica * samples * width(0);
    targets += own_data * replica * samples * TARGETS;
    Batch batch = {
        seed,
        {static_cast<unsigned int>(samples), static_cast<unsigned int>(left), static_cast<unsigned int>(right), rounds},
        static_cast<unsigned int>(places[2 * replica]),
        (samples + BATCH - 1) / BATCH,
        -1,
    };
    each_weight<1>(
        [&](int flat, int at)
        {
            memory[AT_WEIGHTS + at] = parameters[flat];
            for (int k = 0; k < STATES; k++)
            {
                memory[AT_STATE + (k * WEIGHTS) + at] = state[(k * PARAMETERS) + flat];
            }
        });
    for (int n = threadIdx.x; n < ROW; n += THREADS)
    {
        memory[AT_ONES + n] = 1;
    }

    __syncthreads();
    const REAL* point = memory + (LOOKS_AHEAD ? AT_POINT : AT_WEIGHTS);
    for (int step = first_step; step < first_step + steps; step++)
    {
        if (batch.enter(step, keys))
        {
            __syncthreads();
        }

        if constexpr (LOOKS_AHEAD)
        {
            each_weight<1>([&](int, int at) { memory[AT_POINT + at] = memory[at] + memory[AT_STATE + at]; });
        }

        int size = batch.size(step);
        for (int from = 0; from < size; from += SAMPLES)
        {
            int count = size - from < SAMPLES ? size - from : SAMPLES;
            for (int n = threadIdx.x; n < count; n += THREADS)
            {
                rows[n] = batch.row(step, from + n, keys);
            }

            __syncthreads();
            gather(memory, inputs, targets, count, [&](int n) { return rows[n]; });
            __syncthreads();
            forward_pass<1>(memory, point, count, [](int, int, int, REAL, REAL) {});
            for (int n = threadIdx.x; n < count; n += THREADS)
            {
                output_delta(memory + AT_OUTPUT + n, memory + AT_TARGETS + n, ROW, REAL(size));
            }

            __syncthreads();
            backward_and_update<LAYERS>(
                memory,
                point,
                numbers + (((group * steps) + (step - first_step)) * NUMBERS),
                step,
                count,
                from == 0,
                from + SAMPLES >= size);
        }

#if RESCALE_WEIGHTS
        rescale<1>(memory + AT_WEIGHTS, sums);
#endif
    }

    each_weight<1>(
        [&](int flat, int at)
        {
            parameters[flat] = memory[AT_WEIGHTS + at];
            for (int k = 0; k < STATES; k++)
            {
                state[(k * PARAMETERS) + flat] = memory[AT_STATE + (k * WEIGHTS) + at];
            }
        });
}
