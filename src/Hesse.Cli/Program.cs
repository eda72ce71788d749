using CommandLine;
using Hesse.Cli.Verbs;

namespace Hesse.Cli;

/// <summary>The command line: words to settings to a verb, and every failure to one line and an exit code.</summary>
internal static class Program
{
    /// <summary>All verbs, in the order in which help lists them.</summary>
    internal static readonly Type[] Verbs =
    [
        typeof(RunVerb),
        typeof(PlanVerb),
        typeof(ProbeVerb),
        typeof(StatusVerb),
        typeof(StatsVerb),
        typeof(ReportVerb),
        typeof(WatchVerb),
        typeof(ExportVerb),
        typeof(VerifyVerb),
        typeof(MergeVerb),
        typeof(CheckDataVerb),
        typeof(InitVerb),
        typeof(DevicesVerb),
        typeof(SubmitVerb),
        typeof(SelfTestVerb),
        typeof(BenchVerb),
        typeof(SchemaVerb),
        typeof(CompletionVerb),
        typeof(DocsVerb),
    ];

    /// <summary>Runs a command with given streams.</summary>
    /// <param name="args">Words behind the program's name.</param>
    /// <param name="output">Data.</param>
    /// <param name="error">Messages.</param>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        args = args is ["help", var verb] ? [verb, "--help"] : args;
        bool debug = args.Contains("--debug", StringComparer.Ordinal);
        Messages messages = new(output, error);
        try
        {
            return (int)Parse(args, messages);
        }
        catch (HesseException failure)
        {
            messages.Failure(failure.Message);
            Trace(failure);
            return (int)failure.Code;
        }
        catch (Exception failure) when (Stores.StoreFailure.Is(failure))
        {
            HesseException told = Stores.StoreFailure.Translate(failure, "the output");
            messages.Failure(told.Message);
            Trace(failure);
            return (int)told.Code;
        }
        catch (OperationCanceledException failure)
        {
            messages.Failure("stopped early; the same command starts again");
            Trace(failure);
            return (int)ExitCode.Stopped;
        }
        catch (OutOfMemoryException failure)
        {
            messages.Failure("not enough memory; use a smaller --memory, fewer --threads or observe less");
            Trace(failure);
            return (int)ExitCode.DoesNotFit;
        }
        // The last resort: whatever else happens is a bug of ours, told in one line.
        catch (Exception failure)
        {
            string hint = debug ? string.Empty : "; run again with --debug for the stack trace";
            messages.Failure($"internal error: {failure.Message.ReplaceLineEndings(" ")}{hint}");
            Trace(failure);
            return (int)ExitCode.Bug;
        }

        void Trace(Exception failure)
        {
            if (debug)
            {
                error.WriteLine(failure);
            }
        }
    }

    private static int Main(string[] args) => Run(args, Console.Out, Console.Error);

    private static ExitCode Parse(IReadOnlyList<string> args, Messages messages)
    {
        ParserResult<object> result = Read(args);
        return result switch
        {
            Parsed<object> { Value: IVerb verb } => verb.Execute(args, messages),
            NotParsed<object> not => Help.Answer(result, [.. not.Errors], args, Verbs, messages),
            _ => throw new InvalidOperationException("the parser returned neither a verb nor errors"),
        };
    }

    /// <summary>Words to a verb with its options, or to what is wrong with them.</summary>
    internal static ParserResult<object> Read(IReadOnlyList<string> args)
    {
        using Parser parser = new(settings =>
        {
            settings.HelpWriter = null;
            settings.CaseSensitive = true;
            // A word behind an option that takes a value is its value, whatever it begins with.
            settings.GetoptMode = true;
        });
        return parser.ParseArguments(Words.Check(SpecOverrides.Join(args), Verbs), Verbs);
    }
}
