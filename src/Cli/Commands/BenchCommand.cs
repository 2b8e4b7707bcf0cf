using System.CommandLine;

namespace Orca.Cli.Commands;

/// <summary><c>orca bench</c>: measures.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measures how fast a student answers and learns, and traces are stored.")
    {
        BenchEngineCommand.Create(), BenchServeCommand.Create(), BenchStreamCommand.Create(), BenchTrainCommand.Create(),
    };
}
