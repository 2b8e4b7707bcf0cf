using Microsoft.Extensions.AI;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Tests.Support;

/// <summary>An endpoint in simulated time that does what a test says with each question.</summary>
/// <param name="time">The time.</param>
/// <param name="reply">What becomes of a call: the question, and which call it is, from 1.</param>
internal sealed class ScriptedEndpoint(Simulation time, Func<string, int, Attempt> reply) : IChatClient
{
    public static Attempt Answer { get; } = new(AttemptKind.Answered)
    {
        Text = "x",
        Finish = TeacherFinish.Stop,
        PromptTokens = 10,
        CompletionTokens = 5,
    };

    public static Attempt Unreached { get; } = new(AttemptKind.Broken)
    {
        Fault = TeacherFault.Temporary,
        Message = "cannot be reached",
        IsReached = false,
    };

    /// <summary>Time of a call.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Every call: the question and when it began.</summary>
    public List<(string Question, TimeSpan At)> Calls { get; } = [];

    public int InFlight { get; private set; }

    public int MostInFlight { get; private set; }

    public static Attempt Status(int status, string body = "{}") => ChatFaults.Of(status, body);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var question = messages.Last().Text;
        Calls.Add((question, time.Now));
        MostInFlight = Math.Max(MostInFlight, ++InFlight);
        var number = Calls.Count;
        try
        {
            await Task.Delay(Latency, time, cancellationToken);
        }
        finally
        {
            InFlight--;
        }

        var attempt = reply(question, number);
        return attempt.Fault is null ? AttemptReading.ResponseOf(attempt) : throw new ChatCallException(attempt);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
