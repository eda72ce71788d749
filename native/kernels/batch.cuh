#include "random.cuh"
// The mini-batches of a replica. The host defines BATCH (the largest), BATCH_ORDER and THREADS.

// Which rows a step takes: place b of the batch of step t.
struct Batch
{
    unsigned long long seed;
    Domain domain;
    unsigned int replica;
    int per_epoch;
    int epoch;

    __device__ int size(int step) const
    {
#if BATCH_ORDER == ORDER_EPOCHS
        int left = static_cast<int>(domain.samples) - ((step % per_epoch) * BATCH);
        return left < BATCH ? left : BATCH;
#else
        return BATCH;
#endif
    }

    // The round keys of the step's epoch, by all threads; true when they changed and a barrier is due.
    __device__ bool enter(int step, unsigned int* keys)
    {
#if BATCH_ORDER == ORDER_EPOCHS
        if (step / per_epoch == epoch)
        {
            return false;
        }

        epoch = step / per_epoch;
        for (int block = threadIdx.x; block < domain.rounds / 4; block += THREADS)
        {
            Words words = philox(seed, block, epoch, replica, STREAM_BATCH_EPOCHS);
            for (int i = 0; i < 4; i++)
            {
                keys[(4 * block) + i] = words.x[i];
            }
        }

        return true;
#else
        return false;
#endif
    }

    __device__ int row(int step, int b, const unsigned int* keys) const
    {
#if BATCH_ORDER == ORDER_EPOCHS
        return row_at(domain, keys, static_cast<unsigned int>(((step % per_epoch) * BATCH) + b));
#elif BATCH_ORDER == ORDER_WITH_REPLACEMENT
        unsigned int word = philox(seed, b / 4, step, replica, STREAM_BATCH_WITH_REPLACEMENT).x[b % 4];
        return static_cast<int>((static_cast<unsigned long long>(word) * domain.samples) >> 32);
#elif BATCH_ORDER == ORDER_SEQUENTIAL
        return static_cast<int>(((static_cast<long long>(step) * BATCH) + b) % domain.samples);
#else
        return b;
#endif
    }
};
