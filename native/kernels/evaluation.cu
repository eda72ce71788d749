// Sum of the losses and number of right answers of every replica over a data set, samples ascending. One block a replica.
#include "block.cuh"

constexpr int EVALUATION_MEMORY = AT_OWN + (2 * ROW);

// parameters (R,P); inputs (sets,N,d); targets (sets,N,TARGETS); losses (R) sums; rights (R) counts.
extern "C" __global__ void __launch_bounds__(THREADS) evaluation(
    const REAL* parameters,
    const REAL* inputs,
    const REAL* targets,
    REAL* losses,
    REAL* rights,
    REAL* buffer,
    int samples,
    int own_data)
{
    REAL* memory = block_memory(buffer, EVALUATION_MEMORY);
    long long replica = blockIdx.x;
    parameters += replica * PARAMETERS;
    inputs += own_data * replica * samples * width(0);
    targets += own_data * replica * samples * TARGETS;
    each_weight<1>([&](int flat, int at) { memory[AT_WEIGHTS + at] = parameters[flat]; });
    REAL loss = 0;
    REAL right = 0;
    for (int from = 0; from < samples; from += SAMPLES)
    {
        int count = samples - from < SAMPLES ? samples - from : SAMPLES;
        __syncthreads();
        gather(memory, inputs, targets, count, [&](int n) { return from + n; });
        __syncthreads();
        forward_pass<1>(memory, memory + AT_WEIGHTS, count, [](int, int, int, REAL, REAL) {});
        for (int n = threadIdx.x; n < count; n += THREADS)
        {
            REAL* z = memory + AT_OUTPUT + n;
            const REAL* target = memory + AT_TARGETS + n;
            memory[AT_OWN + ROW + n] = is_right(z, target, ROW) ? REAL(1) : REAL(0);
            memory[AT_OWN + n] = sample_loss(z, target, ROW);
        }

        __syncthreads();
        for (int n = 0; threadIdx.x == 0 && n < count; n++)
        {
            loss = loss + memory[AT_OWN + n];
            right = right + memory[AT_OWN + ROW + n];
        }
    }

    if (threadIdx.x == 0)
    {
        losses[blockIdx.x] = loss;
        rights[blockIdx.x] = right;
    }
}
