// NVRTC's entry points. The "cubin" is a shared object for the host.
#include "api.h"
#include "compiler.h"

#include <cstring>
#include <memory>

struct _nvrtcProgram {
    emulator::Source source;
    emulator::Compiled compiled;
    bool done = false;
};
using nvrtcProgram = _nvrtcProgram*;

namespace {

const int architectures[] = {80, 86, 89, 90};

// Takes an option of NVRTC apart: those that reach g++ are kept, those that mean nothing here pass.
bool take_option(const std::string& option, std::vector<std::string>& definitions) {
    auto begins = [&](const char* prefix) { return option.compare(0, std::strlen(prefix), prefix) == 0; };
    auto value = [&] { return option.substr(option.find('=') + 1); };
    if (begins("-D") || begins("-U") || begins("-I")) {
        definitions.push_back(option);
        return option.size() > 2;
    }
    if (begins("--define-macro=") || begins("--undefine-macro=") || begins("--include-path=")) {
        definitions.push_back((begins("--d") ? "-D" : begins("--u") ? "-U" : "-I") + value());
        return true;
    }
    if (begins("--gpu-architecture=") || begins("-arch=")) {
        std::string name = value();
        for (int architecture : architectures) {
            for (const char* kind : {"sm_", "compute_"}) {
                if (name == kind + std::to_string(architecture) || name == kind + std::to_string(architecture) + "a") {
                    definitions.push_back("-D__CUDA_ARCH__=" + std::to_string(architecture * 10));
                    return true;
                }
            }
        }
        return false;
    }
    for (const char* prefix : {"-std=", "--std=", "--fmad=", "-fmad=", "--use_fast_math=", "--ftz=", "-ftz=", "--prec-div=", "-prec-div=", "--prec-sqrt=", "-prec-sqrt=", "--maxrregcount=", "-maxrregcount=",
             "--ptxas-options=", "--extra-device-vectorization", "--restrict", "-restrict", "--device-as-default-execution-space", "-default-device", "--generate-line-info", "-lineinfo",
             "--device-debug", "-G", "--disable-warnings", "-w", "--display-error-number", "--diag-suppress=", "--split-compile=", "--minimal", "--dopt="}) {
        if (begins(prefix)) {
            return true;
        }
    }
    return false;
}

nvrtcResult copy_text(const std::string& text, char* target) {
    std::memcpy(target, text.c_str(), text.size() + 1);
    return NVRTC_SUCCESS;
}

} // namespace

EMULATOR_EXPORT nvrtcResult nvrtcVersion(int* major, int* minor) {
    *major = 12;
    *minor = 4;
    return NVRTC_SUCCESS;
}

EMULATOR_EXPORT nvrtcResult nvrtcGetNumSupportedArchs(int* count) {
    *count = static_cast<int>(sizeof(architectures) / sizeof(int));
    return NVRTC_SUCCESS;
}

EMULATOR_EXPORT nvrtcResult nvrtcGetSupportedArchs(int* target) {
    std::memcpy(target, architectures, sizeof(architectures));
    return NVRTC_SUCCESS;
}

EMULATOR_EXPORT const char* nvrtcGetErrorString(nvrtcResult result) {
    static const char* const names[] = {"NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE", "NVRTC_ERROR_INVALID_INPUT", "NVRTC_ERROR_INVALID_PROGRAM",
        "NVRTC_ERROR_INVALID_OPTION", "NVRTC_ERROR_COMPILATION", "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE", "NVRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION",
        "NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION", "NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID", "NVRTC_ERROR_INTERNAL_ERROR"};
    return result >= 0 && result <= NVRTC_ERROR_INTERNAL_ERROR ? names[result] : "NVRTC_ERROR unknown";
}

EMULATOR_EXPORT nvrtcResult nvrtcCreateProgram(nvrtcProgram* program, const char* source, const char* name, int count, const char* const* headers, const char* const* include_names) {
    if (source == nullptr || count < 0 || (count > 0 && (headers == nullptr || include_names == nullptr))) {
        return NVRTC_ERROR_INVALID_INPUT;
    }
    auto created = std::make_unique<_nvrtcProgram>();
    created->source.name = name != nullptr ? name : "";
    created->source.text = source;
    for (int i = 0; i < count; i++) {
        created->source.headers.emplace_back(include_names[i], headers[i]);
    }
    *program = created.release();
    return NVRTC_SUCCESS;
}

EMULATOR_EXPORT nvrtcResult nvrtcDestroyProgram(nvrtcProgram* program) {
    delete *program;
    *program = nullptr;
    return NVRTC_SUCCESS;
}

EMULATOR_EXPORT nvrtcResult nvrtcAddNameExpression(nvrtcProgram program, const char* expression) {
    if (program->done) {
        return NVRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION;
    }
    program->source.name_expressions.emplace_back(expression);
    return NVRTC_SUCCESS;
}

EMULATOR_EXPORT nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int count, const char* const* options) {
    program->source.definitions.clear();
    for (int i = 0; i < count; i++) {
        std::string option = options[i];
        // "-D NAME" in two words, as NVRTC takes it too.
        if ((option == "-D" || option == "-I" || option == "-U" || option == "-arch" || option == "--gpu-architecture" || option == "-std" || option == "--std") && i + 1 < count) {
            option += (option.size() == 2 ? "" : "=") + std::string(options[++i]);
        }
        if (!take_option(option, program->source.definitions)) {
            program->compiled.log = "unrecognized option " + option + "\n";
            return NVRTC_ERROR_INVALID_OPTION;
        }
    }
    program->compiled = emulator::compile(program->source);
    program->done = true;
    return program->compiled.succeeded ? NVRTC_SUCCESS : NVRTC_ERROR_COMPILATION;
}

EMULATOR_EXPORT nvrtcResult nvrtcGetLoweredName(nvrtcProgram program, const char* expression, const char** name) {
    if (!program->done || !program->compiled.succeeded) {
        return NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION;
    }
    for (const std::string& known : program->source.name_expressions) {
        if (known == expression) {
            *name = known.c_str();
            return NVRTC_SUCCESS;
        }
    }
    return NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID;
}

EMULATOR_EXPORT nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, size_t* size) {
    *size = program->compiled.image.size();
    return program->compiled.succeeded ? NVRTC_SUCCESS : NVRTC_ERROR_INVALID_PROGRAM;
}
EMULATOR_EXPORT nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, char* target) {
    std::memcpy(target, program->compiled.image.data(), program->compiled.image.size());
    return program->compiled.succeeded ? NVRTC_SUCCESS : NVRTC_ERROR_INVALID_PROGRAM;
}
EMULATOR_EXPORT nvrtcResult nvrtcGetPTXSize(nvrtcProgram program, size_t* size) { return nvrtcGetCUBINSize(program, size); }
EMULATOR_EXPORT nvrtcResult nvrtcGetPTX(nvrtcProgram program, char* target) { return nvrtcGetCUBIN(program, target); }

EMULATOR_EXPORT nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram program, size_t* size) {
    *size = program->compiled.log.size() + 1;
    return NVRTC_SUCCESS;
}
EMULATOR_EXPORT nvrtcResult nvrtcGetProgramLog(nvrtcProgram program, char* target) { return copy_text(program->compiled.log, target); }
