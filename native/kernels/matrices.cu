// Matrices between assembly and eigenvalues. No net's shape enters: the host defines REAL alone.
#include "product.cuh"

// (1/N) G^T G for gradients (R,N,P), less `minuend` where there is one: M, or M - H in the place of H. Blocks: (tiles, R).
extern "C" __global__ void __launch_bounds__(PRODUCT_THREADS) second_moment(
    const REAL* gradients,
    REAL* matrices,
    int samples,
    int parameters,
    int subtract)
{
    long long replica = blockIdx.y;
    const REAL* g = gradients + (replica * samples * parameters);
    REAL* matrix = matrices + (replica * parameters * parameters);
    int across = tiles_of(parameters, PRODUCT_COLUMNS);
    int row0 = (blockIdx.x / across) * PRODUCT_ROWS;
    int column0 = (blockIdx.x % across) * PRODUCT_COLUMNS;
    auto entry = [&](int i, int n) { return g[(static_cast<long long>(n) * parameters) + i]; };
    ProductTile product;
    product.add(row0, parameters, column0, parameters, samples, entry, entry);
    product.give(
        row0,
        parameters,
        column0,
        parameters,
        [&](int row, int column, REAL sum)
        {
            REAL& place = matrix[(static_cast<long long>(row) * parameters) + column];
            REAL moment = sum / REAL(samples);
            place = subtract != 0 ? moment - place : moment;
        });
}

// Takes the mean over the samples away from gradients (R,N,P). Blocks: (pieces of P, R).
extern "C" __global__ void __launch_bounds__(128) centre_gradients(REAL* gradients, int samples, int parameters)
{
    REAL* g = gradients + (static_cast<long long>(blockIdx.y) * samples * parameters);
    for (int i = (blockIdx.x * 128) + threadIdx.x; i < parameters; i += gridDim.x * 128)
    {
        REAL mean = 0;
        for (int n = 0; n < samples; n++)
        {
            mean = mean + g[(static_cast<long long>(n) * parameters) + i];
        }

        mean = mean / REAL(samples);
        for (int n = 0; n < samples; n++)
        {
            REAL& place = g[(static_cast<long long>(n) * parameters) + i];
            place = place - mean;
        }
    }
}

// Inner products of rows, (1/N) G G^T, for centred gradients (R,N,P); matrices (R,N,N). Blocks: (tiles, R).
extern "C" __global__ void __launch_bounds__(PRODUCT_THREADS) row_products(
    const REAL* gradients,
    REAL* matrices,
    int samples,
    int parameters)
{
    long long replica = blockIdx.y;
    const REAL* g = gradients + (replica * samples * parameters);
    REAL* matrix = matrices + (replica * samples * samples);
    int across = tiles_of(samples, PRODUCT_COLUMNS);
    int row0 = (blockIdx.x / across) * PRODUCT_ROWS;
    int column0 = (blockIdx.x % across) * PRODUCT_COLUMNS;
    auto entry = [&](int n, int i) { return g[(static_cast<long long>(n) * parameters) + i]; };
    ProductTile product;
    product.add(row0, samples, column0, samples, parameters, entry, entry);
    product.give(
        row0,
        samples,
        column0,
        samples,
        [&](int row, int column, REAL sum)
        { matrix[(static_cast<long long>(row) * samples) + column] = sum / REAL(samples); });
}

// Copies diagonal blocks of `size` that begin at `first` out of matrices (R,order,order). Blocks: (pieces, R).
extern "C" __global__ void __launch_bounds__(128) diagonal_block(
    const REAL* matrices,
    REAL* blocks,
    int order,
    int first,
    int size)
{
    long long replica = blockIdx.y;
    const REAL* from = matrices + (replica * order * order);
    REAL* to = blocks + (replica * size * size);
    for (long long e = (blockIdx.x * 128ll) + threadIdx.x; e < static_cast<long long>(size) * size; e += gridDim.x * 128ll)
    {
        to[e] = from[((first + (e / size)) * order) + first + (e % size)];
    }
}

// Squares of the entries of column j above the diagonal, one chain in double, and of the diagonal entry: sums (R,order,2).
extern "C" __global__ void __launch_bounds__(128) squared_columns(const REAL* matrices, double* sums, int order)
{
    long long replica = blockIdx.y;
    const REAL* matrix = matrices + (replica * order * order);
    for (int j = (blockIdx.x * 128) + threadIdx.x; j < order; j += gridDim.x * 128)
    {
        double above = 0;
        for (int i = 0; i < j; i++)
        {
            double h = matrix[(static_cast<long long>(i) * order) + j];
            above = fused(h, h, above);
        }

        double h = matrix[(static_cast<long long>(j) * order) + j];
        sums[(((replica * order) + j) * 2)] = above;
        sums[(((replica * order) + j) * 2) + 1] = h * h;
    }
}

// sums (count) of x[row][i] y[row][i], one chain in double each, for rows of `length` numbers. x has `rows_x` rows a replica of which
// those from `first` on are taken, y has `rows_y`. Blocks: (pieces of rows_y, R).
extern "C" __global__ void __launch_bounds__(128) row_dots(
    const REAL* x,
    const REAL* y,
    double* sums,
    int length,
    int rows_x,
    int first,
    int rows_y)
{
    long long replica = blockIdx.y;
    for (int row = (blockIdx.x * 128) + threadIdx.x; row < rows_y; row += gridDim.x * 128)
    {
        const REAL* left = x + (((replica * rows_x) + first + row) * length);
        const REAL* right = y + (((replica * rows_y) + row) * length);
        double sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum = fused(static_cast<double>(left[i]), static_cast<double>(right[i]), sum);
        }

        sums[(replica * rows_y) + row] = sum;
    }
}

// sum_n weights[k][n] rows[n], one chain in double each: rows (R,N,P), weights (R,count,N), combinations (R,count,P). Blocks: (pieces of
// count P, R).
extern "C" __global__ void __launch_bounds__(128) combined_rows(
    const REAL* rows,
    const double* weights,
    double* combinations,
    int samples,
    int length,
    int count)
{
    long long replica = blockIdx.y;
    const REAL* own = rows + (replica * samples * length);
    for (long long e = (blockIdx.x * 128ll) + threadIdx.x; e < static_cast<long long>(count) * length; e += gridDim.x * 128ll)
    {
        const double* weight = weights + (((replica * count) + (e / length)) * samples);
        double sum = 0;
        for (int n = 0; n < samples; n++)
        {
            sum = fused(static_cast<double>(own[(static_cast<long long>(n) * length) + (e % length)]), weight[n], sum);
        }

        combinations[(replica * count * length) + e] = sum;
    }
}
