using Microsoft.Extensions.Logging;

namespace Orca.Cli.Display;

/// <summary>Sends the rooms' warnings and errors to the display, as plain lines. What cannot be written is lost.</summary>
/// <param name="say">Prints a line.</param>
internal sealed class DisplayLogger(Action<string> say) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Say($"{logLevel.ToString().ToLowerInvariant()}: {formatter(state, exception)}{Cause(logLevel, exception)}");
        }
    }

    private void Say(string line)
    {
        try
        {
            say(line);
        }
        catch (IOException)
        {
            // A disk that is full is no fault of what logs, which is often in the midst of something.
        }
    }

    // What ends the process is a defect: whoever mends it needs to know where it was thrown.
    private static string Cause(LogLevel level, Exception? exception) =>
        exception is null ? "" : level == LogLevel.Critical ? $"{Environment.NewLine}{exception}" : $" ({exception.Message})";

    public void Dispose()
    {
    }
}
