using Orca.Streams.Bus;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>
/// What a student practises on: each question of the stage before that has an accepted answer, once, in the order in which those were
/// accepted, with that answer as a hint. They cost nothing: the answers are paid for. One that weighs nothing when its turn comes, or is
/// too hard by then, is passed over for good.
/// </summary>
/// <param name="store">Where the answers are.</param>
/// <param name="explained">Name of the stage before.</param>
/// <param name="stage">Name of the stage of practice.</param>
/// <param name="from">The first place that was not drawn.</param>
/// <param name="sampler">Where the sampler stands, which is not moved.</param>
internal sealed class ExplainedQuestions(
    TraceStore store, string explained, string stage, long from, SamplerState sampler) : IQuestions
{
    private const int Page = 64;

    private readonly Queue<AcceptedTrace> page = [];
    private long next = from;

    public bool IsExhausted { get; private set; }

    public bool AreOwed => false;

    public bool AwaitTheirStage => true;

    public ValueTask<(TeacherRequest Request, CollectorPosition? After)?> NextAsync(
        TraceDemand demand, long draw, CancellationToken cancellationToken)
    {
        while (Next() is { } trace)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answered = trace.Trace.Request;
            var query = answered.Query;
            if (demand.Mixture.WeightOf(query.Collection) <= 0 || demand.Mixture.WeightOf(query.Collection, query.Task) <= 0
                || query.Difficulty > demand.MaxDifficulty)
            {
                continue;
            }

            var request = new TeacherRequest
            {
                Query = query,
                SystemMessage = answered.SystemMessage,
                Stage = stage,
                Hint = trace.Trace.Response,
            };
            return ValueTask.FromResult<(TeacherRequest, CollectorPosition?)?>(
                (request, new CollectorPosition(stage, sampler) { Draws = draw, Explained = trace.Place + 1 }));
        }

        return ValueTask.FromResult<(TeacherRequest, CollectorPosition?)?>(null);
    }

    private AcceptedTrace? Next()
    {
        if (page.Count == 0)
        {
            foreach (var trace in store.Accepted(explained, next, Page))
            {
                page.Enqueue(trace);
                next = trace.Place + 1;
            }
        }

        IsExhausted = page.Count == 0;
        return IsExhausted ? null : page.Dequeue();
    }
}
