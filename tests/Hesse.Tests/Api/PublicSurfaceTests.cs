using System.CodeDom.Compiler;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Hesse.Tests.Api;

/// <summary>What programs that use the library may rely on.</summary>
public sealed class PublicSurfaceTests
{
    private const string Renew = "HESSE_RENEW_PUBLIC_API";

    /// <summary>
    /// A change of the surface is a change of tests/Hesse.Tests/Api/public-api.txt, seen in review. To renew the file:
    /// <c>HESSE_RENEW_PUBLIC_API=1 dotnet test -c Release tests/Hesse.Tests --filter FullyQualifiedName~PublicSurface</c>.
    /// </summary>
    [Fact]
    public void The_surface_is_the_one_on_record()
    {
        string actual = SurfaceText.Of(typeof(Experiment).Assembly);
        string file = Path.Combine(Path.GetDirectoryName(Here())!, "public-api.txt");
        if (Environment.GetEnvironmentVariable(Renew) is { Length: > 0 })
        {
            File.WriteAllText(file, actual);
        }

        actual.ShouldBe(
            File.ReadAllText(file),
            $"the public surface has changed; if that is meant, run this test once with {Renew}=1 and review the difference"
        );
    }

    /// <summary>
    /// Engines in one process share nothing that either could change. What is left are the handles of NVIDIA's libraries, which the
    /// process loads once, whoever asks, and the count of bytes in native memory, which measurements of memory alone read.
    /// </summary>
    [Fact]
    public void No_type_has_a_static_that_is_set()
    {
        const BindingFlags Statics =
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        string[] settable =
        [
            .. typeof(Experiment)
                .Assembly.GetTypes()
                .Where(type =>
                    type != typeof(Hesse.Backends.Cuda.CudaLibraries)
                    && type != typeof(Hesse.Backends.Cpu.AlignedMemory)
                    && type.Namespace?.StartsWith("Hesse", StringComparison.Ordinal) == true
                    && !IsGenerated(type)
                )
                .SelectMany(type => type.GetFields(Statics))
                .Where(field => !field.IsLiteral && !field.IsInitOnly && !IsGenerated(field))
                .Select(field => $"{field.DeclaringType!.Name}.{field.Name}")
                .Order(StringComparer.Ordinal),
        ];
        settable.ShouldBeEmpty();
    }

    // Caches of lambdas and of serializers, which the compiler writes.
    private static bool IsGenerated(MemberInfo one) =>
        one.Name.Contains('<', StringComparison.Ordinal)
        || one.IsDefined(typeof(CompilerGeneratedAttribute))
        || one.IsDefined(typeof(GeneratedCodeAttribute));

    private static string Here([CallerFilePath] string path = "") => path;
}
