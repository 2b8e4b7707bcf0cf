using Microsoft.Extensions.AI;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Tests.Support;

/// <summary>
/// An endpoint in simulated time that keeps its own books: it counts requests and tokens, prompts when they come and answers when they are
/// made, of the last 60 seconds or by an allowance that fills evenly, and turns away what is beyond; fails by chance, queues in silence where it has few slots, and charges
/// for what it made, whether the reply arrives or not.
/// </summary>
internal sealed class SimulatedEndpoint(Simulation time, Random random, EndpointOptions options) : IChatClient
{
    private readonly Queue<TimeSpan> requestsOfMinute = new();
    private readonly Queue<(TimeSpan At, int Tokens)> tokensOfMinute = new();
    private readonly Queue<TaskCompletionSource> queue = new();
    private int working;
    private int tokensUsed;
    private double requestsLeft = options.RequestsPerMinute ?? double.MaxValue;
    private double tokensLeft = options.TokensPerMinute ?? double.MaxValue;
    private TimeSpan filledAt;

    /// <summary>Mean tokens of an answer.</summary>
    public int MeanTokens { get; init; } = 300;

    /// <summary>Time of a token; an answer takes as long as it has tokens.</summary>
    public TimeSpan PerToken { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Share of calls that fail.</summary>
    public double Faults { get; init; }

    /// <summary>Calls worked on at once; more wait.</summary>
    public int Slots { get; init; } = int.MaxValue;

    /// <summary>Says 429 to everything meanwhile.</summary>
    public (TimeSpan From, TimeSpan Until) Closed { get; init; }

    /// <summary>Whether a 429 says how long to wait.</summary>
    public bool SaysRetryAfter { get; init; } = true;

    /// <summary>What is allowed fills evenly, up to a minute's worth, in place of counting the last 60 seconds.</summary>
    public bool FillsEvenly { get; init; }

    /// <summary>Says 500 to a question.</summary>
    public Func<string, TimeSpan, bool> Breaks { get; init; } = (_, _) => false;

    public int Calls { get; private set; }

    public int Throttled { get; private set; }

    public int Accepted { get; private set; }

    public int AnsweredCalls { get; private set; }

    public int Lost { get; private set; }

    public long Tokens { get; private set; }

    /// <summary>Tokens of prompts that were let in and of answers that were made.</summary>
    public long TokensUsed { get; private set; }

    public int MostWaiting { get; private set; }

    /// <summary>US dollars for answers that arrived.</summary>
    public decimal Charged { get; private set; }

    /// <summary>US dollars for replies that did not.</summary>
    public decimal ChargedForLost { get; private set; }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? chat = null, CancellationToken cancellationToken = default)
    {
        Calls++;
        var prompt = messages.Last().Text;
        var (promptTokens, answerTokens) = (prompt.Length / 4, Math.Min(
            options.MaxTokens, 1 + (int)(MeanTokens * (0.4 + (1.2 * random.NextDouble())))));
        var wait = TurnAway(promptTokens);
        if (wait is { } pause)
        {
            Throttled++;
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
            throw new ChatCallException(ChatFaults.Of(429, "slow down") with { RetryAfter = SaysRetryAfter ? pause : null });
        }

        Accepted++;
        var dice = random.NextDouble();
        var fails = dice < Faults || Breaks(prompt, time.Now);
        await WorkAsync(PerToken * (fails ? 20 : answerTokens), cancellationToken);
        Use(fails && dice >= Faults / 4 ? 0 : answerTokens);
        var price = ((promptTokens * options.PriceIn) + (answerTokens * options.PriceOut)) / 1_000_000;
        if (dice < Faults / 4)
        {
            Lost++;
            ChargedForLost += price;
            throw new ChatCallException(new Attempt(AttemptKind.Broken)
            {
                Fault = TeacherFault.Temporary,
                Message = "broke off in the middle of an answer",
                IsLost = true,
            });
        }

        if (fails)
        {
            throw new ChatCallException(ChatFaults.Of(500, "oops"));
        }

        AnsweredCalls++;
        Tokens += promptTokens + answerTokens;
        Charged += price;
        return AttemptReading.ResponseOf(new Attempt(AttemptKind.Answered)
        {
            Text = "So the answer is 7.",
            Finish = TeacherFinish.Stop,
            PromptTokens = promptTokens,
            CompletionTokens = answerTokens,
        });
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private TimeSpan? TurnAway(int tokens)
    {
        if (time.Now >= Closed.From && time.Now < Closed.Until)
        {
            return Closed.Until - time.Now;
        }

        return FillsEvenly ? TurnAwayByAllowance(tokens) : TurnAwayByLastMinute(tokens);
    }

    private TimeSpan? TurnAwayByAllowance(int tokens)
    {
        var minutes = (time.Now - filledAt).TotalMinutes;
        filledAt = time.Now;
        var (requests, most) = (options.RequestsPerMinute ?? double.MaxValue, options.TokensPerMinute ?? double.MaxValue);
        requestsLeft = Math.Min(requests, requestsLeft + (requests * minutes));
        tokensLeft = Math.Min(most, tokensLeft + (most * minutes));
        var wait = Math.Max((1 - requestsLeft) / requests, (tokens - tokensLeft) / most);
        if (wait > 0)
        {
            return TimeSpan.FromMinutes(wait);
        }

        requestsLeft--;
        Use(tokens);
        return null;
    }

    private TimeSpan? TurnAwayByLastMinute(int tokens)
    {
        var minuteAgo = time.Now - TimeSpan.FromMinutes(1);
        while (requestsOfMinute.TryPeek(out var oldest) && oldest <= minuteAgo)
        {
            requestsOfMinute.Dequeue();
        }

        while (tokensOfMinute.TryPeek(out var oldest) && oldest.At <= minuteAgo)
        {
            tokensUsed -= tokensOfMinute.Dequeue().Tokens;
        }

        if (requestsOfMinute.Count + 1 > (options.RequestsPerMinute ?? double.MaxValue))
        {
            return requestsOfMinute.Peek() - minuteAgo;
        }

        if (tokensUsed + tokens > (options.TokensPerMinute ?? double.MaxValue))
        {
            return tokensOfMinute.Peek().At - minuteAgo;
        }

        requestsOfMinute.Enqueue(time.Now);
        Use(tokens);
        return null;
    }

    private void Use(int tokens)
    {
        tokensLeft -= tokens;
        tokensUsed += tokens;
        TokensUsed += tokens;
        tokensOfMinute.Enqueue((time.Now, tokens));
    }

    private async Task WorkAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        if (working >= Slots)
        {
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Enqueue(turn);
            MostWaiting = Math.Max(MostWaiting, queue.Count);
            await turn.Task;
            working--;
        }

        working++;
        try
        {
            await Task.Delay(duration, time, cancellationToken);
        }
        finally
        {
            if (queue.TryDequeue(out var next))
            {
                next.SetResult();
            }
            else
            {
                working--;
            }
        }
    }
}
