using System.Collections.Immutable;
using Orca.Serving.Checkpoints;
using Orca.Serving.Execution;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;

namespace Orca.Serving.Batching;

/// <summary>
/// One answer in the making: its tokens, and how many of them have keys and values in which blocks, computed by which
/// versions. Belongs to the engine's thread.
/// </summary>
internal sealed class Sample
{
    private const int SoloChunk = 32;

    private readonly int[] tokens;
    private int count;
    private int everCached;
    private int finiteUpTo;
    private long firstToken;
    private long lastToken;
    private bool isFinished;
    private bool hasLeft;

    /// <param name="sequence">The request.</param>
    /// <param name="index">Which of its samples.</param>
    /// <param name="version">The version that computes it.</param>
    /// <param name="answer">What its caller hears.</param>
    /// <param name="limit">Tokens the answer may have.</param>
    public Sample(Sequence sequence, int index, StudentVersion version, SampleAnswer answer, int limit)
    {
        (Sequence, Index, Version, Answer) = (sequence, index, version, answer);
        tokens = new int[sequence.Prompt.Length + limit];
        sequence.Prompt.CopyTo(tokens);
        count = sequence.Prompt.Length;
        Table = version.Store.CreateTable(tokens.Length);
    }

    public Sequence Sequence { get; }

    public int Index { get; }

    /// <summary>Name of its caller's key; empty where there is none.</summary>
    public string Caller => Sequence.Request.Scheduling.Caller;

    /// <summary>What its caller hears.</summary>
    public SampleAnswer Answer { get; }

    /// <summary>The version that computes its next step.</summary>
    public StudentVersion Version { get; private set; }

    /// <summary>Its blocks.</summary>
    public BlockTable Table { get; private set; }

    /// <summary>Tokens whose keys and values are in the blocks.</summary>
    public int Cached { get; private set; }

    /// <summary>The one version that computed all that is in the blocks; null where there is nothing, or several did.</summary>
    public long? CacheVersion { get; private set; }

    /// <summary>The oldest version that computed something in the blocks.</summary>
    public long OldestCacheVersion { get; private set; }

    /// <summary>Tokens computed again.</summary>
    public int Recomputed { get; private set; }

    /// <summary>Times it lost its place.</summary>
    public int Preemptions { get; private set; }

    /// <summary>What asks for the logits of its prompt; null where nothing does, or no longer.</summary>
    public PromptLogprobs? Scores => Index == 0 && Sequence.PromptLogprobs is { IsDone: false } scores ? scores : null;

    /// <summary>
    /// Whether it is computed in steps of its own, cut alike each time, because it is to be the same to the bit and its model
    /// does not see to that.
    /// </summary>
    public bool IsSolo => Sequence.Request.Sampling.Deterministic && !Version.Model.IsBatchInvariant;

    /// <summary>Tokens it can take into the next step at most.</summary>
    public int NextChunk
    {
        get
        {
            var most = Scores is null ? Remaining : Math.Min(Remaining, PromptLogprobs.MaxTokensPerStep);
            return !IsSolo ? most
                : Cached < Sequence.Prompt.Length ? Math.Min(most, Math.Min(SoloChunk, Sequence.Prompt.Length - Cached))
                : 1;
        }
    }

    /// <summary>Whether it has a place.</summary>
    public bool IsSeated { get; set; }

    /// <summary>Turn at which its prompt last moved; where it has not, at which it got its place.</summary>
    public long LastMoved { get; set; }

    /// <summary>Turn of the last step it was part of.</summary>
    public long LastStep { get; set; }

    /// <summary>Prompt and answer so far.</summary>
    public ReadOnlyMemory<int> Tokens => tokens.AsMemory(0, count);

    /// <summary>Tokens that are not in the blocks yet: 1 while it decodes, more while its prompt is prefilled.</summary>
    public int Remaining => count - Cached;

    /// <summary>Tokens of prompt and answer that it may have.</summary>
    public int MostTokens => tokens.Length;

    /// <summary>Whether its caller was told of its end, or its request failed.</summary>
    public bool HasEnded => isFinished || Sequence.HasEnded;

    /// <summary>Below 0 where it goes before another for places, blocks and steps.</summary>
    public static int Rank(Sample one, Sample other)
    {
        var byPriority = other.Sequence.Request.Scheduling.Priority.CompareTo(one.Sequence.Request.Scheduling.Priority);
        var byOrder = one.Sequence.Order.CompareTo(other.Sequence.Order);
        return byPriority != 0 ? byPriority : byOrder != 0 ? byOrder : one.Index.CompareTo(other.Index);
    }

