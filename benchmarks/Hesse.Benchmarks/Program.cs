using System.Reflection;
using BenchmarkDotNet.Running;
using Hesse.Benchmarks;

// short [training|dense|eigen ...|eigenpairs|products|lanes|scale|plan|store]: medians, shares of peak and ratios to OpenBLAS within minutes, measured in turns.
// peer WORK FOLDER: our side of benchmarks/peers/compare.py.
// Anything else goes to BenchmarkDotNet, for instance --filter '*TrainingStep*', or --filter '*' for everything.
switch (args)
{
    case ["short"]:
        TrainingShort.Run([]);
        DenseShort.Run();
        SymmetricEigenComparison.Run([]);
        SymmetricEigenComparison.RunLanes([]);
        EigenpairsShort.Run();
        ProductsShort.Run();
        StoreShort.Run();
        break;
    case ["short", "store"]:
        StoreShort.Run();
        break;
    case ["short", "training", .. string[] words]:
        TrainingShort.Run(words);
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
    case ["short", "lanes", .. string[] orders]:
        SymmetricEigenComparison.RunLanes(orders);
        break;
    case ["short", "scale", .. string[] tables]:
        ScaleShort.Run(tables);
        break;
    case ["short", "plan", .. string[] names]:
        PlanShort.Run(names);
        break;
    case ["short", "products"]:
        ProductsShort.Run();
        break;
    case ["peer", string work, string folder]:
        PeerWork.Run(work, folder);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, RateColumns.Config);
        break;
}
