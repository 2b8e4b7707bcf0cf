using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Orca.Model.Tokenization;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Requests;
using WireOutput = Orca.Protocol.Inference.V1.OutputOptions;
using WireSpan = Orca.Protocol.Inference.V1.VersionSpan;
using WireTokenLogprob = Orca.Protocol.Inference.V1.TokenLogprob;

namespace Orca.Serving.Grpc;

/// <summary>The engine's events as the wire contract has them, with what the caller asked for and nothing else.</summary>
internal sealed class AnswerWriter(WireOutput output)
{
    // That of the version which answers; known from the first event on.
    private ITokenizer? tokenizer;

    /// <summary>Whether deltas are sent for their tokens alone.</summary>
    public bool SendsTokens => output.TokenIds || output.Logprobs;

    /// <summary>One event of a stream.</summary>
    public StreamGenerateResponse Event(GenerationEvent happened) => happened switch
    {
        GenerationEvent.Accepted accepted => new StreamGenerateResponse { Accepted = Begin(accepted) },
        GenerationEvent.Delta delta => new StreamGenerateResponse { Delta = ToMessage(delta) },
        GenerationEvent.Finished finished => new StreamGenerateResponse { Finished = ToMessage(finished) },
        _ => throw new ArgumentException($"The engine told of a {happened.GetType().Name}, which has no message.", nameof(happened)),
    };

    /// <summary>A whole answer.</summary>
    public GenerateResponse Whole(Answer answer)
    {
        Begin(answer.Accepted);
        var first = ToMessage(answer.Samples[0]);
        var response = new GenerateResponse
        {
            RequestId = answer.Accepted.RequestId,
            Text = first.Text,
            WeightVersion = (ulong)answer.Accepted.Version,
            Finished = first.Finished,
        };
        response.TokenIds.AddRange(first.TokenIds);
        response.Logprobs.AddRange(first.Logprobs);
        response.FurtherSamples.AddRange(answer.Samples.Skip(1).Select(ToMessage));
        return response;
    }

    /// <summary>How likely tokens were.</summary>
    public static IEnumerable<WireTokenLogprob> ToMessages(ImmutableArray<Requests.TokenLogprob> logprobs, ITokenizer tokenizer) => logprobs.Select(one =>
    {
        var message = new WireTokenLogprob { TokenId = (uint)one.Token, Logprob = one.Logprob, TokenBytes = BytesOf(tokenizer, one.Token) };
        message.Top.AddRange((one.Top.IsDefault ? [] : one.Top).Select(
            top => new TopLogprob { TokenId = (uint)top.Token, Logprob = top.Logprob, TokenBytes = BytesOf(tokenizer, top.Token) }));
        return message;
    });

    private static ByteString BytesOf(ITokenizer tokenizer, int token) => ByteString.CopyFrom(tokenizer.BytesOf(token));

    private Accepted Begin(GenerationEvent.Accepted accepted)
    {
        tokenizer = accepted.Language!.Tokenizer;
        return new Accepted
        {
            RequestId = accepted.RequestId,
            WeightVersion = (ulong)accepted.Version,
            PromptTokens = (uint)accepted.PromptTokens,
            CachedPromptTokens = (uint)accepted.CachedPromptTokens,
            QueueTime = Duration.FromTimeSpan(accepted.QueueTime),
        };
    }

    private Delta ToMessage(GenerationEvent.Delta delta)
    {
        var message = new Delta
        {
            SampleIndex = (uint)delta.Sample,
            Text = delta.Text,
            WeightVersion = (ulong)delta.Version,
            FirstTokenIndex = (uint)delta.FirstTokenIndex,
        };
        if (output.TokenIds)
        {
            message.TokenIds.AddRange(delta.Tokens.Select(token => (uint)token));
        }

        message.Logprobs.AddRange(ToMessages(delta.Logprobs, tokenizer!));
        return message;
    }

    private Sample ToMessage(AnswerSample sample)
    {
        var message = new Sample { Text = sample.Text, Finished = ToMessage(sample.End) };
        if (output.TokenIds)
        {
            message.TokenIds.AddRange(sample.Tokens.Select(token => (uint)token));
        }

        message.Logprobs.AddRange(ToMessages(sample.Logprobs, tokenizer!));
        return message;
    }

    private Finished ToMessage(GenerationEvent.Finished finished)
    {
        var message = new Finished
        {
            SampleIndex = (uint)finished.Sample,
            Reason = ToMessage(finished.Reason),
            OldestKvVersion = (ulong)finished.OldestCacheVersion,
            Timings = output.Timings ? ToMessage(finished.Timings) : null,
            Usage = new Usage
            {
                PromptTokens = (uint)finished.PromptTokens,
                CachedPromptTokens = (uint)finished.CachedPromptTokens,
                CompletionTokens = (uint)finished.CompletionTokens,
                RecomputedTokens = (uint)finished.RecomputedTokens,
            },
        };
        if (finished.StopString is { } text)
        {
            message.StopString = text;
        }
        else if (finished.StopToken is { } token)
        {
            message.StopTokenId = (uint)token;
        }

        if (output.VersionSpans)
        {
            message.VersionSpans.AddRange(finished.VersionSpans.Select(
                span => new WireSpan
                {
                    WeightVersion = (ulong)span.Version,
                    FirstTokenIndex = (uint)span.FirstToken,
                    TokenCount = (uint)span.Count,
                }));
        }

        message.PromptLogprobs.AddRange(ToMessages(finished.PromptLogprobs, tokenizer!));
        return message;
    }

    private static Timings ToMessage(RequestTimings timings) => new()
    {
        Queue = Duration.FromTimeSpan(timings.Queue),
        Prefill = Duration.FromTimeSpan(timings.Prefill),
        TimeToFirstToken = Duration.FromTimeSpan(timings.TimeToFirstToken),
        Decode = Duration.FromTimeSpan(timings.Decode),
        Total = Duration.FromTimeSpan(timings.Total),
        Preemptions = (uint)timings.Preemptions,
    };

    private static FinishReason ToMessage(EndReason reason) => reason switch
    {
        EndReason.StopString => FinishReason.StopString,
        EndReason.StopToken => FinishReason.StopToken,
        EndReason.EndOfText => FinishReason.Eos,
        EndReason.Length => FinishReason.Length,
        EndReason.Cancelled => FinishReason.Cancelled,
        EndReason.WeightsUpdated => FinishReason.WeightsUpdated,
        _ => FinishReason.Unspecified,
    };
}
