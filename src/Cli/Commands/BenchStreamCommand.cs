using System.CommandLine;
using System.Globalization;
using Orca.Cli.Bench;
using Orca.Cli.Bench.Streams;
using Orca.Streams.Storage;

namespace Orca.Cli.Commands;

/// <summary><c>orca bench stream</c>: times the way from task to stored, judged trace.</summary>
internal static class BenchStreamCommand
{
    // Enough that what waits for the store fills a group while the one before is committed.
    private const int InFlightAtOnce = 128;

    private static readonly Option<int> Traces = Count("--traces", "Tasks for the teacher that answers at once.", 200_000);

    private static readonly Option<int> Bytes = Count("--bytes", "Bytes of a question and its answer together.", 1_500);

    private static readonly Option<int> InFlight = Count("--in-flight", "Requests in flight at the slow teacher.", 2_000);

    private static readonly Option<double> Latency = new("--latency")
    {
        Description = "Seconds in which the slow teacher answers, 0 to 60; 0 leaves it out. Default: 1.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 1,
        CustomParser = result => Arguments.Number<double>(result, value => value is >= 0 and <= 60, "a number of seconds from 0 to 60"),
    };

    private static readonly Option<string> Survives = new("--durability")
    {
        Description = "What a write survives before it counts: power (a loss of power, as in a run) or process (the process's end). "
            + "Default: power.",
        HelpName = "KIND",
        DefaultValueFactory = _ => "power",
        CustomParser = result =>
        {
            var text = string.Join(' ', result.Tokens);
            if (text is not ("power" or "process"))
            {
                result.AddError($"Flag --durability is '{text}'; expected power or process");
            }

            return text;
        },
    };

    private static readonly Option<string?> Folder = new("--folder")
    {
        Description = "Folder in which the stores are made, and removed afterwards. Default: the system's for temporary files.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "Also writes the rows to this file, as a JSON array.",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var command = new Command(
            "stream", "Times the way from task to stored, judged trace: with a teacher that answers at once, then with a slow one.")
        {
            Traces, Bytes, InFlight, Latency, Survives, Folder, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var figures = FiguresFile.Open(parsed.GetValue(Json));
        var durability = parsed.GetRequiredValue(Survives) == "power" ? Durability.PowerFailure : Durability.ProcessDeath;
        var rows = new List<StreamBenchRow>();
        Console.Out.WriteLine(StreamBenchRow.Header);
        foreach (var plan in PlansOf(parsed))
        {
            var folder = Path.Combine(parsed.GetValue(Folder) ?? Path.GetTempPath(), $"orca-bench-{Guid.NewGuid():N}");
            try
            {
                rows.Add(await StreamBench.RunAsync(
                    plan, Path.Combine(folder, "traces.db"), durability, TimeProvider.System, cancellationToken));
                Console.Out.WriteLine(rows[^1].ToLine());
            }
            finally
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        }

        figures?.Write(StreamBenchRow.ToJson(rows));
        var left = rows.Sum(row => row.InFlightAtEnd + row.WaitingAtEnd);
        Console.Out.WriteLine(left == 0 ? "nothing is in flight, nothing waits" : $"{left} queries, calls or writes were left at the end");
        return left == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static IEnumerable<StreamBenchPlan> PlansOf(ParseResult parsed)
    {
        var (bytes, inFlight) = (parsed.GetValue(Bytes), parsed.GetValue(InFlight));
        yield return new StreamBenchPlan
        {
            Name = "at-once",
            Traces = parsed.GetValue(Traces),
            BytesPerTrace = bytes,
            InFlight = InFlightAtOnce,
        };
        if (parsed.GetValue(Latency) is > 0 and var seconds)
        {
            // Ten rounds of the requests in flight.
            yield return new StreamBenchPlan
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{seconds}-s"),
                Traces = 10 * inFlight,
                BytesPerTrace = bytes,
                Latency = TimeSpan.FromSeconds(seconds),
                InFlight = inFlight,
            };
        }
    }

    private static Option<int> Count(string name, string description, int standard) => new(name)
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"{description} Default: {standard}."),
        HelpName = "N",
        DefaultValueFactory = _ => standard,
        CustomParser = result => Arguments.Number<int>(
            result, value => value is >= 1 and <= 100_000_000, "a whole number of at least 1"),
    };
}
