using BenchmarkDotNet.Running;

if (args is ["quick-dense"])
{
    Hesse.Benchmarks.DenseQuick.Run();
    return;
}

BenchmarkSwitcher.FromAssembly(System.Reflection.Assembly.GetExecutingAssembly()).Run(args);
