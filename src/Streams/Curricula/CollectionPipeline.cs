using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula;

/// <summary>
/// From task to trace: draw a query, ask the stage's teacher, screen the answer, store the verdict, hand the lesson to the curriculum. One
/// Rx composition, paced by credits: a query holds one from its draw until its lesson is taken or its trace rejected, so what is on its
/// way is bounded from end to end and a slow trainer slows the teachers.
/// </summary>
/// <remarks>
/// A query whose answer is stored is not asked again, however the last run ended. With a deterministic teacher the lessons enter in the
/// order of the queries. Does not pace itself to a teacher's quota. Owns none of what it is given.
/// </remarks>
public sealed class CollectionPipeline
{
    private readonly TaskSampler sampler;
    private readonly SystemMessages messages;
    private readonly IReadOnlyDictionary<string, ITeacher> teachers;
    private readonly ScreenSet screens;
    private readonly TraceStore store;
    private readonly Curriculum curriculum;
    private readonly CollectionOptions options;
    private readonly TimeProvider time;
    private readonly PipelineTally tally;
    private readonly SemaphoreSlim credits;
    private readonly Action releaseCredit;

    /// <summary>A pipeline into this curriculum.</summary>
    /// <param name="sampler">Where queries come from.</param>
    /// <param name="messages">Chooses each query's system message.</param>
    /// <param name="teachers">Every teacher that a stage names.</param>
    /// <param name="screens">What a trace must pass; that it makes a lesson is always asked for.</param>
    /// <param name="store">Where everything is kept; the curriculum's too.</param>
    /// <param name="curriculum">Where accepted traces go.</param>
    /// <param name="options">How much at once, and how patiently.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="TaskFormatException">A stage names a teacher that is not there, or an option is out of range.</exception>
    public CollectionPipeline(
        TaskSampler sampler,
        SystemMessages messages,
        IReadOnlyDictionary<string, ITeacher> teachers,
        ScreenSet screens,
        TraceStore store,
        Curriculum curriculum,
        CollectionOptions? options = null,
        TimeProvider? time = null)
    {
        this.options = options ?? new CollectionOptions();
        if (this.options.Credits < 1 || this.options.MaxConcurrentAsks < 1)
        {
            throw new TaskFormatException($"Credits is {this.options.Credits} and MaxConcurrentAsks {this.options.MaxConcurrentAsks}; "
                + "give 1 or more of each.");
        }

        if (curriculum.Options.Stages.FirstOrDefault(stage => !teachers.ContainsKey(stage.Teacher)) is { } stranger)
        {
            throw new TaskFormatException($"The stage '{stranger.Name}' names the teacher '{stranger.Teacher}'; there are "
                + $"{string.Join(", ", teachers.Keys)}.");
        }

        this.sampler = sampler;
        this.messages = messages;
        this.teachers = teachers;
        this.screens = screens;
        this.store = store;
        this.curriculum = curriculum;
        this.time = time ?? TimeProvider.System;
        tally = new PipelineTally(this.time);
        credits = new SemaphoreSlim(this.options.Credits);
        releaseCredit = () => credits.Release();
        curriculum.Know(sampler.Collections);
        for (var stage = 0; stage < curriculum.Options.Stages.Length; stage++)
        {
            if (TeacherOf(stage).IsDeterministic)
            {
                curriculum.KeepOrder(stage);
            }
        }
    }

    /// <summary>What happens, as it happens. Hot, one event at a time; listeners must be quick.</summary>
    public IObservable<PipelineEvent> Events => tally.Events;

    /// <summary>What has happened in this run.</summary>
    public PipelineStatistics Statistics => tally.Statistics;

