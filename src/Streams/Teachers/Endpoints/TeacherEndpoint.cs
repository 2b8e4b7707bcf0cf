using Microsoft.Extensions.AI;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>
/// An endpoint that teaches: any provider's chat client and what is known of it. Makes one call and tells what became of it; knows no
/// pace and no budget. Any number of calls at once.
/// </summary>
public sealed class TeacherEndpoint : IDisposable
{
    /// <summary>Name of the meter and the source that <c>gen_ai.client.*</c> comes from.</summary>
    public const string TelemetryName = "Orca.Streams.Teachers";

    private readonly IChatClient client;
    private readonly TimeProvider time;
    private readonly ChatOptions chat;

    /// <summary>An endpoint behind a client, which it owns from then on.</summary>
    /// <param name="options">What is known of it.</param>
    /// <param name="client">Who speaks to it; must not ask again by itself.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="TeacherException">A setting is out of range.</exception>
    public TeacherEndpoint(EndpointOptions options, IChatClient client, TimeProvider? time = null)
    {
        Check(options);
        (Options, this.client, this.time) = (options, client, time ?? TimeProvider.System);
        chat = OptionsOf(options);
    }

    /// <summary>What is known of it.</summary>
    public EndpointOptions Options { get; }

    /// <summary>An endpoint that speaks chat completions over HTTP, with telemetry; nothing is asked yet.</summary>
    /// <exception cref="TeacherException">A setting is out of range, or the key's variable is not set.</exception>
    public static TeacherEndpoint Open(EndpointOptions options, TimeProvider? time = null)
    {
        Check(options);
        var client = new ChatCompletionsClient(options).AsBuilder().UseOpenTelemetry(sourceName: TelemetryName).Build();
        return new TeacherEndpoint(options, client, time);
    }

    /// <summary>One call.</summary>
    internal async Task<Attempt> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var attempt = await CallAsync(MessagesOf(request), chat.Clone(), cancellationToken);
        return attempt with { Latency = time.GetElapsedTime(started) };
    }

    /// <summary>One call with messages and parameters of the caller's own.</summary>
    /// <returns>What became of it, whatever it is; it throws where it is cancelled alone.</returns>
    public Task<Attempt> AskAsync(IEnumerable<ChatMessage> messages, ChatOptions parameters, CancellationToken cancellationToken) =>
        CallAsync(messages, parameters, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task<Attempt> CallAsync(IEnumerable<ChatMessage> messages, ChatOptions parameters, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return AttemptReading.Of(await client.GetResponseAsync(messages, parameters, either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return AttemptReading.TimedOut(Options.Timeout);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return AttemptReading.Of(failure);
        }
    }

    /// <summary>What is sent besides the messages.</summary>
    internal static ChatOptions OptionsOf(EndpointOptions options) => new()
    {
        ModelId = options.Model,
        Temperature = (float)options.Temperature,
        TopP = (float)options.TopP,
        MaxOutputTokens = options.BoundsLength ? options.MaxTokens : null,
    };

    /// <summary>The messages of a request.</summary>
    internal static List<ChatMessage> MessagesOf(TeacherRequest request) => request.SentMessage is { Length: > 0 } message
        ? [new ChatMessage(ChatRole.System, message), new ChatMessage(ChatRole.User, request.SentPrompt)]
        : [new ChatMessage(ChatRole.User, request.SentPrompt)];

    private static void Check(EndpointOptions options)
    {
        if (options.Fault() is { } fault)
        {
            throw new TeacherException($"The endpoint '{options.Name}': {fault}.") { Fault = TeacherFault.Settings };
        }
    }
}
