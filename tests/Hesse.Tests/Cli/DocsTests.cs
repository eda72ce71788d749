using System.Runtime.CompilerServices;

namespace Hesse.Tests.Cli;

/// <summary>Pages that are made from the program are what the program would make; `dotnet cake --target=Docs` makes them again.</summary>
public sealed class DocsTests
{
    private const string Marker = "<!-- made by dotnet cake --target=Docs -->\n";

    [Fact]
    public void The_page_of_keys_and_quantities_is_up_to_date() =>
        File.ReadAllText(Path.Combine(Docs(), "spec.md")).ShouldBe(CommandLine.Run("docs", "spec").Output);

    [Fact]
    public void The_options_on_the_command_line_page_are_up_to_date() =>
        File.ReadAllText(Path.Combine(Docs(), "cli.md"))
            .Split(Marker)[^1]
            .ShouldBe(CommandLine.Run("docs", "options").Output);

    [Fact]
    public void The_quantities_on_the_results_page_are_up_to_date() =>
        File.ReadAllText(Path.Combine(Docs(), "results.md"))
            .Split("<!-- quantities: made by dotnet cake --target=Docs -->\n")[^1]
            .Split("<!-- end of quantities -->\n")[0]
            .ShouldBe(CommandLine.Run("docs", "results").Output);

    private static string Docs([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../../docs"));
}
