// Tests of the emulator through its entry points: `emulator_tests FOLDER`, the folder of the libraries, the replay program and these kernels.
// Ends with the line "N passed, N failed".
#include "../api.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

using nvrtcProgram = struct _nvrtcProgram*;

extern "C" {
CUresult cuInit(unsigned);
CUresult cuDevicePrimaryCtxRetain(CUcontext*, CUdevice);
CUresult cuCtxSetCurrent(CUcontext);
CUresult cuCtxSynchronize();
CUresult cuMemGetInfo_v2(size_t*, size_t*);
CUresult cuMemAlloc_v2(CUdeviceptr*, size_t);
CUresult cuMemFree_v2(CUdeviceptr);
CUresult cuMemcpyHtoD_v2(CUdeviceptr, const void*, size_t);
CUresult cuMemcpyDtoH_v2(void*, CUdeviceptr, size_t);
CUresult cuMemsetD8_v2(CUdeviceptr, unsigned char, size_t);
CUresult cuModuleLoadData(CUmodule*, const void*);
CUresult cuModuleGetFunction(CUfunction*, CUmodule, const char*);
CUresult cuModuleGetGlobal_v2(CUdeviceptr*, size_t*, CUmodule, const char*);
CUresult cuFuncSetAttribute(CUfunction, int, int);
CUresult cuLaunchKernel(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, void**, void**);
CUresult hesseEmulatorConfigure(const char*, const char*);
CUresult hesseEmulatorRestore();
nvrtcResult nvrtcCreateProgram(nvrtcProgram*, const char*, const char*, int, const char* const*, const char* const*);
nvrtcResult nvrtcDestroyProgram(nvrtcProgram*);
nvrtcResult nvrtcAddNameExpression(nvrtcProgram, const char*);
nvrtcResult nvrtcCompileProgram(nvrtcProgram, int, const char* const*);
nvrtcResult nvrtcGetLoweredName(nvrtcProgram, const char*, const char**);
nvrtcResult nvrtcGetCUBINSize(nvrtcProgram, size_t*);
nvrtcResult nvrtcGetCUBIN(nvrtcProgram, char*);
nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram, size_t*);
nvrtcResult nvrtcGetProgramLog(nvrtcProgram, char*);
}

