using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Orca.Cli.Commands;

namespace Orca.Cli.Experimenting;

/// <summary>
/// Another process of this program, with a log of its own. Cancelled, it is asked to end as Ctrl-C asks, and ended where it does not.
/// </summary>
internal static class OrcaChild
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="log">File that its command line and what it says are appended to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CommandException">It failed; the message has its last words.</exception>
    public static async Task RunAsync(ImmutableArray<string> arguments, string log, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var last = "";
        await using var file = new StreamWriter(log, append: true) { AutoFlush = true };
        await file.WriteLineAsync($"$ orca {string.Join(' ', arguments.Select(Quoted))}");
        using var process = new Process { StartInfo = StartOf(arguments) };
        void Keep(string? line)
        {
            if (line is not null)
            {
                lock (file)
                {
                    last = line.Length > 0 ? line : last;
                    file.WriteLine(line);
                }
            }
        }

        process.OutputDataReceived += (_, said) => Keep(said.Data);
        process.ErrorDataReceived += (_, said) => Keep(said.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
            throw;
        }

        if (process.ExitCode != 0)
        {
            var command = string.Join(' ', arguments.TakeWhile(argument => !argument.StartsWith('-')).Take(2));
            throw new CommandException(
                $"'orca {command}' ended with {process.ExitCode}: {last.TrimEnd('.')}. Its log is '{log}'.");
        }
    }

    private static ProcessStartInfo StartOf(ImmutableArray<string> arguments)
    {
        // Started as "dotnet orca.dll", the process is dotnet and the program its first argument.
        var program = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new ProcessStartInfo(program, isHost ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [ParentWatch.Variable] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture) },
        };
    }

    private static async Task EndAsync(Process process)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await AskToEndAsync(process);
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    // The runtime knows the signal that ends a process at once and no other.
    private static async Task AskToEndAsync(Process process)
    {
        if (OperatingSystem.IsWindows())
        {
            process.Kill(entireProcessTree: true);
            return;
        }

        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:=,".Contains(letter))
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
