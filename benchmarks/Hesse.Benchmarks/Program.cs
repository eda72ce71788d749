using System.Reflection;
using BenchmarkDotNet.Running;
using Hesse.Benchmarks;

// short [training [words]|dense|eigen ...|lanes ...|stages ...|eigenpairs|products|store [main|sweep]|scale [tables]|plan [names]|memory [names]|
// startup PROGRAM ...|profile [works]]: medians, shares of peak, ratios to OpenBLAS, cost curves and the planner's word against runs, measured in turns. Without a name all
// but the last five, with the name all everything but start-up, which needs the program's place,
// and profiles, which need Linux' perf.
// peer WORK FOLDER: our side of benchmarks/peers/compare.py.
// Anything else goes to BenchmarkDotNet, for instance --filter '*TrainingStep*', or --filter '*' for everything.
try
{
    switch (args)
    {
        case ["short"]:
        case ["short", "all"]:
            TrainingShort.Run([]);
            DenseShort.Run();
            SymmetricEigenComparison.Run([]);
            SymmetricEigenComparison.RunLanes([]);
            StagesShort.Run([]);
            EigenpairsShort.Run();
            ProductsShort.Run();
            StoreShort.Run([]);
            if (args.Length > 1)
            {
                ScaleShort.Run([]);
                PlanShort.Run([]);
                MemoryShort.Run([]);
            }

            break;
        case ["short", "store", .. string[] jobs]:
            StoreShort.Run(jobs);
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
        case ["short", "stages", .. string[] orders]:
            StagesShort.Run(orders);
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
        case ["short", "startup", .. string[] programs]:
            StartupShort.Run(programs);
            break;
        case ["short", "memory", .. string[] names]:
            MemoryShort.Run(names);
            break;
        case [MemoryShort.Child, string file]:
            MemoryShort.PrintGrowth(file);
            break;
        case ["short", "profile", .. string[] works]:
            ProfileShort.Run(works);
            break;
        case [ProfileShort.Child, string work]:
            ProfileShort.Loop(work);
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
        case ["short", .. string[] words]:
            throw new UnknownWordException(
                $"no such part: {string.Join(' ', words)}; see benchmarks/Hesse.Benchmarks/README.md"
            );
        default:
            BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, RateColumns.Config);
            break;
    }
}
catch (UnknownWordException wrong)
{
    Console.Error.WriteLine($"benchmarks: {wrong.Message}");
    return 64;
}

return 0;
