using System.Net;
using System.Text.Json.Nodes;
using Hesse.Reports;
using Hesse.Stores;
using Hesse.Tests.Stores;

namespace Hesse.Tests.Reports;

public sealed class LiveReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_run_is_followed_chunk_by_chunk()
    {
        using LiveReport report = new(_folder.Root);
        report.Address.Host.ShouldBe("127.0.0.1");
        (await _client.GetStringAsync(report.Address)).ShouldContain("No chunk is finished yet");
        string empty = await Version(report);

        ResultPaths paths = SmallResult.Paths(_folder.PathOf("small"));
        ManifestRecord wanted = SmallResult.Wanted(300, SmallResult.Loss);
        SmallResult.Run(DiskFiles.Instance, paths, wanted, chunks: 1);
        File.WriteAllText(paths.Spec, SmallReport.MinimalSpec);
        string first = await Version(report);
        first.ShouldNotBe(empty);
        string page = await _client.GetStringAsync(report.Address);
        page.ShouldContain("256 of 300 replicas finished");
        page.ShouldContain($"data-version=\"{first}\"");
        page.ShouldContain("connect-src 'self'");

        SmallResult.Run(DiskFiles.Instance, paths, wanted);
        (await Version(report)).ShouldNotBe(first);
    }

    [Fact]
    public async Task Nobody_without_the_word_of_the_address_is_answered()
    {
        using LiveReport report = new(_folder.Root);
        Uri root = new(report.Address, "/");
        (await _client.GetAsync(root)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _client.GetAsync(new Uri(root, "0123456789abcdef/"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _client.GetAsync(new Uri(report.Address, "..%2f..%2fetc%2fpasswd"))).StatusCode.ShouldNotBe(
            HttpStatusCode.InternalServerError
        );
        (await _client.PostAsync(report.Address, content: null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        using HttpRequestMessage foreign = new(HttpMethod.Get, report.Address);
        foreign.Headers.Host = "example.org";
        ((int)(await _client.SendAsync(foreign)).StatusCode).ShouldBeInRange(400, 404);
    }

    [Fact]
    public void A_port_that_is_taken_is_exit_69()
    {
        using LiveReport report = new(_folder.Root);
        (int code, _, string error) = Cli.CommandLine.Run("watch", _folder.Root, "--port", $"{report.Address.Port}");
        code.ShouldBe(69);
        error.ShouldContain("cannot be used");
        Cli.CommandLine.Run("watch", _folder.PathOf("missing")).Code.ShouldBe(66);
        Cli.CommandLine.Run("watch", _folder.Root, "--port", "0").Code.ShouldBe(64);
    }

    private async Task<string> Version(LiveReport report)
    {
        string state = await _client.GetStringAsync(new Uri(report.Address, "state"));
        return JsonNode.Parse(state)!["version"]!.GetValue<string>();
    }
}
