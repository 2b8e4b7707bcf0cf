using System.Collections.Immutable;
using System.Text;

namespace Orca.Serving.Requests;

/// <summary>All samples of a request, whole.</summary>
/// <param name="Accepted">How it was taken in.</param>
/// <param name="Samples">By their index.</param>
internal sealed record Answer(GenerationEvent.Accepted Accepted, ImmutableArray<AnswerSample> Samples)
{
    /// <summary>Tokens generated, of all samples.</summary>
    public int CompletionTokens => Samples.Sum(sample => sample.End.CompletionTokens);

    /// <summary>Gathers an answer from its events.</summary>
    /// <exception cref="GenerationException">The request was refused, or failed on the way.</exception>
    public static async Task<Answer> GatherAsync(IAsyncEnumerable<GenerationEvent> events)
    {
        GenerationEvent.Accepted? accepted = null;
        var samples = new SortedDictionary<int, Gathering>();
        await foreach (var happened in events)
        {
            switch (happened)
            {
                case GenerationEvent.Accepted told:
                    accepted = told;
                    break;
                case GenerationEvent.Delta delta:
                    Of(delta.Sample).Add(delta);
                    break;
                case GenerationEvent.Finished finished:
                    Of(finished.Sample).End = finished;
                    break;
            }
        }

        return accepted is not null && samples.Count > 0 && samples.Values.All(sample => sample.End is not null)
            ? new Answer(accepted, [.. samples.Values.Select(sample => sample.ToSample())])
            : throw new GenerationException(Failure.StepFailed, "The answer ended without saying so.");

        Gathering Of(int sample) => samples.TryGetValue(sample, out var known) ? known : samples[sample] = new Gathering();
    }

    private sealed class Gathering
    {
        private readonly StringBuilder text = new();
        private readonly ImmutableArray<int>.Builder tokens = ImmutableArray.CreateBuilder<int>();
        private readonly ImmutableArray<TokenLogprob>.Builder logprobs = ImmutableArray.CreateBuilder<TokenLogprob>();

        public GenerationEvent.Finished? End { get; set; }

        public void Add(GenerationEvent.Delta delta)
        {
            text.Append(delta.Text);
            tokens.AddRange(delta.Tokens);
            logprobs.AddRange(delta.Logprobs);
        }

        public AnswerSample ToSample() => new(text.ToString(), tokens.ToImmutable(), logprobs.ToImmutable(), End!);
    }
}

/// <summary>One sample of an answer, whole.</summary>
/// <param name="Text">Its text, without the stop text or stop token.</param>
/// <param name="Tokens">Its tokens, a stop token included.</param>
/// <param name="Logprobs">One for each token, where they were asked for; else empty.</param>
/// <param name="End">How it ended.</param>
internal sealed record AnswerSample(
    string Text, ImmutableArray<int> Tokens, ImmutableArray<TokenLogprob> Logprobs, GenerationEvent.Finished End);
