using System.Diagnostics;
using Grpc.Core;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Soak;

/// <summary>Callers of every kind, good and bad. Each call of theirs checks what it was told.</summary>
internal sealed class MixedCallers(ServerFixture server, MixedLoadReport report)
{
    public const string Forward = "abcdefghijklmnopqrstuvwxyz";
    public const string Backward = "zyxwvutsrqponmlkjihgfedcba";
    public const int Context = 512;

    private const string Schema = """{"type":"object","properties":{"n":{"const":0}},"required":["n"]}""";

    /// <summary>Every kind, and how many of them call at once.</summary>
    private (string Name, int Count, Func<Random, CancellationToken, Task<bool>> Call)[] Kinds =>
    [
        ("read", 4, ReadAsync), ("score", 1, ScoreAsync), ("json", 1, JsonAsync),
        ("cancel", 2, CancelAsync), ("deadline", 1, DeadlineAsync),
        ("long prompt", 2, AttackAsync), ("stall", 2, StallAsync), ("cancel by name", 1, CancelByNameAsync),
        ("bad request", 1, BadRequestAsync),
    ];

    /// <summary>Calls until it is told to stop; ends when the last call has.</summary>
    public Task CallAsync(int seed, CancellationToken stop) => Task.WhenAll(
        from kind in Kinds
        from caller in Enumerable.Range(0, kind.Count)
        select Task.Run(
            () => RepeatAsync(kind.Name, kind.Call, new Random(HashCode.Combine(seed, kind.Name.Length, kind.Name[0], caller)), stop),
            CancellationToken.None));

