using Hesse.Backends.Cpu;

namespace Hesse.Tests.Backends;

/// <summary>The cases of every backend, on the SIMD backend with two threads.</summary>
[Trait("Category", "Numerical")]
public sealed class CpuBackendTests() : BackendCases(() => new CpuBackend(2));
