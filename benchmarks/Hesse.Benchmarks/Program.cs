using System.Reflection;
using BenchmarkDotNet.Running;
using Hesse.Benchmarks;

// short [training|dense|eigen ...]: medians, shares of peak and ratios to OpenBLAS within minutes, measured in turns.
// Anything else goes to BenchmarkDotNet, for instance --filter '*TrainingStep*', or --filter '*' for everything.
switch (args)
{
    case ["short"]:
        TrainingShort.Run();
        DenseShort.Run();
        SymmetricEigenComparison.Run([]);
        break;
    case ["short", "training"]:
        TrainingShort.Run();
        break;
    case ["short", "dense"]:
        DenseShort.Run();
        break;
    case ["short", "eigen", .. string[] rest]:
        SymmetricEigenComparison.Run(rest);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, RateColumns.Config);
        break;
}
