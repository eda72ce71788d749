// What the kernels rely on, each checked by emulator_tests.cpp against numbers worked out there.
#include "scale.cuh"

__constant__ float table[4];

// Static and dynamic shared memory, shuffles, atomics, a grid loop.
template <class T, int STRIDE>
__global__ void __launch_bounds__(128) reduce(const T* values, T* sums, int count)
{
    __shared__ T parts[4];
    extern __shared__ __align__(16) unsigned char memory[];
    T* all = reinterpret_cast<T*>(memory);
    T sum = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
    {
        sum = fma(values[i * STRIDE], T(1), sum);
    }

    all[threadIdx.x] = sum;
    for (int lanes = 16; lanes > 0; lanes /= 2)
    {
        sum += __shfl_xor_sync(0xffffffffu, sum, lanes);
    }

    if (threadIdx.x % 32 == 0)
    {
        parts[threadIdx.x / 32] = sum;
    }

    __syncthreads();
    if (threadIdx.x == 0)
    {
        T first = 0, second = 0;
        for (int i = 0; i < 4; i++)
        {
            first += parts[i];
        }

        for (int i = 0; i < 128; i++)
        {
            second += all[i];
        }

        atomicAdd(&sums[0], first);
        sums[1 + blockIdx.x] = second;
    }
}

extern "C" __global__ void constants(float* values, int count)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count)
    {
        values[i] = scale(i) + table[i & 3];
    }
}

// Votes and shuffles of the last warp of a block that is no multiple of 32, after some of its lanes have left.
extern "C" __global__ void warps(int* results)
{
    int lane = threadIdx.x;
    if (lane >= 20)
    {
        return;
    }

    results[lane] = static_cast<int>(__ballot_sync(0xffffffffu, lane % 3 == 0));
    results[20 + lane] = __shfl_down_sync(0xffffffffu, lane, 1, 4);
    results[40 + lane] = __shfl_up_sync(0xffffffffu, lane, 2);
    results[60 + lane] = __any_sync(0xffffffffu, lane == 7) + 2 * __all_sync(0xffffffffu, lane < 20);
    results[80 + lane] = __syncthreads_count(lane % 2);
}

// Neighbours through shared memory, round after round: every barrier is needed.
extern "C" __global__ void rounds(float* results, int count)
{
    __shared__ float values[64];
    values[threadIdx.x] = static_cast<float>(threadIdx.x);
    __syncthreads();
    for (int i = 0; i < count; i++)
    {
        float next = values[(threadIdx.x + 1) % 64];
        __syncthreads();
        values[threadIdx.x] = next + 1.0f;
        __syncthreads();
    }

    results[blockIdx.x * 64 + threadIdx.x] = values[threadIdx.x];
}

// a b - c with and without an explicit fma, as the host computes them.
extern "C" __global__ void fused(const float* values, float* results)
{
    results[0] = values[0] * values[1] - values[2];
    results[1] = __fmaf_rn(values[0], values[1], -values[2]);
}
