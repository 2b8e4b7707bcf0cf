using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Orca.Model.Tokenization;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>What the continuation of a text looks like.</summary>
/// <param name="withLogprobs">Whether the likelihood of every token is told.</param>
/// <param name="firstEchoed">
/// For each choice the first token of its prompt, where its prompt's likelihood is told too: nothing stands before it, so it has
/// none. Null where that is a start token, which the caller's text does not hold. Empty where no prompt's likelihood is told.
/// </param>
internal sealed class CompletionForm(bool withLogprobs, ImmutableArray<int?> firstEchoed) : AnswerForm<CompletionChoice, CompletionChoice>
{
    private readonly Dictionary<int, int> offsets = [];

    public override string IdPrefix => "cmpl-";

    public override string Kind => "text_completion";

    public override string ChunkKind => "text_completion";

    public override JsonTypeInfo<OpenAiResponse<CompletionChoice>> WholeType => OpenAiJson.Wire.OpenAiResponseCompletionChoice;

    public override JsonTypeInfo<OpenAiResponse<CompletionChoice>> ChunkType => OpenAiJson.Wire.OpenAiResponseCompletionChoice;

    public override CompletionChoice Whole(int index, AnswerSample sample, ITokenizer tokenizer) =>
        new(
            index, sample.Text, Logprobs(
                index, sample.End.PromptLogprobs.Concat(sample.Logprobs), firstEchoed.ElementAtOrDefault(index), tokenizer),
            ReasonOf(sample.End.Reason));

    public override CompletionChoice? Opening(int index) => null;

    public override CompletionChoice More(GenerationEvent.Delta delta, ITokenizer tokenizer) =>
        new(delta.Sample, delta.Text, Logprobs(delta.Sample, delta.Logprobs, first: null, tokenizer), null);

    public override CompletionChoice End(GenerationEvent.Finished finished) => new(finished.Sample, "", null, ReasonOf(finished.Reason));

    // One entry for each token, those without a text too: callers count tokens to find where their prompt ends.
    private CompletionLogprobs? Logprobs(int sample, IEnumerable<TokenLogprob> logprobs, int? first, ITokenizer tokenizer)
    {
        if (!withLogprobs)
        {
            return null;
        }

        var known = logprobs.Select(token => (token.Token, (float?)Logprob(token.Logprob), token.Top));
        var all = (first is { } token ? known.Prepend((token, null, default)) : known).ToList();
        var texts = all.Select(one => TokenText.Of(tokenizer, one.Token)).ToArray();
        return new CompletionLogprobs(
            texts,
            [.. all.Select(one => one.Item2)],
            all.ConvertAll<Dictionary<string, float>?>(one => TopOf(one.Top, tokenizer)).ToArray(),
            [.. texts.Select(text => Offset(sample, text.Length))]);
    }

    // Several tokens may have the same text, as parts of characters have: the likeliest of them is told.
    private static Dictionary<string, float>? TopOf(ImmutableArray<(int Token, float Logprob)> top, ITokenizer tokenizer)
    {
        if (top.IsDefaultOrEmpty)
        {
            return null;
        }

        var texts = new Dictionary<string, float>();
        foreach (var (token, logprob) in top)
        {
            texts.TryAdd(TokenText.Of(tokenizer, token), Logprob(logprob));
        }

        return texts;
    }

    private int Offset(int sample, int length)
    {
        var offset = offsets.GetValueOrDefault(sample);
        offsets[sample] = offset + length;
        return offset;
    }
}
