namespace Hesse.Cli;

internal static class Program
{
    private static int Main()
    {
        Console.Error.WriteLine("hesse: no verb");
        return 64;
    }
}
