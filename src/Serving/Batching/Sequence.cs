using System.Collections.Immutable;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;
using Orca.Serving.Text;

namespace Orca.Serving.Batching;

/// <summary>
/// One request on its way through the engine: what it asks for, its samples, and where its caller hears of it. Its caller
/// reads <see cref="Outlet"/> and may ask for its end from any thread; everything else belongs to the engine's thread.
/// </summary>
internal sealed class Sequence
{
    private static long lastOrder;

    private readonly long enqueued;
    private readonly Sample?[] samples;
    private StudentLanguage language;
    private EncodedPrompt encoded;
    private int left;
    private int preparedLimit;
    private volatile Leave leave;
    private volatile bool hasEnded;

    /// <param name="request">Checked by <see cref="RequestRules"/>.</param>
    /// <param name="id">Its name among its caller's.</param>
    /// <param name="seed">Seed of its draws.</param>
    /// <param name="language">The language <paramref name="prompt"/> is encoded in.</param>
    /// <param name="prompt">The prompt's tokens.</param>
    /// <param name="enqueued">Time stamp of its arrival.</param>
    public Sequence(
        GenerationRequest request, string id, ulong seed, StudentLanguage language, EncodedPrompt prompt, long enqueued)
    {
        (Request, Id, Seed, this.language, this.enqueued) = (request, id, seed, language, enqueued);
        encoded = prompt;
        Order = Interlocked.Increment(ref lastOrder);
        samples = new Sample?[request.Sampling.SampleCount];
        left = samples.Length;
        Outlet = new EventOutlet(samples.Length);
        Edits = LogitEdits.Of(request.Sampling, prompt.Tokens);
    }

    private enum Leave
    {
        Stay,
        CallerGone,
        Cancelled,
    }

    public GenerationRequest Request { get; }

    public string Id { get; }

    /// <summary>Its name, which is its caller's own: another's request may have the same.</summary>
    public (string Caller, string Id) Name => (Request.Scheduling.Caller, Id);

    public ulong Seed { get; }

    /// <summary>Tokens of its prompt.</summary>
    public ImmutableArray<int> Prompt => encoded.Tokens;

    /// <summary>Who came first has the lower one.</summary>
    public long Order { get; }

    /// <summary>What its caller is told.</summary>
    public EventOutlet Outlet { get; }

    /// <summary>What it changes logits by, made once for all samples on its caller's thread.</summary>
    public LogitEdits Edits { get; private set; }

    /// <summary>The version it was bound to first; null while it waits.</summary>
    public StudentVersion? Version { get; private set; }

    /// <summary>Its samples; those that have not begun are null.</summary>
    public ReadOnlySpan<Sample?> Samples => samples;

    /// <summary>Its first sample; null while it waits.</summary>
    public Sample? First => Volatile.Read(ref samples[0]);

    /// <summary>Whether its prompt is scored and nothing is drawn.</summary>
    public bool OnlyScores => Request.OnlyScores;

    /// <summary>How likely its prompt's tokens are; null where that was not asked for.</summary>
    public PromptLogprobs? PromptLogprobs { get; private set; }

    /// <summary>Tokens of the prompt that were found when it began.</summary>
    public int CachedPromptTokens { get; private set; }

    /// <summary>Tokens of all answers so far.</summary>
    public int Completion
    {
        get
        {
            var count = 0;
            foreach (var sample in samples)
            {
                count += sample?.Answer.Count ?? 0;
            }

            return count;
        }
    }

    /// <summary>Whether someone asked for its end; the engine drops it before its next step.</summary>
    public bool IsLeaving => leave != Leave.Stay;

    /// <summary>Whether its last event is out.</summary>
    public bool HasEnded => hasEnded;

    /// <summary>Whether every sample came to an end of its own.</summary>
    public bool EndedWell { get; private set; }

    /// <summary>Time stamp of its arrival.</summary>
    public long Enqueued => enqueued;

    /// <summary>Time stamp of its beginning; 0 while it waits.</summary>
    public long Admitted { get; private set; }

