using Grpc.Core;
using Orca.Protocol.Inference.V1;

namespace Orca.Cli.Bench;

/// <summary>Sends requests to a server over gRPC and notes when each token arrives.</summary>
internal sealed class LoadClient
{
    private const string Words =
        "The quick brown fox jumps over the lazy dog while seven wizards quietly examine forty boxes of jade, "
        + "and nobody in the village knows how many questions a small student has to answer before it begins to learn.";

    private readonly InferenceService.InferenceServiceClient _client;
    private readonly TimeProvider _clock;
    private readonly uint[] _vocabulary;

    private LoadClient(InferenceService.InferenceServiceClient client, TimeProvider clock, uint[] vocabulary) =>
        (_client, _clock, _vocabulary) = (client, clock, vocabulary);

    /// <summary>Asks the server for tokens that prompts can be made of.</summary>
    /// <param name="client">Borrowed.</param>
    /// <param name="clock">Measures.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LoadClient> OpenAsync(
        InferenceService.InferenceServiceClient client, TimeProvider clock, CancellationToken cancellationToken)
    {
        var tokens = await client.TokenizeAsync(new TokenizeRequest { Text = Words }, cancellationToken: cancellationToken);
        return new LoadClient(client, clock, [.. tokens.TokenIds.Distinct()]);
    }

    /// <summary>Sends one request and reads its answer to the end. Failures are noted, not thrown.</summary>
    /// <param name="shape">Its lengths; the answer is made as long as it says.</param>
    /// <param name="seed">Its prompt.</param>
    /// <param name="intended">When it was meant to be sent.</param>
    /// <param name="started">Time stamp of the run's beginning.</param>
    /// <param name="end">Gives it up.</param>
    public async Task<RequestTrace> SendAsync(RequestShape shape, int seed, double intended, long started, CancellationToken end)
    {
        var deliveries = new List<Delivery>(shape.AnswerTokens);
        var answer = new List<uint>(shape.AnswerTokens);
        var versions = new HashSet<ulong>();
        var sent = Now(started);
        string? fault = null;
        try
        {
            using var call = _client.StreamGenerate(RequestOf(shape, seed), cancellationToken: end);
            while (await call.ResponseStream.MoveNext(end))
            {
                if (call.ResponseStream.Current.Delta is { TokenIds.Count: > 0 } delta)
                {
                    deliveries.Add(new Delivery(Now(started), delta.TokenIds.Count));
                    answer.AddRange(delta.TokenIds);
                    versions.Add(delta.WeightVersion);
                }
            }
        }
        catch (RpcException e)
        {
            fault = end.IsCancellationRequested ? "Unfinished" : e.StatusCode.ToString();
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            fault = "Unfinished";
        }

        return new RequestTrace
        {
            Intended = intended,
            Sent = sent,
            Ended = Now(started),
            PromptTokens = shape.PromptTokens,
            Seed = seed,
            Answer = answer,
            Deliveries = deliveries,
            Fault = fault ?? (deliveries.Sum(delivery => delivery.Tokens) < shape.AnswerTokens ? "Truncated" : null),
            Versions = versions,
        };
    }

    /// <summary>The request that is sent for a shape and a seed.</summary>
    public StreamGenerateRequest RequestOf(RequestShape shape, int seed)
    {
        var random = new Random(seed);
        var prompt = new TokenIds();
        prompt.Ids.AddRange(Enumerable.Range(0, shape.PromptTokens).Select(_ => _vocabulary[random.Next(_vocabulary.Length)]));
        return new StreamGenerateRequest
        {
            Spec = new GenerationSpec
            {
                TokenIds = prompt,
                Sampling = new SamplingParams { Seed = (ulong)seed },
                Stopping = new StoppingParams { MaxTokens = (uint)shape.AnswerTokens, IgnoreEos = true },
                Output = new OutputOptions { TokenIds = true },
            },
        };
    }

    private double Now(long started) => _clock.GetElapsedTime(started).TotalSeconds;
}
