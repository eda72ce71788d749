using BenchmarkDotNet.Running;
using Hesse.Benchmarks;

if (args is ["eigen", .. string[] rest])
{
    SymmetricEigenComparison.Run(rest);
    return;
}

if (args is ["quick-dense"])
{
    Hesse.Benchmarks.DenseQuick.Run();
    return;
}

BenchmarkSwitcher.FromAssembly(System.Reflection.Assembly.GetExecutingAssembly()).Run(args);
