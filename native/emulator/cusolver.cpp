// A stand-in for cuSOLVER: the entry points that Hesse calls, with naive arithmetic on the host, for tests of the binding. It reads the
// triangle that it is told to read, fills the work spaces that it asked for, destroys the matrices, and holds callers to the limits of
// the real one.
#include "api.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace {

enum Status { success = 0, not_initialized = 1, invalid_value = 3, not_supported = 9 };
enum { no_vectors = 0, lower = 0, upper = 1, real_32 = 0, real_64 = 1 };

struct Handle {
    int mark = 0x50171e;
};

struct Parameters {
    int mark = 0x9a4a;
};

bool sound(const Handle* handle, const Parameters* parameters) { return handle != nullptr && handle->mark == 0x50171e && parameters != nullptr && parameters->mark == 0x9a4a; }

// Bytes of the work spaces; odd on purpose.
size_t device_bytes(int64_t n, int64_t batch) { return static_cast<size_t>(24 * n * batch + 13); }
size_t host_bytes(int64_t n) { return static_cast<size_t>(8 * n + 5); }

Status check(const Handle* handle, const Parameters* parameters, int mode, int triangle, int64_t n, int type, int64_t leading, int value_type, int compute_type, int64_t batch) {
    if (!sound(handle, parameters)) {
        return not_initialized;
    }
    bool valid = mode == no_vectors && (triangle == lower || triangle == upper) && (type == real_32 || type == real_64) && value_type == type && compute_type == type && n > 0 && leading >= n && batch > 0;
    if (!valid) {
        return invalid_value;
    }
    return n * leading * batch > std::numeric_limits<int32_t>::max() ? invalid_value : success;
}

// Cyclic Jacobi rotations until nothing is left beside the diagonal.
void eigenvalues(std::vector<double>& a, int64_t n, double* values) {
    for (int sweep = 0; sweep < 60; sweep++) {
        double off = 0, all = 0;
        for (int64_t i = 0; i < n; i++) {
            for (int64_t j = 0; j < n; j++) {
                all += a[i * n + j] * a[i * n + j];
                off += i != j ? a[i * n + j] * a[i * n + j] : 0;
            }
        }
        if (off <= 1e-34 * all) {
            break;
        }
        for (int64_t p = 0; p < n; p++) {
            for (int64_t q = p + 1; q < n; q++) {
                if (a[p * n + q] == 0) {
                    continue;
                }
                double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
                double t = (theta >= 0 ? 1 : -1) / (std::fabs(theta) + std::sqrt(theta * theta + 1)), c = 1 / std::sqrt(t * t + 1), s = t * c;
                for (int64_t k = 0; k < n; k++) {
                    double left = a[k * n + p], right = a[k * n + q];
                    a[k * n + p] = c * left - s * right;
                    a[k * n + q] = s * left + c * right;
                }
                for (int64_t k = 0; k < n; k++) {
                    double left = a[p * n + k], right = a[q * n + k];
                    a[p * n + k] = c * left - s * right;
                    a[q * n + k] = s * left + c * right;
                }
            }
        }
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t place = i;
        for (; place > 0 && values[place - 1] > a[i * n + i]; place--) {
            values[place] = values[place - 1];
        }
        values[place] = a[i * n + i];
    }
}

template <class Real>
void solve(Real* matrices, int64_t n, int64_t leading, int triangle, Real* values, int64_t batch) {
    for (int64_t b = 0; b < batch; b++) {
        Real* matrix = matrices + b * leading * n;
        std::vector<double> whole(static_cast<size_t>(n * n)), found(static_cast<size_t>(n));
        // Columns are contiguous: entry (i, j) lies at i + j leading.
        for (int64_t j = 0; j < n; j++) {
            for (int64_t i = 0; i < n; i++) {
                bool given = triangle == lower ? i >= j : i <= j;
                whole[i * n + j] = given ? matrix[i + j * leading] : matrix[j + i * leading];
            }
        }
        eigenvalues(whole, n, found.data());
        for (int64_t i = 0; i < n; i++) {
            values[b * n + i] = static_cast<Real>(found[static_cast<size_t>(i)]);
        }
        std::memset(matrix, 0xFF, static_cast<size_t>(leading * n) * sizeof(Real));
    }
}

} // namespace

EMULATOR_EXPORT int cusolverGetVersion(int* version) {
    *version = 11701;
    return success;
}

EMULATOR_EXPORT int cusolverDnCreate(Handle** handle) {
    *handle = new Handle();
    return success;
}

EMULATOR_EXPORT int cusolverDnDestroy(Handle* handle) {
    handle->mark = 0;
    delete handle;
    return success;
}

EMULATOR_EXPORT int cusolverDnCreateParams(Parameters** parameters) {
    *parameters = new Parameters();
    return success;
}

EMULATOR_EXPORT int cusolverDnDestroyParams(Parameters* parameters) {
    parameters->mark = 0;
    delete parameters;
    return success;
}

EMULATOR_EXPORT int cusolverDnXsyevBatched_bufferSize(
    Handle* handle, Parameters* parameters, int mode, int triangle, int64_t n, int type, const void*, int64_t leading, int value_type, const void*, int compute_type, size_t* on_device, size_t* on_host, int64_t batch) {
    *on_device = device_bytes(n, batch);
    *on_host = host_bytes(n);
    return check(handle, parameters, mode, triangle, n, type, leading, value_type, compute_type, batch);
}

EMULATOR_EXPORT int cusolverDnXsyevBatched(Handle* handle, Parameters* parameters, int mode, int triangle, int64_t n, int type, void* matrices, int64_t leading, int value_type, void* values, int compute_type,
                                           void* device_space, size_t on_device, void* host_space, size_t on_host, int* info, int64_t batch) {
    if (Status status = check(handle, parameters, mode, triangle, n, type, leading, value_type, compute_type, batch); status != success) {
        return status;
    }
    if (on_device < device_bytes(n, batch) || on_host < host_bytes(n) || device_space == nullptr || host_space == nullptr) {
        return invalid_value;
    }
    std::memset(device_space, 0xFF, on_device);
    std::memset(host_space, 0xFF, on_host);
    if (type == real_32) {
        solve(static_cast<float*>(matrices), n, leading, triangle, static_cast<float*>(values), batch);
    } else {
        solve(static_cast<double*>(matrices), n, leading, triangle, static_cast<double*>(values), batch);
    }
    for (int64_t b = 0; b < batch; b++) {
        info[b] = 0;
    }
    return success;
}
