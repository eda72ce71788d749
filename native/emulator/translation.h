// Turns preprocessed CUDA C++ into C++ for the host: the qualifiers that a macro cannot express.
#pragma once
#include <string>
#include <vector>

namespace emulator {

// The text with __global__, __device__, __shared__ and __constant__ rewritten, and behind it the list of kernels and the module's entry.
// `names` are name expressions (template instances) that are listed beside every kernel that is no template.
std::string translate(const std::string& preprocessed, const std::vector<std::string>& names);

} // namespace emulator