    /// <summary>
    /// Collects stage after stage until the tasks of the last are used up or its length is reached. Cancelled, it draws nothing more,
    /// stores what has been answered and returns; what was not answered is drawn again in the next run. Once.
    /// </summary>
    /// <exception cref="TeacherException">
    /// A teacher is given up or its settings are at fault; nothing that was answered is lost.
    /// </exception>
    /// <exception cref="TraceStoreException">The store cannot be written.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var faults = sampler.Faults.Subscribe(fault => tally.Tell(new SourceFaulted(fault)));
        try
        {
            for (var stage = await ResumeAsync(); stage < curriculum.Options.Stages.Length; stage++)
            {
                await CollectAsync(stage, cancellationToken);
                if (cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                tally.Tell(new StageCollected(curriculum.Options.Stages[stage].Name));
                curriculum.Supply(stage, TraceSupply.UsedUp);
                await sampler.BeginPassAsync();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that the caller asked for.
        }
        finally
        {
            tally.Complete();
        }
    }

    // Goes on where the last run stopped, or with the curriculum's stage where that is further.
    private async Task<int> ResumeAsync()
    {
        var current = curriculum.StageIndex(curriculum.State.Progress.Stage);
        var collected = current;
        if (CollectorPosition.FromJson(store.Position()) is { } position)
        {
            await sampler.RestoreAsync(position.Sampler);
            collected = Math.Max(curriculum.StageIndex(position.Stage), current);
            if (curriculum.Options.Stages[collected].Name != position.Stage)
            {
                await sampler.BeginPassAsync();
            }
        }

        for (var stage = 0; stage < collected; stage++)
        {
            curriculum.Supply(stage, TraceSupply.UsedUp);
        }

        return collected;
    }

    private async Task CollectAsync(int stage, CancellationToken cancellationToken)
    {
        var teacher = TeacherOf(stage);
        tally.Tell(new StageOpened(curriculum.Options.Stages[stage].Name, teacher.Name));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var desk = new TeacherDesk(teacher, options, tally, time);
        var feed = new QueryFeed(stage, sampler, messages, store, curriculum, tally, credits, curriculum.Changed);
        var running = new RunningTasks(stop);

        var judged = Observable.Create<QueryTicket>(observer => running.Track(feed.EmitAsync(observer, stop.Token)))
            .Select(ticket => running.Track(JudgeAsync(ticket, desk, stop.Token)));
        var inTurn = teacher.IsDeterministic ? judged.InTurn() : judged.Merge();
        var collected = inTurn
            .Select(query => running.Track(SettleAsync(query, feed)))
            .InTurn()
            .Do(settled => HandOver(settled, feed));
        try
        {
            // Not cancelled from here: the feed ends, what is on its way comes to its end, and so does the composition.
            await collected.LastOrDefaultAsync().ToTask(CancellationToken.None);
        }
        finally
        {
            await stop.CancelAsync();
            await running.DrainAsync();
        }
    }

    // The request before it is asked, the answer before it is judged: each is committed first.
    private async Task<JudgedQuery> JudgeAsync(QueryTicket ticket, TeacherDesk desk, CancellationToken cancellationToken)
    {
        var key = ticket.Stored?.Key ?? 0;
        var trace = ticket.Stored?.Answer;
        try
        {
            if (trace is null)
            {
                key = await store.AskAsync(ticket.Request, cancellationToken);
                (trace, var failure) = await desk.AskAsync(ticket.Request, cancellationToken);
                if (trace is null)
                {
                    return new JudgedQuery(ticket, key, null, null, failure);
                }

                await store.AnswerAsync(key, trace, CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new JudgedQuery(ticket, key, null, null, null);
        }

        var screened = screens.Judge(trace);
        if (!screened.Accepted)
        {
            return new JudgedQuery(ticket, key, screened, null, null);
        }

        var (lesson, verdict) = curriculum.Maker.Make(trace);
        return new JudgedQuery(
            ticket, key, verdict is null ? screened : screened with { Verdicts = screened.Verdicts.Add(verdict) }, lesson, null);
    }

    private async Task<(JudgedQuery Query, long? Place)> SettleAsync(JudgedQuery query, QueryFeed feed)
    {
        if (query.IsOpen)
        {
            return (query, null);
        }

        var position = feed.Settle(query.Ticket)?.ToJson();
        if (query.Screened is { } screened)
        {
            return (query, await store.SettleAsync(query.Key, screened, position));
        }

        await store.FailAsync(query.Key, query.Ticket.Request.Stage, query.Failure!, position);
        return (query, null);
    }

    private void HandOver((JudgedQuery Query, long? Place) settled, QueryFeed feed)
    {
        var (query, place) = settled;
        if (query.IsOpen)
        {
            tally.Undrawn();
        }
        else
        {
            tally.Tell(EventOf(query));
        }

        if (place is { } taken)
        {
            curriculum.Offer(new OfferMessage(query.Ticket.Stage, taken, query.Lesson!, releaseCredit));
        }
        else
        {
            releaseCredit();
        }

        feed.Leave(query.Ticket, isAccepted: place is not null);
    }

    private static PipelineEvent EventOf(JudgedQuery query)
    {
        if (query.Screened is not { } screened)
        {
            return new RequestFailed(query.Ticket.Request, query.Failure!);
        }

        return screened.Verdicts.FirstOrDefault(verdict => !verdict.Passed) is { } rejection
            ? new TraceRejected(screened.Trace, rejection.Screen, rejection.Reason!)
            : new TraceKept(screened.Trace, query.Lesson!);
    }

    private ITeacher TeacherOf(int stage) => teachers[curriculum.Options.Stages[stage].Teacher];
}
