using System.ComponentModel;
using System.Diagnostics;

namespace Orca.Tests.Shared;

/// <summary>A client written in JavaScript, run by Node. Tests that need it are skipped where it is not installed.</summary>
internal static class NodeScript
{
    /// <summary>Runs a script of the folder <c>node</c> to its end.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string script, string[] arguments, params (string Name, string Value)[] variables)
    {
        var folder = Path.Combine(Repository.Root, "tests", "EndToEnd", "node");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules")), $"'{folder}' has no node_modules; run 'npm ci' there");
        var start = new ProcessStartInfo("node", [script, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            Assert.Skip($"node does not start: {missing.Message}");
            throw;
        }
    }
}
