// One mistake a kernel, each of which the emulator or the replay must find.

// Element 32 of 32 in static shared memory.
extern "C" __global__ void static_shared_overflow(float* results)
{
    __shared__ float values[32];
    values[threadIdx.x + 1] = 1.0f;
    __syncthreads();
    results[threadIdx.x] = values[threadIdx.x];
}

// Reads one element beyond the launch's dynamic shared memory.
extern "C" __global__ void dynamic_shared_overread(float* results)
{
    extern __shared__ float memory[];
    memory[threadIdx.x] = 1.0f;
    __syncthreads();
    results[threadIdx.x] = memory[threadIdx.x + 1];
}

// Writes one element beyond it.
extern "C" __global__ void dynamic_shared_overflow(float* results)
{
    extern __shared__ float memory[];
    memory[threadIdx.x + 1] = 1.0f;
    __syncthreads();
    results[threadIdx.x] = memory[threadIdx.x];
}

// The grid is rounded up and nobody checks.
extern "C" __global__ void global_overflow(float* results)
{
    results[blockIdx.x * blockDim.x + threadIdx.x] = 1.0f;
}

extern "C" __global__ void global_overread(const float* values, float* results)
{
    results[0] = values[-1 + static_cast<int>(threadIdx.x)];
}

// Sums 32 numbers of which only 31 were written.
extern "C" __global__ void unwritten_shared(float* results)
{
    __shared__ float values[32];
    if (threadIdx.x < 31)
    {
        values[threadIdx.x] = 1.0f;
    }

    __syncthreads();
    float sum = 0.0f;
    for (int i = 0; i < 32; i++)
    {
        sum += values[i];
    }

    results[threadIdx.x] = sum;
}

// Reads what another thread writes without waiting for it.
extern "C" __global__ void missing_barrier(float* results)
{
    __shared__ float values[64];
    values[threadIdx.x] = static_cast<float>(threadIdx.x);
    results[threadIdx.x] = values[(threadIdx.x + 63) % 64];
}

// Half of the block waits at the barrier, half in a shuffle for lanes that never come.
extern "C" __global__ void divergent_barrier(float* results)
{
    float value = 1.0f;
    if (threadIdx.x < 16)
    {
        __syncthreads();
    }
    else
    {
        value = __shfl_sync(0xffffffffu, value, 0);
    }

    results[threadIdx.x] = value;
}

extern "C" __global__ void mixed_warp_operations(int* results)
{
    results[threadIdx.x] = threadIdx.x < 16 ? __shfl_sync(0xffffffffu, 1, 0) : __any_sync(0xffffffffu, 1);
}

extern "C" __global__ void failed_assertion(float* results)
{
    assert(threadIdx.x < 5);
    results[threadIdx.x] = 1.0f;
}

extern "C" __global__ void __launch_bounds__(64) bounded(float* results)
{
    results[threadIdx.x] = 1.0f;
}
