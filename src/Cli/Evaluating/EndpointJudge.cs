using System.Collections.Immutable;
using Orca.Evaluation.Judges;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;

namespace Orca.Cli.Evaluating;

/// <summary>
/// A judge behind endpoints, asked as teachers are: paced, again where they are busy, within budgets that are kept in a store. An answer
/// that the store has is not asked for again, whatever became of the process that asked.
/// </summary>
internal sealed class EndpointJudge : IJudge, IAsyncDisposable
{
    private const string StoreName = "judge.db";

    private readonly JudgeEndpoint _judge;
    private readonly TraceStore _store;
    private readonly RequestScheduler _scheduler;
    private readonly ImmutableArray<string> _names;
    private volatile string? _leftOut;

    private EndpointJudge(JudgeEndpoint judge, TraceStore store, RequestScheduler scheduler)
    {
        (_judge, _store, _scheduler) = (judge, store, scheduler);
        _names = [.. judge.Endpoints.Select(endpoint => endpoint.Name)];
    }

    /// <inheritdoc/>
    public string Name => _judge.Model;

    /// <summary>What becomes of calls; completes when the judge is disposed.</summary>
    public IObservable<TeacherEvent> Events => _scheduler.Events;

    /// <summary>Why the last review that there is none of for now is missing; null where none is.</summary>
    public string? LeftOut => _leftOut;

    /// <summary>Opens the judge with its store in a run's folder; nothing is asked yet.</summary>
    /// <exception cref="TeacherException">A key is missing, or an option of an endpoint is out of range.</exception>
    /// <exception cref="TraceStoreException">Another process judges this run, or the store cannot be written.</exception>
    public static async Task<EndpointJudge> OpenAsync(JudgeEndpoint judge, string run, TimeProvider clock)
    {
        var store = TraceStore.Open(Path.Combine(run, StoreName), time: clock);
        try
        {
            var scheduler = new RequestScheduler(
                judge.Endpoints.Select(endpoint => TeacherEndpoint.Open(endpoint, clock)),
                ledger: store.Ledger(judge.Budgets), time: clock);
            return new EndpointJudge(judge, store, scheduler);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="TeacherException">The endpoints are given up, their settings are at fault, or a budget has no room.</exception>
    public async Task<Review?> ReviewAsync(ReviewRequest request, CancellationToken cancellationToken)
    {
        var asked = Asked(request);
        if (_store.Find(asked.Id)?.Answer is { } known)
        {
            return ReviewOf(known);
        }

        try
        {
            // Before it is asked: the ledger keeps the answers of requests that the store knows, in the commit that pays for them.
            await _store.AskAsync(asked, cancellationToken);
            return ReviewOf(await _scheduler.AskAsync(asked, _names, cancellationToken));
        }
        catch (TeacherException refused) when (refused.Fault == TeacherFault.Request)
        {
            return new Review("", 0, 0, 0, refused.Message);
        }
        catch (TeacherException unclear) when (unclear.Fault == TeacherFault.Unclear)
        {
            _leftOut = unclear.Message;
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _scheduler.Dispose();
        await _store.DisposeAsync();
    }

    private TeacherRequest Asked(ReviewRequest request) => new()
    {
        Query = new TaskQuery
        {
            Id = TaskQuery.IdOf(TeacherRequest.JudgeStage, request.Item, request.PlaceBy(Name), null),
            Collection = request.Suite,
            Task = request.Task,
            Prompt = request.Prompt.Text,
        },
        SystemMessage = request.Prompt.SystemMessage,
        Stage = TeacherRequest.JudgeStage,
    };

    private static Review ReviewOf(Trace trace) => new(trace.Response, trace.PromptTokens, trace.CompletionTokens, trace.Cost);
}
