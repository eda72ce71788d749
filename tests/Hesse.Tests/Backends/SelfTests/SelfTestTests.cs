using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Reference;

namespace Hesse.Tests.Backends.SelfTests;

/// <summary>The self-test passes on backends that compute right, and names what one computes wrong.</summary>
[Trait("Category", "Numerical")]
public sealed class SelfTestTests
{
    [Fact]
    public void The_reference_backend_passes()
    {
        using ReferenceBackend backend = new();
        SelfTest.Run(backend).Where(result => !result.Passed).ShouldBeEmpty();
    }

    [Fact]
    public void The_processor_passes_and_is_held_against_the_reference()
    {
        using CpuBackend backend = new(2);
        List<SelfTestResult> told = [];
        IReadOnlyList<SelfTestResult> results = SelfTest.Run(backend, told.Add);
        results.Where(result => !result.Passed).ShouldBeEmpty();
        told.ShouldBe(results);
        results
            .Select(result => result.Group)
            .Distinct()
            .ShouldBe(["random numbers", "closed forms", "reference values", "reference backend"]);
        // In double and in single precision, which no exact arithmetic would reach.
        results.ShouldContain(result => result.Name == "Hessian, float64" && result.Error < 1e-12);
        results.ShouldContain(result => result.Name == "Hessian, float32" && result.Error > 1e-12);
    }

    [Fact]
    public void A_missing_or_different_number_is_an_error()
    {
        SelfTest.Error([1, 2], [1, 2]).ShouldBe(0);
        SelfTest.Error([1, 2.5], [1, 2]).ShouldBe(0.25);
        SelfTest.Error([0.1], [0.2], floor: 0.1).ShouldBe(0.5);
        SelfTest.Error([1, double.NaN], [1, 2]).ShouldBe(double.NaN);
        SelfTest.Error([double.NaN, 5], [1, 2]).ShouldBe(double.NaN);
        SelfTest.Error([1], [1, 2]).ShouldBe(double.NaN);
        new SelfTestResult("group", "name", double.NaN, 1).Passed.ShouldBeFalse();
    }
}
