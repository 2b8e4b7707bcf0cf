using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>The built command, run as a process of its own.</summary>
internal sealed class OrcaProcess : IAsyncDisposable
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    /// <summary>Path of the built command.</summary>
    public static readonly string Program = Path.Combine(Repository.Root, "src", "Cli", "bin", Configuration, "net10.0", "orca.dll");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly MemoryStream _outputBytes = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private OrcaProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(Read(process.StandardOutput, _output, _outputBytes), Read(process.StandardError, _errors, Stream.Null));
    }

    /// <summary>Everything written to standard output so far, one item a line.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>Everything written to standard error so far, one item a line.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>Starts the command in a folder, with nothing of this process's settings.</summary>
    public static OrcaProcess Start(string folder, params string[] arguments) => new(Launch(folder, arguments, []));

    private static Process Launch(
        string folder, string[] arguments, (string Name, string Value)[] variables, params string[] before)
    {
        string[] command = [.. before, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };

        // Other tests have the cores too: spinning for them would slow all of them down.
        start.Environment["OMP_NUM_THREADS"] = "1";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs the command to its end.</summary>
    public static async Task<Ended> RunAsync(string folder, params string[] arguments) => await RunAsync(folder, "", arguments);

    /// <summary>Runs the command to its end with a text on its standard input, and with further environment variables.</summary>
    public static async Task<Ended> RunAsync(
        string folder, string input, string[] arguments, params (string Name, string Value)[] variables)
    {
        await using var orca = new OrcaProcess(Launch(folder, arguments, variables));
        await orca._process.StandardInput.WriteAsync(input);
        orca._process.StandardInput.Close();
        return await orca.EndAsync();
    }

    /// <summary>
    /// Runs the command to its end where no file may be longer than so many KiB: a write beyond fails as on a full disk.
    /// </summary>
    public static async Task<Ended> RunLimitedAsync(string folder, int kibibytes, params string[] arguments)
    {
        // The runtime's own code lies in a file in memory, which would be too long, unless it may be written where it runs.
        await using var orca = new OrcaProcess(Launch(
            folder, arguments, [("DOTNET_EnableWriteXorExecute", "0")],
            "bash", "-c", FormattableString.Invariant($"trap '' XFSZ; ulimit -f {kibibytes}; exec \"$@\""), "bash"));
        orca._process.StandardInput.Close();
        return await orca.EndAsync();
    }

    /// <summary>Writes a line to standard input.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for the end.</summary>
    public async Task<Ended> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            await _reading;
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The command did not end in time; it wrote:\n{Transcript()}");
        }

        return new Ended(_process.ExitCode, string.Join('\n', _output), string.Join('\n', _errors), _outputBytes.ToArray());
    }

    /// <summary>Waits for a line of standard output.</summary>
    /// <returns>The first line that holds the text.</returns>
    public async Task<string> LineAsync(string text)
    {
        var started = Stopwatch.StartNew();
        while (started.Elapsed < Patience)
        {
            if (_output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }

            if (_process.HasExited && _reading.IsCompleted)
            {
                break;
            }

            await Task.Delay(20);
        }

        throw new TimeoutException($"No line with '{text}' came; the command wrote:\n{Transcript()}");
    }

    /// <summary>Sends a signal, such as <c>INT</c> or <c>KILL</c>, once or several times in a row.</summary>
    public void Signal(string name, int times = 1)
    {
        var id = _process.Id.ToString(CultureInfo.InvariantCulture);
        using var kill = Process.Start("kill", [$"-{name}", .. Enumerable.Repeat(id, times)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        await _reading;
        _process.Dispose();
    }

    private string Transcript() => string.Join('\n', _output.Concat(_errors));

    // Bytes are kept as they came; lines are taken out of them as they are completed.
    private static async Task Read(StreamReader reader, ConcurrentQueue<string> lines, Stream copy)
    {
        using var line = new MemoryStream();
        var buffer = new byte[4096];
        for (int read; (read = await reader.BaseStream.ReadAsync(buffer)) > 0;)
        {
            copy.Write(buffer, 0, read);
            foreach (var letter in buffer.AsSpan(0, read))
            {
                if (letter == '\n')
                {
                    Take();
                }
                else
                {
                    line.WriteByte(letter);
                }
            }
        }

        if (line.Length > 0)
        {
            Take();
        }

        void Take()
        {
            lines.Enqueue(System.Text.Encoding.UTF8.GetString(line.ToArray()));
            line.SetLength(0);
        }
    }
}

/// <summary>How a command ended.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
/// <param name="OutputBytes">Its standard output, byte for byte.</param>
internal sealed record Ended(int Code, string Output, string Errors, byte[] OutputBytes)
{
    /// <summary>Asserts that it ended as a user's mistake does: code 2, one sentence, no stack trace.</summary>
    public string Mistake()
    {
        Assert.True(Code == 2, $"exit code {Code}\n{Output}\n{Errors}");
        Assert.DoesNotContain("   at ", Errors, StringComparison.Ordinal);
        return Assert.Single(Errors.Split('\n'));
    }
}
