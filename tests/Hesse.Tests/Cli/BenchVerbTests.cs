using System.Text.Json.Nodes;
using Hesse.Tests.Backends.Cuda;

namespace Hesse.Tests.Cli;

public sealed class BenchVerbTests
{
    [Fact]
    public void Every_work_has_its_times()
    {
        (int code, string output, _) = CommandLine.Run("bench", "--backend", "cpu", "--quick", "--json");
        code.ShouldBe(0);
        JsonNode bench = JsonNode.Parse(output)!["bench"]!;
        bench["backend"]!.GetValue<string>().ShouldBe("cpu");
        JsonArray works = bench["works"]!.AsArray();
        works.Count.ShouldBe(10);
        foreach (JsonNode? work in works)
        {
            double[] seconds = [.. work!["seconds"]!.AsArray().Select(second => second!.GetValue<double>())];
            seconds.ShouldBe(seconds.Order());
            seconds.ShouldAllBe(second => second > 0);
            work["median"]!.GetValue<double>().ShouldBe(seconds[1]);
        }
    }

    [Fact]
    public void The_table_has_a_line_a_work()
    {
        (int code, string output, _) = CommandLine.Run("bench", "--backend", "cpu", "--quick");
        code.ShouldBe(0);
        output.ShouldContain("4 nets 50-30-30-10, batch 50, 2 updates, float32");
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(12);
    }

    [CudaFact]
    public void Peaks_of_a_device_come_first()
    {
        (int code, string output, _) = CommandLine.Run("bench", "--backend", "cuda", "--quick", "--json");
        code.ShouldBe(0);
        JsonArray works = JsonNode.Parse(output)!["bench"]!["works"]!.AsArray();
        works
            .Take(3)
            .Select(work => work!["name"]!.GetValue<string>())
            .ShouldBe(["multiply-adds from registers", "multiply-adds from registers", "copies through memory"]);
        works[3]!["share-of-peak"]!.GetValue<double>().ShouldBeGreaterThan(0);
        JsonNode spectra = works.First(work =>
            work!["name"]!.GetValue<string>().Contains("Hessians", StringComparison.Ordinal)
        )!;
        spectra["share-of-peak"]!.GetValue<double>().ShouldBeGreaterThan(0);
        spectra["share-of-copy"]!.GetValue<double>().ShouldBeGreaterThan(0);
        string[] names = [.. works.Select(work => work!["name"]!.GetValue<string>())];
        names.Count(name => name.EndsWith(" by cusolver", StringComparison.Ordinal)).ShouldBe(4);
        names.ShouldContain("1 nets 600-96-10, batch 8, 1 updates by cublas");
    }
}
