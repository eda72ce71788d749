// A stand-in for cuBLAS: the entry points that Hesse calls, with naive arithmetic on the host, for tests of the binding. Matrices are
// stored by columns, as the real one has them. Sums begin with their last term, so that tests can tell them from those of our kernels.
#include "api.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

enum Status { success = 0, not_initialized = 1, invalid_value = 7 };
enum Operation { as_it_is = 0, transposed = 1 };

struct Handle {
    int mark = 0xb1a5;
    // The worst that a library may do: the variable is stronger than the mode that was asked for.
    bool tf32 = std::getenv("NVIDIA_TF32_OVERRIDE") != nullptr && std::strcmp(std::getenv("NVIDIA_TF32_OVERRIDE"), "1") == 0;
};

// 10 bits behind the leading one, to nearest.
float rounded(const Handle* handle, float x) {
    if (!handle->tf32 || !std::isfinite(x)) {
        return x;
    }
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x1000) & ~0x1fffu;
    std::memcpy(&x, &bits, sizeof bits);
    return x;
}

double rounded(const Handle*, double x) { return x; }

template <class Real>
int multiply(Handle* handle, int left_operation, int right_operation, int rows, int columns, int depth, const Real* alpha, const Real* left, int left_leading, long long left_stride, const Real* right,
             int right_leading, long long right_stride, const Real* beta, Real* result, int leading, long long stride, int batch) {
    if (handle == nullptr || handle->mark != 0xb1a5) {
        return not_initialized;
    }
    bool known = (left_operation == as_it_is || left_operation == transposed) && (right_operation == as_it_is || right_operation == transposed);
    if (!known || rows < 0 || columns < 0 || depth < 0 || batch < 0 || left_leading < (left_operation == as_it_is ? rows : depth) || right_leading < (right_operation == as_it_is ? depth : columns) ||
        leading < rows) {
        return invalid_value;
    }
    for (int b = 0; b < batch; b++) {
        const Real *x = left + b * left_stride, *y = right + b * right_stride;
        Real* z = result + b * stride;
        for (int j = 0; j < columns; j++) {
            for (int i = 0; i < rows; i++) {
                Real sum = 0;
                for (int k = depth - 1; k >= 0; k--) {
                    Real from_left = left_operation == as_it_is ? x[i + static_cast<int64_t>(k) * left_leading] : x[k + static_cast<int64_t>(i) * left_leading];
                    Real from_right = right_operation == as_it_is ? y[k + static_cast<int64_t>(j) * right_leading] : y[j + static_cast<int64_t>(k) * right_leading];
                    sum = std::fma(rounded(handle, from_left), rounded(handle, from_right), sum);
                }
                Real& place = z[i + static_cast<int64_t>(j) * leading];
                // With beta = 0 what stands there is not read.
                place = *beta == 0 ? *alpha * sum : *alpha * sum + *beta * place;
            }
        }
    }
    return success;
}

} // namespace

EMULATOR_EXPORT int cublasCreate_v2(Handle** handle) {
    *handle = new Handle();
    return success;
}

EMULATOR_EXPORT int cublasDestroy_v2(Handle* handle) {
    handle->mark = 0;
    delete handle;
    return success;
}

EMULATOR_EXPORT int cublasGetVersion_v2(Handle* handle, int* version) {
    *version = 120405;
    return handle != nullptr && handle->mark == 0xb1a5 ? success : not_initialized;
}

EMULATOR_EXPORT int cublasSetMathMode(Handle* handle, int) { return handle != nullptr && handle->mark == 0xb1a5 ? success : not_initialized; }

EMULATOR_EXPORT int cublasSgemmStridedBatched(Handle* handle, int left_operation, int right_operation, int rows, int columns, int depth, const float* alpha, const float* left, int left_leading, long long left_stride,
                                              const float* right, int right_leading, long long right_stride, const float* beta, float* result, int leading, long long stride, int batch) {
    return multiply(handle, left_operation, right_operation, rows, columns, depth, alpha, left, left_leading, left_stride, right, right_leading, right_stride, beta, result, leading, stride, batch);
}

EMULATOR_EXPORT int cublasDgemmStridedBatched(Handle* handle, int left_operation, int right_operation, int rows, int columns, int depth, const double* alpha, const double* left, int left_leading, long long left_stride,
                                              const double* right, int right_leading, long long right_stride, const double* beta, double* result, int leading, long long stride, int batch) {
    return multiply(handle, left_operation, right_operation, rows, columns, depth, alpha, left, left_leading, left_stride, right, right_leading, right_stride, beta, result, leading, stride, batch);
}
