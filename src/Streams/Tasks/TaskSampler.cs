using System.Collections.Immutable;

namespace Orca.Streams.Tasks;

/// <summary>Draws questions from several sources by the mixture's weights, without replacement within a pass.</summary>
/// <remarks>
/// A collection is picked by weight, then one of its sources uniformly, then that source's next question. A source that is used up
/// leaves until the next pass. The order is a function of the seed, the sources and the mixtures given; a new pass goes on where the
/// last one stopped, so that a stage gets other questions first. A source whose questions are not those of the last run begins anew: no
/// question is skipped for another's sake. One caller at a time.
/// </remarks>
public sealed class TaskSampler : IAsyncDisposable
{
    private readonly ImmutableArray<ITaskSource> sources;
    private readonly SamplerOptions options;
    private readonly IAsyncEnumerator<TaskQuery?>?[] open;
    private readonly ImmutableArray<(string Name, ImmutableArray<int> Sources)> collections;
    private readonly FaultFilter faults = new();
    private readonly ImmutableArray<string?> taskOf;
    private SeededRandom random;
    private ImmutableArray<SourcePosition> positions;
    private ImmutableSortedDictionary<string, long> given = ImmutableSortedDictionary<string, long>.Empty;
    private double share = 1;

    /// <summary>A sampler at the beginning of its sources.</summary>
    /// <exception cref="TaskFormatException">There is no source, or two have the same name.</exception>
    public TaskSampler(IEnumerable<ITaskSource> sources, SamplerOptions? options = null)
    {
        this.options = options ?? new SamplerOptions();
        this.sources = [.. sources];
        if (this.sources.IsEmpty)
        {
            throw new TaskFormatException("There are no tasks to sample from; name at least one source.");
        }

        if (this.sources.GroupBy(source => source.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new TaskFormatException($"The source '{twice.Key}' is named twice; name it once and give its collection a weight "
                + "instead.");
        }

        open = new IAsyncEnumerator<TaskQuery?>?[this.sources.Length];
        positions = [.. this.sources.Select(source => new SourcePosition(
            source.Name, 0, 0, Wrapped: false, Done: false, source.Fingerprint))];
        collections =
        [
            .. Enumerable.Range(0, this.sources.Length).GroupBy(source => this.sources[source].Collection)
                .Select(group => (group.Key, group.ToImmutableArray())),
        ];
        taskOf = [.. this.sources.Select(source => source.TaskNames is [var only] ? only : null)];
        random = SeededRandom.Of(this.options.Seed);
    }

    /// <summary>Malformed records, each file and line once however often it is read. Hot.</summary>
    public IObservable<SourceFault> Faults => faults.Reported;

    /// <summary>The collections of the sources.</summary>
    public ImmutableSortedSet<string> Collections => [.. sources.Select(source => source.Collection)];

    /// <summary>Tasks by their collection, where all of its sources know them.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedSet<string>> Tasks => sources.GroupBy(source => source.Collection)
        .Where(group => group.All(source => source.TaskNames is not null))
        .ToImmutableSortedDictionary(
            group => group.Key,
            group => group.SelectMany(source => source.TaskNames!.Value).ToImmutableSortedSet(StringComparer.Ordinal),
            StringComparer.Ordinal);

    /// <summary>Questions of each collection whose sources all have an end.</summary>
    public ImmutableSortedDictionary<string, long> Sizes => sources.GroupBy(source => source.Collection)
        .Where(group => group.All(source => source.Questions is not null))
        .ToImmutableSortedDictionary(group => group.Key, group => group.Sum(source => source.Questions!.Value), StringComparer.Ordinal);

    /// <summary>How far it has come.</summary>
    public SamplerState State => new(random.State, positions) { Given = given, Share = share };

    /// <summary>Whether every question of every source, or the quota of its collection, has been drawn in this pass.</summary>
    public bool IsExhausted => Enumerable.Range(0, collections.Length).All(collection => LiveOf(collection, Mixture.Even) == 0);

    /// <summary>Goes on from an earlier run's state; sources that it does not know begin at their beginning.</summary>
    public async ValueTask RestoreAsync(SamplerState state)
    {
        await CloseAsync();
        random = new SeededRandom(state.Random);
        (given, share) = (state.Given, state.Share);
        positions = [.. positions.Select(position => Restored(position, state))];
    }

    /// <summary>Begins a new pass: every source gives all its questions once more, from where it stands.</summary>
    public async ValueTask BeginPassAsync()
    {
        await CloseAsync();
        positions = [.. positions.Select(position => position with { Start = position.Position, Wrapped = false, Done = false })];
        (given, share) = (given.Clear(), 1);
    }

    /// <summary>Begins a new pass over the questions of the first one: each source from its beginning, some of them at random.</summary>
    /// <param name="share">Which share of them, above 0 and at most 1.</param>
    public async ValueTask BeginAgainAsync(double share)
    {
        await CloseAsync();
        positions = [.. positions.Select(position => position with { Position = 0, Start = 0, Wrapped = false, Done = false })];
        (given, this.share) = (given.Clear(), share);
    }

    /// <summary>The next question; null when no source with a positive weight has any left in this pass.</summary>
    public async ValueTask<TaskQuery?> NextAsync(Mixture mixture, CancellationToken cancellationToken)
    {
        while (Pick(mixture) is { } source)
        {
            if (await AdvanceAsync(source, cancellationToken) is { } query)
            {
                return query;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => CloseAsync();

    private SourcePosition Restored(SourcePosition position, SamplerState state)
    {
        if (state.Sources.FirstOrDefault(saved => saved.Source == position.Source) is not { } saved)
        {
            return position;
        }

        if (saved.Fingerprint != position.Fingerprint && saved.Position > 0)
        {
            faults.Report(new SourceFault(position.Source, 0, "The source's questions, or their order, are not those of the last run: they "
                + "are drawn from the beginning, and those that are stored are not asked again."));
        }

        return saved.Fingerprint == position.Fingerprint ? saved : position;
    }

    private int? Pick(Mixture mixture)
    {
        Span<double> weights = stackalloc double[collections.Length];
        for (var collection = 0; collection < weights.Length; collection++)
        {
            weights[collection] = LiveOf(collection, mixture) > 0 ? mixture.WeightOf(collections[collection].Name) : 0;
        }

        return Draw(weights) is { } picked ? PickSource(picked, mixture) : null;
    }

    // Uniformly among those of a collection that have questions left, or by the weights of their tasks where each has one.
    private int? PickSource(int collection, Mixture mixture)
    {
        var live = collections[collection].Sources.Where(source => !positions[source].Done).ToArray();
        var weights = live.Select(source => WeightOf(source, mixture)).ToArray();
        return weights.All(weight => weight == weights[0]) ? live[random.Next(live.Length)]
            : Draw(weights) is { } picked ? live[picked] : null;
    }

    private int? Draw(ReadOnlySpan<double> weights)
    {
        var total = 0.0;
        foreach (var weight in weights)
        {
            total += weight;
        }

        if (total <= 0)
        {
            return null;
        }

        var draw = random.NextDouble() * total;
        var picked = -1;
        for (var choice = 0; choice < weights.Length && draw >= 0; choice++)
        {
            // The last one that weighs anything, where rounding leaves a rest.
            picked = weights[choice] > 0 ? choice : picked;
            draw -= weights[choice];
        }

        return picked;
    }

    private double WeightOf(int source, Mixture mixture) =>
        taskOf[source] is { } task ? mixture.WeightOf(sources[source].Collection, task) : 1;

    // Sources of a collection that a question may be drawn from.
    private int LiveOf(int collection, Mixture mixture)
    {
        var name = collections[collection].Name;
        return HasQuota(name, out var quota) && given.GetValueOrDefault(name) >= quota ? 0
            : collections[collection].Sources.Count(source => !positions[source].Done && WeightOf(source, mixture) > 0);
    }

    // Of the source that was picked, however many are left out before: another pick would change the mixture.
    private async ValueTask<TaskQuery?> AdvanceAsync(int source, CancellationToken cancellationToken)
    {
        while (true)
        {
            var position = positions[source];
            if (position.Wrapped && position.Position == position.Start)
            {
                return await LeaveAsync(source, position with { Done = true });
            }

            if (!await MoveAsync(source, position, cancellationToken))
            {
                return await LeaveAsync(source, !position.Wrapped && position.Start > 0
                    ? position with { Position = 0, Wrapped = true }
                    : position with { Done = true });
            }

            positions = positions.SetItem(source, position with { Position = position.Position + 1 });
            if (open[source]!.Current is not { } query || options.IsLeftOut(query))
            {
                continue;
            }

            // A question that is not of the share counts too: the share is one of the questions of the whole quota.
            var collection = sources[source].Collection;
            var isLast = false;
            if (HasQuota(collection, out var quota))
            {
                given = given.SetItem(collection, given.GetValueOrDefault(collection) + 1);
                isLast = given[collection] >= quota;
            }

            if (IsOfShare(query))
            {
                return query;
            }

            if (isLast)
            {
                return null;
            }
        }
    }

    private bool HasQuota(string collection, out long quota) => options.Quotas.TryGetValue(collection, out quota);

    // By the question and the seed alone, so that what a pass gives is the same however often it is begun.
    private bool IsOfShare(TaskQuery query) =>
        share >= 1 || SeededRandom.Of(options.Seed, (long)QuestionText.KeyOf(query.Id)).NextDouble() < share;

    private async ValueTask<bool> MoveAsync(int source, SourcePosition position, CancellationToken cancellationToken)
    {
        var questions = open[source] ??= sources[source]
            .ReadAsync(position.Position, faults, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            return await questions.MoveNextAsync();
        }
        catch
        {
            // A reader that has thrown is over, yet its source is not used up: it is opened anew if it is asked again.
            await LeaveAsync(source, position);
            throw;
        }
    }

    private async ValueTask<TaskQuery?> LeaveAsync(int source, SourcePosition position)
    {
        positions = positions.SetItem(source, position);
        if (open[source] is { } questions)
        {
            open[source] = null;
            await questions.DisposeAsync();
        }

        return null;
    }

    private async ValueTask CloseAsync()
    {
        for (var source = 0; source < open.Length; source++)
        {
            await LeaveAsync(source, positions[source]);
        }
    }
}
