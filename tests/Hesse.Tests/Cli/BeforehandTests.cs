#if !DEBUG
using System.Reflection.PortableExecutable;

namespace Hesse.Tests.Cli;

/// <summary>What starts fast only by the build: a Release build compiles the program to machine code (src/Hesse.Cli/Beforehand.targets).</summary>
public sealed class BeforehandTests
{
    [Fact]
    public void A_release_build_has_the_program_compiled_beforehand()
    {
        using PEReader program = new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "hesse.dll")));

        program.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size.ShouldBePositive();
    }
}
#endif
