using System.Text.Json.Serialization.Metadata;
using Orca.Model.Tokenization;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>What an answer looks like, whole and in chunks. One for each request.</summary>
/// <typeparam name="TChoice">A sample, whole.</typeparam>
/// <typeparam name="TChunk">More of a sample.</typeparam>
internal abstract class AnswerForm<TChoice, TChunk>
{
    private const float LeastLogprob = -9_999;

    /// <summary>Begins an answer's id.</summary>
    public abstract string IdPrefix { get; }

    /// <summary>Name of a whole answer's kind.</summary>
    public abstract string Kind { get; }

    /// <summary>Name of a chunk's kind.</summary>
    public abstract string ChunkKind { get; }

    /// <summary>How a whole answer is written.</summary>
    public abstract JsonTypeInfo<OpenAiResponse<TChoice>> WholeType { get; }

    /// <summary>How a chunk is written.</summary>
    public abstract JsonTypeInfo<OpenAiResponse<TChunk>> ChunkType { get; }

    /// <summary>A whole sample; the tokenizer, that of the version which answered, tells tokens' texts.</summary>
    public abstract TChoice Whole(int index, AnswerSample sample, ITokenizer tokenizer);

    /// <summary>What a sample's chunks begin with; null for nothing.</summary>
    public abstract TChunk? Opening(int index);

    /// <summary>More of a sample; the tokenizer, that of the version which answers, tells tokens' texts.</summary>
    public abstract TChunk More(GenerationEvent.Delta delta, ITokenizer tokenizer);

    /// <summary>A sample's end.</summary>
    public abstract TChunk End(GenerationEvent.Finished finished);

    /// <summary>
    /// Why an answer ended, in this interface's few words: one that was cut off from outside has the reason of one cut off by its
    /// limit.
    /// </summary>
    protected static string ReasonOf(EndReason reason) =>
        reason is EndReason.StopString or EndReason.StopToken or EndReason.EndOfText ? "stop" : "length";

    /// <summary>
    /// A likelihood as JSON can write it: that of what cannot be drawn is no number, and stands as this interface's own for the least
    /// likely.
    /// </summary>
    protected static float Logprob(float logprob) => Math.Max(logprob, LeastLogprob);
}