    private async Task RepeatAsync(string name, Func<Random, CancellationToken, Task<bool>> call, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // A call that neither answers nor fails is a failure like any other.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                if (await call(random, patience.Token))
                {
                    report.Succeeded(name);
                }
            }
            catch (RpcException refusal) when (refusal.StatusCode == StatusCode.ResourceExhausted)
            {
                report.Refused(name);
                await Task.Delay(20, CancellationToken.None);
            }
            catch (Exception fault)
            {
                report.Failed(name, fault.Message);
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    /// <summary>Reads an answer to its end: it must be whole, of one version, and as long as was asked for.</summary>
    private async Task<bool> ReadAsync(Random random, CancellationToken patience)
    {
        var spec = ServerFixture.Greedy(maxTokens: (uint)random.Next(20, 200));
        spec.Output = new OutputOptions { Logprobs = random.Next(4) == 0 };
        spec.Sampling.SampleCount = (uint)random.Next(1, 3);
        using var call = server.Stream(spec, patience);
        var texts = new string[spec.Sampling.SampleCount];
        var (last, ends) = (0L, 0);
        await foreach (var message in call.ResponseStream.ReadAllAsync(CancellationToken.None))
        {
            if (message.Delta is { } delta)
            {
                var now = Stopwatch.GetTimestamp();
                texts[delta.SampleIndex] += delta.Text;
                if (last != 0)
                {
                    report.Gap(Stopwatch.GetElapsedTime(last, now));
                }

                last = now;
            }

            ends += message.Finished is not null ? 1 : 0;
        }

        Require(ends == texts.Length, $"{ends} of {texts.Length} samples ended");
        foreach (var text in texts)
        {
            IsOneStudents(text, (int)spec.Stopping.MaxTokens);
        }

        return true;
    }

    private async Task<bool> ScoreAsync(Random random, CancellationToken patience)
    {
        var score = await server.Inference.ScoreAsync(
            new ScoreRequest { Text = Text(random, random.Next(2, 200)) }, cancellationToken: patience);
        Require(
            score.Scores.Single().Logprobs.All(token => token.Logprob <= 0 && float.IsFinite(token.Logprob)), "a logprob is no logarithm");
        return true;
    }

    private async Task<bool> JsonAsync(Random random, CancellationToken patience)
    {
        var spec = new GenerationSpec
        {
            JsonSchema = Schema.Replace("0", $"{random.Next(100)}", StringComparison.Ordinal),
            Sampling = new SamplingParams { Seed = 1 },
        };
        var answer = await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }, cancellationToken: patience);
        Require(answer.Text.Trim().StartsWith('{') && answer.Text.Trim().EndsWith('}'), $"'{answer.Text}' is no object");
        return true;
    }

    /// <summary>Goes away at any time: before the first message, within the answer, or near its end.</summary>
    private async Task<bool> CancelAsync(Random random, CancellationToken patience)
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(patience);
        using var call = server.Stream(ServerFixture.Greedy(Text(random, random.Next(0, 300)), maxTokens: 200), leave.Token);
        leave.CancelAfter(random.Next(0, 40));
        return await EndsWithAsync(call, StatusCode.Cancelled, () => leave.IsCancellationRequested);
    }

    private async Task<bool> DeadlineAsync(Random random, CancellationToken patience)
    {
        var spec = ServerFixture.Greedy(Text(random, random.Next(0, 300)), maxTokens: 200);
        var deadline = DateTime.UtcNow.AddMilliseconds(random.Next(1, 60));
        using var call = server.Inference.StreamGenerate(
            new StreamGenerateRequest { Spec = spec }, deadline: deadline, cancellationToken: patience);
        return await EndsWithAsync(call, StatusCode.DeadlineExceeded, () => DateTime.UtcNow >= deadline);
    }

    /// <summary>Prompts that fill the context, again and again.</summary>
    private async Task<bool> AttackAsync(Random random, CancellationToken patience)
    {
        var spec = ServerFixture.Greedy(Text(random, Context - 3), maxTokens: 1);
        var answer = await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }, cancellationToken: patience);
        Require(answer.Text.Length == 1, $"'{answer.Text}' is not one letter");
        return true;
    }

    /// <summary>Stops reading, then goes away.</summary>
    private async Task<bool> StallAsync(Random random, CancellationToken patience)
    {
        using var call = server.Stream(ServerFixture.Greedy(), patience);
        await call.ResponseStream.MoveNext(patience);
        await Task.Delay(random.Next(50, 1_000), patience);
        return true;
    }

    private async Task<bool> CancelByNameAsync(Random random, CancellationToken patience)
    {
        var spec = ServerFixture.Greedy();
        spec.RequestId = $"named-{random.NextInt64()}";
        using var call = server.Stream(spec, patience);
        await call.ResponseStream.MoveNext(patience);
        await server.Inference.CancelRequestAsync(new CancelRequestRequest { RequestId = spec.RequestId }, cancellationToken: patience);
        var text = "";
        FinishReason? reason = null;
        await foreach (var message in call.ResponseStream.ReadAllAsync(patience))
        {
            text += message.Delta?.Text;
            reason ??= message.Finished?.Reason;
        }

        Require(reason is FinishReason.Cancelled or FinishReason.Length, $"it ended by {reason}");
        IsOneStudents(text, text.Length);
        return true;
    }

    private async Task<bool> BadRequestAsync(Random random, CancellationToken patience)
    {
        var spec = ServerFixture.Greedy(Text(random, Context + random.Next(1, 2_000)));
        try
        {
            await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }, cancellationToken: patience);
        }
        catch (RpcException refusal) when (refusal.StatusCode == StatusCode.InvalidArgument)
        {
            await Task.Delay(random.Next(20), patience);
            return true;
        }

        throw new InvalidOperationException("a prompt beyond the context was answered");
    }

    /// <summary>
    /// Either the answer came to its end first, or it ends as its caller wished. A client that meets the end of its own stream
    /// while it reads calls it unavailable.
    /// </summary>
    private static async Task<bool> EndsWithAsync(
        AsyncServerStreamingCall<StreamGenerateResponse> call, StatusCode wished, Func<bool> isDue)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        }
        catch (RpcException end) when (end.StatusCode == wished || (end.StatusCode == StatusCode.Unavailable && isDue()))
        {
            return true;
        }

        return true;
    }

    private static void IsOneStudents(string? text, int tokens) => Require(
        text == ToyStudent.Endless(Forward, tokens) || text == ToyStudent.Endless(Backward, tokens),
        $"'{text}' is not what any version says in {tokens} tokens");

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private static string Text(Random random, int length) => string.Create(length, random, static (span, random) =>
    {
        foreach (ref var letter in span)
        {
            letter = (char)('a' + random.Next(26));
        }
    });
}