namespace {

namespace fs = std::filesystem;

fs::path folder, scratch;
int passed = 0, failed = 0;

void expect(bool holds, const std::string& what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

void ok(int result) { expect(result == 0, "a call gave " + std::to_string(result)); }

void test(const char* name, const std::function<void()>& body) {
    try {
        body();
        passed++;
    } catch (const std::exception& error) {
        std::printf("FAILED: %s: %s\n", name, error.what());
        failed++;
    }
    hesseEmulatorConfigure("schedule", "forward");
    hesseEmulatorConfigure("record", "");
    hesseEmulatorConfigure("fail-allocation", "0");
    hesseEmulatorConfigure("fail-launch", "0");
    hesseEmulatorConfigure("memory", "4294967296");
    hesseEmulatorRestore();
}

std::string read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

struct Program {
    CUmodule module = nullptr;
    std::string log;
    int result;

    Program(const std::string& text, const char* name_expression = nullptr, const char* option = "--gpu-architecture=sm_90") {
        nvrtcProgram program;
        const char *header = "__device__ __forceinline__ float scale(int i) { return i * 3.0f; }\n", *include = "scale.cuh";
        ok(nvrtcCreateProgram(&program, text.c_str(), "program.cu", 1, &header, &include));
        if (name_expression != nullptr) {
            ok(nvrtcAddNameExpression(program, name_expression));
        }
        result = nvrtcCompileProgram(program, 1, &option);
        size_t size = 0;
        ok(nvrtcGetProgramLogSize(program, &size));
        log.resize(size);
        ok(nvrtcGetProgramLog(program, log.data()));
        if (result == NVRTC_SUCCESS) {
            ok(nvrtcGetCUBINSize(program, &size));
            std::string image(size, '\0');
            ok(nvrtcGetCUBIN(program, image.data()));
            ok(cuModuleLoadData(&module, image.data()));
        }
        ok(nvrtcDestroyProgram(&program));
    }

    CUfunction function(const char* name) const {
        CUfunction found = nullptr;
        ok(cuModuleGetFunction(&found, module, name));
        return found;
    }
};

template <class T>
struct Buffer {
    CUdeviceptr address = 0;
    size_t count;
    explicit Buffer(size_t count) : count(count) {
        ok(cuMemAlloc_v2(&address, count * sizeof(T)));
    }
    explicit Buffer(const std::vector<T>& values) : Buffer(values.size()) { ok(cuMemcpyHtoD_v2(address, values.data(), count * sizeof(T))); }
    ~Buffer() { cuMemFree_v2(address); }
    std::vector<T> read() const {
        std::vector<T> values(count);
        ok(cuMemcpyDtoH_v2(values.data(), address, count * sizeof(T)));
        return values;
    }
};

// Launches and waits; the first error of the two.
int launch(CUfunction function, unsigned grid, unsigned block, unsigned shared, std::vector<void*> arguments) {
    int result = cuLaunchKernel(function, grid, 1, 1, block, 1, 1, shared, nullptr, arguments.data(), nullptr);
    return result != 0 ? result : cuCtxSynchronize();
}

Program& features() {
    static Program program(read(folder / "tests/features.cu"), "reduce<float, 2>");
    expect(program.result == 0, program.log);
    return program;
}

Program& planted() {
    static Program program(read(folder / "tests/planted_bugs.cu"));
    expect(program.result == 0, program.log);
    return program;
}

// Records one launch and replays it; what the replay said on both streams, and whether it was clean.
bool replays_clean(const char* name, const std::function<void()>& launches, std::string& said) {
    fs::path recorded = scratch / name, output = scratch / (std::string(name) + ".log");
    ok(hesseEmulatorConfigure("record", recorded.c_str()));
    launches();
    ok(hesseEmulatorConfigure("record", ""));
    int status = std::system(((folder / "replay").string() + " " + recorded.string() + " > " + output.string() + " 2>&1").c_str());
    said = read(output);
    return status == 0;
}

void finds(const char* kernel, const char* words, const std::function<void(CUfunction)>& launches) {
    std::string said;
    bool clean = replays_clean(kernel, [&] { launches(planted().function(kernel)); }, said);
    hesseEmulatorRestore();
    expect(!clean && said.find(words) != std::string::npos, "the replay did not say " + std::string(words) + ":\n" + said.substr(0, 2000));
}

void test_features() {
    test("shared memory, shuffles, atomics and grid loops", [] {
        std::vector<float> values(2000);
        for (size_t i = 0; i < values.size(); i++) {
            values[i] = static_cast<float>(i % 7);
        }
        float sum = 0;
        for (size_t i = 0; i < values.size(); i += 2) {
            sum += values[i];
        }
        for (const char* schedule : {"forward", "reverse", "shuffled"}) {
            ok(hesseEmulatorConfigure("schedule", schedule));
            Buffer<float> input(values), sums(std::vector<float>(5));
            int count = 1000;
            ok(launch(features().function("reduce<float, 2>"), 4, 128, 512, {&input.address, &sums.address, &count}));
            std::vector<float> result = sums.read();
            expect(result[0] == sum && result[1] + result[2] + result[3] + result[4] == sum, "wrong sum under " + std::string(schedule));
        }
    });
    test("constants reach every host thread", [] {
        CUdeviceptr address;
        size_t size;
        ok(cuModuleGetGlobal_v2(&address, &size, features().module, "table"));
        expect(size == 16, "size of the table");
        float table[] = {1, 2, 3, 4};
        ok(cuMemcpyHtoD_v2(address, table, size));
        Buffer<float> values(10000);
        int count = 10000;
        ok(launch(features().function("constants"), 100, 100, 0, {&values.address, &count}));
        std::vector<float> result = values.read();
        for (size_t i = 0; i < result.size(); i++) {
            expect(result[i] == 3.0f * static_cast<float>(i) + table[i & 3], "element " + std::to_string(i));
        }
    });
    test("warps with lanes that have left", [] {
        Buffer<int> results(100);
        ok(launch(features().function("warps"), 1, 27, 0, {&results.address}));
        std::vector<int> result = results.read();
        for (int lane = 0; lane < 20; lane++) {
            expect(result[lane] == 0x49249, "ballot");
            expect(result[20 + lane] == (lane % 4 < 3 ? lane + 1 : lane), "shuffle down within four");
            expect(result[40 + lane] == (lane >= 2 ? lane - 2 : lane), "shuffle up");
            expect(result[60 + lane] == 3, "votes");
            expect(result[80 + lane] == 10, "counting barrier");
        }
    });
    test("every schedule and number of host threads gives the same numbers", [] {
        for (const char* threads : {"1", "4"}) {
            for (const char* schedule : {"forward", "reverse", "shuffled"}) {
                ok(hesseEmulatorConfigure("schedule", schedule));
                ok(hesseEmulatorConfigure("threads", threads));
                Buffer<float> results(640);
                int count = 100;
                ok(launch(features().function("rounds"), 10, 64, 0, {&results.address, &count}));
                std::vector<float> result = results.read();
                for (size_t i = 0; i < result.size(); i++) {
                    expect(result[i] == static_cast<float>((i + 100) % 64 + 100), "element " + std::to_string(i));
                }
            }
        }
    });
    test("only what is written as fma is fused", [] {
        float a = 1.0f + 0x1p-12f, b = a, c = 1.0f + 0x1p-11f; // a b = c + 2^-24, half a unit above c
        Buffer<float> values(std::vector<float>{a, b, c}), results(2);
        ok(launch(features().function("fused"), 1, 1, 0, {&values.address, &results.address}));
        std::vector<float> result = results.read();
        expect(result[0] == 0.0f && result[1] == 0x1p-24f, "rounding");
    });
    test("compile errors name file and line", [] {
        Program program("extern \"C\" __global__ void wrong(float* x)\n{\n    x[0] = undeclared;\n}\n");
        expect(program.result == NVRTC_ERROR_COMPILATION && program.log.find("program.cu:3") != std::string::npos, program.log);
    });
    test("unknown options are refused", [] {
        Program program("", nullptr, "--no-such-option");
        expect(program.result == NVRTC_ERROR_INVALID_OPTION, "result " + std::to_string(program.result));
    });
}

void test_replay() {
    test("correct kernels replay clean", [] {
        std::string said;
        bool clean = replays_clean("features", [] {
            int count = 20;
            Buffer<float> rounds(640), values(std::vector<float>(1000)), sums(std::vector<float>(5));
            ok(launch(features().function("rounds"), 10, 64, 0, {&rounds.address, &count}));
            count = 500;
            ok(launch(features().function("reduce<float, 2>"), 4, 128, 512, {&values.address, &sums.address, &count}));
            ok(launch(features().function("constants"), 5, 100, 0, {&values.address, &count}));
        }, said);
        expect(clean && said.find("3 launches replayed, 0 failed") != std::string::npos, said);
    });
    auto with_results = [](unsigned grid, unsigned block, unsigned shared, size_t count) {
        return [=](CUfunction function) {
            CUdeviceptr results;
            ok(cuMemAlloc_v2(&results, count * 4));
            launch(function, grid, block, shared, {&results});
            cuMemFree_v2(results);
        };
    };
    test("static shared memory out of bounds", [&] { finds("static_shared_overflow", "global-buffer-overflow", with_results(1, 32, 0, 32)); });
    test("dynamic shared memory read out of bounds", [&] { finds("dynamic_shared_overread", "use-after-poison", with_results(1, 32, 128, 32)); });
    test("dynamic shared memory written out of bounds", [&] { finds("dynamic_shared_overflow", "use-after-poison", with_results(1, 32, 128, 32)); });
    test("global memory written out of bounds", [&] { finds("global_overflow", "heap-buffer-overflow", with_results(2, 32, 0, 60)); });
    test("global memory read out of bounds", [&] {
        finds("global_overread", "heap-buffer-overflow", [](CUfunction function) {
            Buffer<float> values(8), results(8);
            launch(function, 1, 8, 0, {&values.address, &results.address});
        });
    });
}

void test_detection() {
    auto result_of = [](const char* kernel, unsigned block, unsigned shared) {
        Buffer<float> results(64);
        return launch(planted().function(kernel), 1, block, shared, {&results.address});
    };
    test("a write beyond dynamic shared memory fails at once", [&] { expect(result_of("dynamic_shared_overflow", 32, 128) == CUDA_ERROR_ILLEGAL_ADDRESS, "result"); });
    test("a write beyond an allocation is seen when it is freed", [] {
        CUdeviceptr results;
        ok(cuMemAlloc_v2(&results, 60 * 4));
        ok(launch(planted().function("global_overflow"), 2, 32, 0, {&results}));
        expect(cuMemFree_v2(results) == CUDA_ERROR_ILLEGAL_ADDRESS, "result");
    });
    test("shared memory that nobody wrote is not a number", [] {
        Buffer<float> results(32);
        ok(launch(planted().function("unwritten_shared"), 1, 32, 0, {&results.address}));
        expect(std::isnan(results.read()[0]), "the sum is a number");
    });
    test("fresh device memory is not a number", [] { expect(std::isnan(Buffer<double>(3).read()[2]), "it is a number"); });
    test("a missing barrier shows under one of the schedules", [] {
        bool shown = false;
        for (const char* schedule : {"forward", "reverse", "shuffled"}) {
            ok(hesseEmulatorConfigure("schedule", schedule));
            Buffer<float> results(64);
            ok(launch(planted().function("missing_barrier"), 1, 64, 0, {&results.address}));
            std::vector<float> result = results.read();
            for (size_t i = 0; i < 64; i++) {
                shown |= result[i] != static_cast<float>((i + 63) % 64);
            }
        }
        expect(shown, "all results are right");
    });
    test("a barrier that not all reach", [&] { expect(result_of("divergent_barrier", 32, 0) == CUDA_ERROR_LAUNCH_FAILED, "result"); });
    test("lanes in different warp operations", [&] { expect(result_of("mixed_warp_operations", 32, 0) == CUDA_ERROR_LAUNCH_FAILED, "result"); });
    test("a failed assertion", [&] { expect(result_of("failed_assertion", 32, 0) == CUDA_ERROR_ASSERT, "result"); });
    test("more threads than __launch_bounds__", [&] { expect(result_of("bounded", 65, 0) == CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "result"); });
    test("dynamic shared memory beyond 48 KiB is to be asked for", [&] {
        expect(result_of("unwritten_shared", 32, 49153) == CUDA_ERROR_INVALID_VALUE, "not asked for");
        ok(cuFuncSetAttribute(planted().function("unwritten_shared"), 8, 227 * 1024));
        ok(result_of("unwritten_shared", 32, 49153));
        expect(cuFuncSetAttribute(planted().function("unwritten_shared"), 8, 228 * 1024) == CUDA_ERROR_INVALID_VALUE, "too much");
    });
    test("device memory ends where it is told to", [] {
        ok(hesseEmulatorConfigure("memory", "1000000"));
        size_t free = 0, total = 0;
        ok(cuMemGetInfo_v2(&free, &total));
        CUdeviceptr address;
        expect(total == 1000000 && cuMemAlloc_v2(&address, free + 1) == CUDA_ERROR_OUT_OF_MEMORY, "more than all");
        ok(cuMemAlloc_v2(&address, free));
        ok(cuMemFree_v2(address));
    });
    test("the second allocation from now fails, once", [] {
        ok(hesseEmulatorConfigure("fail-allocation", "2"));
        Buffer<float> first(1);
        CUdeviceptr second;
        expect(cuMemAlloc_v2(&second, 4) == CUDA_ERROR_OUT_OF_MEMORY, "second");
        Buffer<float> third(1);
    });
    test("a lost device stays lost", [&] {
        ok(hesseEmulatorConfigure("fail-launch", "1"));
        expect(result_of("unwritten_shared", 32, 0) == CUDA_ERROR_LAUNCH_FAILED, "launch");
        CUdeviceptr address;
        expect(cuMemAlloc_v2(&address, 4) == CUDA_ERROR_LAUNCH_FAILED, "allocation");
    });
    test("copies beyond an allocation and calls without a context are refused", [] {
        Buffer<float> values(4);
        float five[5];
        expect(cuMemcpyDtoH_v2(five, values.address, sizeof(five)) == CUDA_ERROR_INVALID_VALUE, "copy");
        ok(cuCtxSetCurrent(nullptr));
        CUdeviceptr address;
        int result = cuMemAlloc_v2(&address, 4);
        CUcontext context;
        ok(cuDevicePrimaryCtxRetain(&context, 0));
        ok(cuCtxSetCurrent(context));
        expect(result == CUDA_ERROR_INVALID_CONTEXT, "context");
    });
    test("bytes that are no module are refused", [] {
        CUmodule module;
        char text[64] = "not a module";
        expect(cuModuleLoadData(&module, text) == CUDA_ERROR_INVALID_IMAGE, "result");
    });
}

} // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: emulator_tests FOLDER\n");
        return 64;
    }
    folder = fs::absolute(arguments[1]);
    std::string name = (fs::temp_directory_path() / "hesse-emulator-tests-XXXXXX").string();
    scratch = mkdtemp(name.data()) != nullptr ? name : "";
    CUcontext context;
    if (cuInit(0) != 0 || cuDevicePrimaryCtxRetain(&context, 0) != 0 || cuCtxSetCurrent(context) != 0) {
        std::fprintf(stderr, "the emulator does not start\n");
        return 1;
    }
    test_features();
    test_replay();
    test_detection();
    fs::remove_all(scratch);
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
