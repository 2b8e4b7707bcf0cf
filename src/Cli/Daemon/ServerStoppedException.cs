namespace Orca.Cli.Daemon;

/// <summary>A server has broken, so the process that was to serve ends; the message is one sentence.</summary>
internal sealed class ServerStoppedException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>For what broke the server.</summary>
    public static ServerStoppedException Of(Exception fault) => new(
        $"The server has stopped and serves nothing any more: {fault.Message.ReplaceLineEndings(" ").TrimEnd('.')}; start it again, and "
            + "report what its log says.",
        fault);
}
