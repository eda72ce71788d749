using Hesse.Backends.Reference;

namespace Hesse.Tests.Backends;

[Trait("Category", "Numerical")]
public sealed class ReferenceBackendTests() : BackendCases(() => new ReferenceBackend());