    /// <summary>Takes on what is found of its tokens, all but the last.</summary>
    public void TakeFound()
    {
        var root = Version.KeyRoot(Sequence.Request.Scheduling.Caller, Sequence.Request.CacheSalt);
        var findable = IsSolo ? 0 : Scores is { } scores ? Math.Min(scores.NeededFrom, count - 1) : count - 1;
        Cached = Table.TakeFound(root, tokens.AsSpan(0, findable));

        // A block of a whole sequence is read to its end by neighbours' steps: not until a draw has vouched for it all.
        finiteUpTo = Version.Store.HoldsWholeSequences ? 0 : Cached;
        (CacheVersion, OldestCacheVersion) = (Version.Number, Version.Number);
    }

    /// <summary>Takes over the prompt of another sample; false where no block can be had for it.</summary>
    public bool TryFork(Sample other)
    {
        if (!Table.TryFork(other.Table, other.Cached))
        {
            return false;
        }

        (Cached, CacheVersion, OldestCacheVersion) = (other.Cached, other.CacheVersion, other.OldestCacheVersion);
        (everCached, finiteUpTo) = (Cached, other.finiteUpTo);
        return true;
    }

    /// <summary>These of its next tokens are in the blocks.</summary>
    public void Advance(int step)
    {
        Recomputed += Math.Max(0, Math.Min(everCached, Cached + step) - Cached);
        Table.Hold(Cached, Cached + step, Version.Number);
        Cached += step;
        everCached = Math.Max(everCached, Cached);
        if (CacheVersion == Version.Number)
        {
            Table.Name(tokens.AsSpan(0, Cached), Version.Number);
        }
        else
        {
            // What several versions computed is found by nobody.
            (CacheVersion, OldestCacheVersion) = (null, Math.Min(OldestCacheVersion, Version.Number));
        }
    }

    /// <summary>Takes the next token of the answer, drawn from finite logits.</summary>
    /// <param name="drawn">The token.</param>
    /// <param name="now">Time stamp.</param>
    /// <param name="clock">The clock of the time stamp.</param>
    public void Accept(DrawnToken drawn, long now, TimeProvider clock)
    {
        firstToken = firstToken == 0 ? now : firstToken;
        (lastToken, finiteUpTo) = (now, Cached);
        tokens[count++] = drawn.Token;
        Answer.Accept(drawn, Version.Number);
        if (Answer.Reason is not null)
        {
            Finish(clock);
        }
    }

    /// <summary>Ends before its time.</summary>
    public void EndEarly(EndReason reason, TimeProvider clock)
    {
        if (!HasEnded)
        {
            Answer.End(reason, Version.Number);
            Finish(clock);
        }
    }

    /// <summary>Leaves its lane for good; false where it has done so before.</summary>
    /// <param name="isSuspect">What it computed is not to be trusted.</param>
    public bool TryLeave(bool isSuspect)
    {
        if (hasLeft)
        {
            return false;
        }

        hasLeft = true;
        if (isSuspect)
        {
            Table.Discredit();
        }

        return true;
    }

    /// <summary>Gives all its blocks back: it begins anew, or has ended.</summary>
    public void GiveBlocksBack()
    {
        if (finiteUpTo < Cached)
        {
            // Computed, and no finite logits have vouched for it yet.
            Table.SuspectFrom(finiteUpTo);
        }

        Table.ReturnAll();
        (Cached, finiteUpTo, CacheVersion) = (0, 0, null);
    }

    /// <summary>It lost its place.</summary>
    public void Preempt()
    {
        GiveBlocksBack();
        Preemptions++;
    }

    /// <summary>
    /// Another version computes it from now on. Its blocks stay, where both versions use one store; it has none otherwise.
    /// </summary>
    public void MoveTo(StudentVersion next)
    {
        if (next.Store != Version.Store)
        {
            EngineInvariantException.Require(Table.Count == 0, $"sequence {Sequence.Id} moves to another store with {Table.Count} blocks");
            Table = next.Store.CreateTable(tokens.Length);
        }

        Version = next;
    }

    private void Finish(TimeProvider clock)
    {
        isFinished = true;
        var now = clock.GetTimestamp();
        var first = firstToken == 0 ? now : firstToken;
        Sequence.Finish(new GenerationEvent.Finished(
            Answer.Reason!.Value, Answer.StopString, Answer.StopToken, Sequence.Prompt.Length, Answer.Count)
        {
            Sample = Index,
            CachedPromptTokens = Sequence.CachedPromptTokens,
            RecomputedTokens = Recomputed,
            VersionSpans = Answer.Spans,
            OldestCacheVersion = OldestCacheVersion,
            PromptLogprobs = Sequence.PromptLogprobs?.Told ?? [],
            Timings = new RequestTimings
            {
                Queue = clock.GetElapsedTime(Sequence.Enqueued, Sequence.Admitted),
                Prefill = clock.GetElapsedTime(Sequence.Admitted, first),
                TimeToFirstToken = clock.GetElapsedTime(Sequence.Enqueued, first),
                Decode = firstToken == 0 ? TimeSpan.Zero : clock.GetElapsedTime(firstToken, lastToken),
                Total = clock.GetElapsedTime(Sequence.Enqueued, now),
                Preemptions = Preemptions,
            },
        });
    }
}
