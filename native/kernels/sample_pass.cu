// Forward and backward pass of all samples: fills the factors (factors.cuh) of every replica, and its logits where they are wanted.
#include "factors.cuh"

template <int L1>
__device__ inline void keep_backward(REAL* memory, const Factors& factors, int from, int count)
{
    if constexpr (L1 > 1)
    {
        backward_step<L1>(
            memory,
            memory + AT_WEIGHTS,
            count,
            [&](int j, int n, REAL back, REAL, REAL delta)
            {
                factors.at(back_rows(L1 - 1) + j, from + n) = back;
                factors.at(delta_rows(L1 - 1) + j, from + n) = delta;
            });
        __syncthreads();
        keep_backward<L1 - 1>(memory, factors, from, count);
    }
}

// parameters (R,P); inputs (sets,N,d); targets (sets,N,TARGETS); factors (R,FACTOR_ROWS,N) or none; logits (R,N,C) or none; deltas are
// divided by `divisor`. Blocks: (pieces of the samples, R).
extern "C" __global__ void __launch_bounds__(THREADS) sample_pass(
    const REAL* parameters,
    const REAL* inputs,
    const REAL* targets,
    REAL* all_factors,
    REAL* logits,
    REAL* buffer,
    int samples,
    int own_data,
    int divisor)
{
    REAL* memory = block_memory(buffer, AT_OWN);
    long long replica = blockIdx.y;
    parameters += replica * PARAMETERS;
    inputs += own_data * replica * samples * width(0);
    targets += own_data * replica * samples * TARGETS;
    each_weight<1>([&](int flat, int at) { memory[AT_WEIGHTS + at] = parameters[flat]; });
    Factors factors = factors_of(all_factors, samples, replica);
    for (int from = blockIdx.x * SAMPLES; from < samples; from += gridDim.x * SAMPLES)
    {
        int count = samples - from < SAMPLES ? samples - from : SAMPLES;
        __syncthreads();
        gather(memory, inputs, targets, count, [&](int n) { return from + n; });
        __syncthreads();
        for (int e = threadIdx.x; all_factors != nullptr && e < count * width(0); e += THREADS)
        {
            factors.at(e / count, from + (e % count)) = memory[AT_INPUTS + ((e / count) * ROW) + (e % count)];
        }

        forward_pass<1>(
            memory,
            memory + AT_WEIGHTS,
            count,
            [&](int l, int i, int n, REAL z, REAL a)
            {
                if (all_factors != nullptr)
                {
                    int hidden = units(1, l - 1) + i;
                    factors.at(width(0) + hidden, from + n) = a;
                    factors.at(slope_rows(1) + hidden, from + n) = activation_slope(z, a);
                    factors.at(bend_rows(1) + hidden, from + n) = activation_bend(z, a);
                }
            });
        for (int e = threadIdx.x; logits != nullptr && e < count * OUTPUTS; e += THREADS)
        {
            int n = e / OUTPUTS;
            logits[(((replica * samples) + from + n) * OUTPUTS) + (e % OUTPUTS)] =
                memory[AT_OUTPUT + ((e % OUTPUTS) * ROW) + n];
        }

        if (all_factors == nullptr)
        {
            continue;
        }

        __syncthreads();
        for (int n = threadIdx.x; n < count; n += THREADS)
        {
            keep_output(memory + AT_OUTPUT + n, memory + AT_TARGETS + n, ROW, factors, from + n, REAL(divisor));
        }

        __syncthreads();
        keep_backward<LAYERS>(memory, factors, from, count);
    }
}
