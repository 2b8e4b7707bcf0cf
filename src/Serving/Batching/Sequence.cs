using System.Collections.Immutable;
using System.Threading.Channels;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;
using Orca.Serving.Text;

namespace Orca.Serving.Batching;

/// <summary>
/// One request on its way through the engine. Its caller reads <see cref="Events"/> and may ask for its end from any
/// thread; everything else belongs to the engine's thread.
/// </summary>
internal sealed class Sequence
{
    // Never more events than tokens fit the context, so a caller that reads slowly holds a bounded amount of memory.
    private readonly Channel<GenerationEvent> events = Channel.CreateUnbounded<GenerationEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = false });

    private readonly long enqueued;
    private readonly int[] blocks = new int[1];
    private int[] tokens = [];
    private int count;
    private StudentLanguage language;
    private AnswerText? answer;
    private TokenSampler? sampler;
    private int promptLength;
    private int limit;
    private volatile Leave leave;
    private volatile bool hasEnded;

    /// <param name="request">Checked by <see cref="RequestRules"/>.</param>
    /// <param name="id">Its name.</param>
    /// <param name="seed">Seed of its draws.</param>
    /// <param name="language">The language <paramref name="prompt"/> is encoded in.</param>
    /// <param name="prompt">The prompt's tokens.</param>
    /// <param name="enqueued">Time stamp of its arrival.</param>
    public Sequence(
        GenerationRequest request, string id, ulong seed, StudentLanguage language, ImmutableArray<int> prompt, long enqueued)
    {
        (Request, Id, Seed, this.language, this.enqueued) = (request, id, seed, language, enqueued);
        Prompt = prompt;
    }

    private enum Leave
    {
        Stay,
        CallerGone,
        Cancelled,
    }

    public GenerationRequest Request { get; }

    public string Id { get; }

    public ulong Seed { get; }

    public ImmutableArray<int> Prompt { get; private set; }

    /// <summary>What its caller is told; completed after the last event, with the error where it failed.</summary>
    public ChannelReader<GenerationEvent> Events => events.Reader;

    /// <summary>The version it is bound to, from <see cref="Bind"/> on.</summary>
    public StudentVersion? Version { get; private set; }

    /// <summary>Its slot of the version's cache, from <see cref="Bind"/> on.</summary>
    public int Slot => blocks[0];

    /// <summary>The slot, as a table of one block.</summary>
    public ReadOnlyMemory<int> Blocks => blocks;

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    public int Cached { get; private set; }

    /// <summary>Prompt and answer so far.</summary>
    public ReadOnlyMemory<int> Tokens => tokens.AsMemory(0, count);

    /// <summary>Tokens that are not in the cache yet: 1 while it decodes, more while its prompt is prefilled.</summary>
    public int Remaining => count - Cached;

    /// <summary>Tokens of the answer so far.</summary>
    public int Completion => count - promptLength;

    /// <summary>Whether someone asked for its end; the engine drops it before its next step.</summary>
    public bool IsLeaving => leave != Leave.Stay;

    /// <summary>Whether its last event is out.</summary>
    public bool HasEnded => hasEnded;

    /// <summary>Whether its prompt is scored and nothing is drawn.</summary>
    public bool OnlyScores => Request.OnlyScores;

    /// <summary>How likely its prompt's tokens are; null where that was not asked for.</summary>
    public PromptLogprobs? PromptLogprobs { get; private set; }

    /// <summary>Tokens it can take into the next step at most.</summary>
    public int NextChunk => PromptLogprobs is { IsDone: false } ? Math.Min(Remaining, PromptLogprobs.MaxTokensPerStep) : Remaining;

    /// <summary>Whether it ended of itself: then every draw from what it has in the cache was finite.</summary>
    public bool EndedWell { get; private set; }

    /// <summary>Nobody reads its events any more.</summary>
    public void AbandonByCaller() => leave = Leave.CallerGone;

    /// <summary>Somebody else wants it to end; its caller still reads.</summary>
    public void CancelByName() => leave = leave == Leave.Stay ? Leave.Cancelled : leave;

    /// <summary>Gives it its place; its prompt is encoded again where the version speaks another language.</summary>
    /// <exception cref="GenerationException">The prompt does not fit the version's context or vocabulary.</exception>
    public void Bind(StudentVersion version, int slot, int contextTokens, TimeProvider clock)
    {
        if (version.Language.Identity != language.Identity)
        {
            language = version.Language;
            Prompt = Request.Prompt.Encode(language);
        }

        PromptRules.Check(Prompt, language, contextTokens, OnlyScores);
        (Version, blocks[0], promptLength) = (version, slot, Prompt.Length);
        limit = OnlyScores ? 0 : Math.Min(Request.Stopping.MaxTokens ?? int.MaxValue, contextTokens - promptLength);
        tokens = new int[promptLength + limit];
        Prompt.CopyTo(tokens);
        count = promptLength;
        answer = new AnswerText(Request.Prompt.StartAnswer(language, Prompt), Request.Stopping);
        sampler = new TokenSampler(Request, Seed, sample: 0, language, Prompt, limit);
        PromptLogprobs = Request.Output.PromptLogprobs
            ? new PromptLogprobs(Request.Prompt.FirstScored(language), Prompt, language.DrawableTokens, Request.Output.TopLogprobs)
            : null;
        Emit(new GenerationEvent.Accepted(Id, version.Number, promptLength, clock.GetElapsedTime(enqueued)));
        if (Request.Output.Echo)
        {
            Emit(new GenerationEvent.Delta(AnswerText.OfPrompt(language, Prompt), [], version.Number, 0));
        }
    }

    /// <summary>These of its next tokens are in the cache.</summary>
    public void Advance(int step) => Cached += step;

    /// <summary>Draws the next token of the answer; null where the logits are not finite.</summary>
    /// <param name="logits_V">One for each token of the vocabulary; spoilt.</param>
    public DrawnToken? Draw(Span<float> logits_V) => sampler!.Draw(logits_V, Completion);

    /// <summary>Takes the next token of the answer, and ends where it is the last.</summary>
    public void Accept(DrawnToken drawn)
    {
        var token = drawn.Token;
        tokens[count++] = token;
        sampler!.Accept(token);
        var end = EndBy(token);
        var text = end is null ? answer!.Push(token) : "";
        Emit(new GenerationEvent.Delta(text, [token], Version!.Number, Completion - 1) { Logprobs = drawn.Logprob is { } told ? [told] : [] });
        if (end is { } reason)
        {
            End(reason, stopToken: token);
        }
        else if (answer!.StopString is { } found)
        {
            End(EndReason.StopString, stopString: found);
        }
        else if (sampler.IsComplete)
        {
            End(EndReason.EndOfText);
        }
        else if (Completion >= limit)
        {
            End(EndReason.Length);
        }
    }

    /// <summary>Ends because its prompt is scored, which was all.</summary>
    public void EndScored() => End(EndReason.Length);

    /// <summary>Ends because <see cref="IsLeaving"/>.</summary>
    public void EndByLeaving()
    {
        if (leave == Leave.Cancelled)
        {
            End(EndReason.Cancelled);
        }
        else
        {
            Fail(new OperationCanceledException());
        }
    }

    /// <summary>Ends without an answer.</summary>
    public void Fail(Exception error)
    {
        hasEnded = true;
        events.Writer.TryComplete(error);
    }

    private EndReason? EndBy(int token)
    {
        var stopping = Request.Stopping;
        return stopping.StopTokenIds.Contains(token) ? EndReason.StopToken
            : !stopping.IgnoreEos && language.EndTokens.Contains(token) ? EndReason.EndOfText
            : null;
    }

    private void End(EndReason reason, string? stopString = null, int? stopToken = null)
    {
        var rest = answer?.Flush() ?? "";
        if (rest.Length > 0)
        {
            Emit(new GenerationEvent.Delta(rest, [], Version!.Number, Completion));
        }

        Emit(new GenerationEvent.Finished(reason, stopString, stopToken, Prompt.Length, Completion) { PromptLogprobs = PromptLogprobs?.Told ?? [] });
        EndedWell = reason != EndReason.Cancelled;
        hasEnded = true;
        events.Writer.TryComplete();
    }

    private void Emit(GenerationEvent generationEvent) => events.Writer.TryWrite(generationEvent);
}
