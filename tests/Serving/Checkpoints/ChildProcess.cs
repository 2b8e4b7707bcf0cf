using System.Diagnostics;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>
/// Runs one explicit test of this program in a process of its own: for what may end a process, or is measured of a whole one.
/// </summary>
internal static class ChildProcess
{
    /// <summary>Runs it.</summary>
    /// <param name="type">The test's class.</param>
    /// <param name="method">The test.</param>
    /// <param name="variables">Environment variables by which it knows what to do.</param>
    /// <returns>The exit code, 128 and more for a signal, and everything it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        Type type, string method, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "-explicit", "only", "-method", $"{type.FullName}.{method}", "-noColor" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A process that ends by a signal must not spend the time to write its memory down.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var output = process.StandardOutput.ReadToEndAsync(end.Token);
        var errors = process.StandardError.ReadToEndAsync(end.Token);
        await process.WaitForExitAsync(end.Token);
        return (process.ExitCode, await output + await errors);
    }
}
