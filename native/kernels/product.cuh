#include "arithmetic.cuh"
// A tile of 32 x 64 sums c[row][column] = sum_n left(row, n) right(column, n), n ascending, one chain of fused multiply-adds each. 128
// threads; both factors pass through shared memory, 16 samples at a time, and may be computed where they are read.
constexpr int PRODUCT_THREADS = 128;
constexpr int PRODUCT_ROWS = 32;
constexpr int PRODUCT_COLUMNS = 64;
constexpr int PRODUCT_DEPTH = 16;

// The shared memory of all products of a kernel: they come one after the other.
__device__ inline REAL* product_memory()
{
    __shared__ REAL memory[PRODUCT_DEPTH * (PRODUCT_ROWS + PRODUCT_COLUMNS + 2)];
    return memory;
}

struct ProductTile
{
    REAL sum[4][4] = {};

    // Goes on with `depth` more terms. left(row, n) and right(column, n) are asked for rows and columns within bounds only.
    template <class Left, class Right>
    __device__ void add(int row0, int rows, int column0, int columns, int depth, Left left, Right right)
    {
        constexpr int LEFT = PRODUCT_ROWS + 1;
        constexpr int RIGHT = PRODUCT_COLUMNS + 1;
        REAL* lefts = product_memory();
        REAL* rights = lefts + (PRODUCT_DEPTH * LEFT);
        int tx = threadIdx.x % 16;
        int ty = threadIdx.x / 16;
        for (int from = 0; from < depth; from += PRODUCT_DEPTH)
        {
            int count = depth - from < PRODUCT_DEPTH ? depth - from : PRODUCT_DEPTH;
            __syncthreads();
            for (int e = threadIdx.x; e < PRODUCT_ROWS * PRODUCT_DEPTH; e += PRODUCT_THREADS)
            {
                int row = row0 + (e / PRODUCT_DEPTH);
                int n = e % PRODUCT_DEPTH;
                lefts[(n * LEFT) + (e / PRODUCT_DEPTH)] = row < rows && n < count ? left(row, from + n) : REAL(0);
            }

            for (int e = threadIdx.x; e < PRODUCT_COLUMNS * PRODUCT_DEPTH; e += PRODUCT_THREADS)
            {
                int column = column0 + (e / PRODUCT_DEPTH);
                int n = e % PRODUCT_DEPTH;
                rights[(n * RIGHT) + (e / PRODUCT_DEPTH)] = column < columns && n < count ? right(column, from + n) : REAL(0);
            }

            __syncthreads();
            for (int n = 0; n < count; n++)
            {
                REAL x[4], y[4];
#pragma unroll
                for (int k = 0; k < 4; k++)
                {
                    x[k] = lefts[(n * LEFT) + ty + (8 * k)];
                    y[k] = rights[(n * RIGHT) + tx + (16 * k)];
                }

#pragma unroll
                for (int r = 0; r < 4; r++)
                {
#pragma unroll
                    for (int c = 0; c < 4; c++)
                    {
                        sum[r][c] = fused(x[r], y[c], sum[r][c]);
                    }
                }
            }
        }
    }

    // store(row, column, sum) for what lies within bounds.
    template <class Store>
    __device__ void give(int row0, int rows, int column0, int columns, Store store)
    {
        int tx = threadIdx.x % 16;
        int ty = threadIdx.x / 16;
        for (int r = 0; r < 4; r++)
        {
            for (int c = 0; c < 4; c++)
            {
                int row = row0 + ty + (8 * r);
                int column = column0 + tx + (16 * c);
                if (row < rows && column < columns)
                {
                    store(row, column, sum[r][c]);
                }
            }
        }
    }
};

__device__ constexpr int tiles_of(int length, int tile)
{
    return (length + tile - 1) / tile;
}
