using System.Reflection;
using BenchmarkDotNet.Running;
using Hesse.Benchmarks;

// short [training [words]|dense|eigen ...|lanes ...|eigenpairs|products|store|scale [tables]|plan [names]]: medians, shares of peak, ratios to OpenBLAS,
// cost curves and the planner's word against runs, measured in turns. Without a name all but the last two, with the name all everything.
// peer WORK FOLDER: our side of benchmarks/peers/compare.py.
// Anything else goes to BenchmarkDotNet, for instance --filter '*TrainingStep*', or --filter '*' for everything.
switch (args)
{
    case ["short"]:
    case ["short", "all"]:
        TrainingShort.Run([]);
        DenseShort.Run();
        SymmetricEigenComparison.Run([]);
        SymmetricEigenComparison.RunLanes([]);
        EigenpairsShort.Run();
        ProductsShort.Run();
        StoreShort.Run();
        if (args.Length > 1)
        {
            ScaleShort.Run([]);
            PlanShort.Run([]);
        }

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
