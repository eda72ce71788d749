using System.Reflection;
using BenchmarkDotNet.Running;
using Hesse.Benchmarks;

// short [training|dense|eigen ...|eigenpairs|store]: medians, shares of peak and ratios to OpenBLAS within minutes, measured in turns.
// peer WORK FOLDER: our side of benchmarks/peers/compare.py.
// Anything else goes to BenchmarkDotNet, for instance --filter '*TrainingStep*', or --filter '*' for everything.
switch (args)
{
    case ["short"]:
        TrainingShort.Run();
        DenseShort.Run();
        SymmetricEigenComparison.Run([]);
        EigenpairsShort.Run();
        StoreShort.Run();
        break;
    case ["short", "store"]:
        StoreShort.Run();
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
    case ["short", "eigenpairs"]:
        EigenpairsShort.Run();
        break;
    case ["peer", string work, string folder]:
        PeerWork.Run(work, folder);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, RateColumns.Config);
        break;
}