    /// <summary>Nobody reads its events any more.</summary>
    public void AbandonByCaller() => leave = Leave.CallerGone;

    /// <summary>Somebody else wants it to end; its caller still reads.</summary>
    public void CancelByName() => leave = leave == Leave.Stay ? Leave.Cancelled : leave;

    /// <summary>Prepares it for a version: its prompt is encoded again where the version speaks another language.</summary>
    /// <exception cref="GenerationException">The prompt does not fit the version's context or vocabulary.</exception>
    public void Prepare(StudentVersion version)
    {
        if (version.Language.Identity != language.Identity)
        {
            language = version.Language;
            encoded = Request.Prompt.EncodeAll(language);
            Edits = LogitEdits.Of(Request.Sampling, encoded.Tokens);
        }

        PromptRules.Check(Prompt, language, version.ContextTokens, OnlyScores);
        preparedLimit = OnlyScores ? 0 : Math.Min(Request.Stopping.MaxTokens ?? int.MaxValue, version.ContextTokens - Prompt.Length);
        PromptLogprobs = Request.Output.PromptLogprobs
            ? new PromptLogprobs(encoded.FirstScored, Prompt, language.DrawableTokens, Request.Output.TopLogprobs)
            : null;
    }

    /// <summary>Makes one of its samples, from the beginning.</summary>
    public Sample Begin(int index, StudentVersion version)
    {
        var sample = new Sample(this, index, version, new SampleAnswer(this, index, language, preparedLimit), preparedLimit);
        Volatile.Write(ref samples[index], sample);
        return sample;
    }

    /// <summary>It has its place.</summary>
    /// <param name="version">The version it is bound to.</param>
    /// <param name="cachedPromptTokens">Tokens of the prompt that were found.</param>
    /// <param name="clock">Tells how long it waited.</param>
    public void Accept(StudentVersion version, int cachedPromptTokens, TimeProvider clock)
    {
        (Version, CachedPromptTokens, Admitted) = (version, cachedPromptTokens, clock.GetTimestamp());
        Outlet.Put(new GenerationEvent.Accepted(Id, version.Number, Prompt.Length, clock.GetElapsedTime(enqueued, Admitted))
        {
            CachedPromptTokens = cachedPromptTokens,
            Language = version.Language,
        });
        if (Request.Output.Echo)
        {
            var text = AnswerText.OfPrompt(language, Prompt);
            for (var sample = 0; sample < samples.Length; sample++)
            {
                Outlet.Put(new GenerationEvent.Delta(text, [], version.Number, 0) { Sample = sample });
            }
        }
    }

    /// <summary>One of its samples has come to an end; the last ends the request.</summary>
    public void Finish(GenerationEvent.Finished end)
    {
        Outlet.Put(end);
        if (--left == 0)
        {
            EndedWell = end.Reason is not (EndReason.Cancelled or EndReason.WeightsUpdated);
            hasEnded = true;
            Outlet.Complete(null);
        }
    }

    /// <summary>Ends every sample before its time: the caller gets what there is.</summary>
    public void EndEarly(EndReason reason, TimeProvider clock)
    {
        if (Version is null)
        {
            // It never had a place; whoever reads it learns its name all the same, and that no version made anything.
            Outlet.Put(new GenerationEvent.Accepted(Id, 0, Prompt.Length, clock.GetElapsedTime(enqueued)) { Language = language });
        }

        for (var index = 0; index < samples.Length; index++)
        {
            if (samples[index] is { } begun)
            {
                begun.EndEarly(reason, clock);
            }
            else
            {
                Finish(new GenerationEvent.Finished(reason, null, null, Prompt.Length, 0) { Sample = index, CachedPromptTokens = CachedPromptTokens });
            }
        }
    }

    /// <summary>Ends because <see cref="IsLeaving"/>.</summary>
    public void EndByLeaving(TimeProvider clock)
    {
        if (leave == Leave.Cancelled)
        {
            EndEarly(EndReason.Cancelled, clock);
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
        Outlet.Complete(error);
    }
}
