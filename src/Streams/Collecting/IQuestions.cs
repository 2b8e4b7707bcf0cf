using System.Collections.Immutable;
using Orca.Streams.Bus;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>What a stage asks, one question after another.</summary>
internal interface IQuestions
{
    /// <summary>Whether none is left, whatever is wanted.</summary>
    bool IsExhausted { get; }

    /// <summary>Whether they are asked though their stage is taught no more: earlier runs owe them an end.</summary>
    bool AreOwed { get; }

    /// <summary>Whether they are asked only once their stage is taught: of the student that has learned all that is before it.</summary>
    bool AwaitTheirStage => false;

    /// <summary>
    /// The next request, with where collecting stands after it, null where it does not move; null for none that is wanted now.
    /// </summary>
    /// <param name="demand">What is wanted.</param>
    /// <param name="draw">The draw's number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<(TeacherRequest Request, CollectorPosition? After)?> NextAsync(
        TraceDemand demand, long draw, CancellationToken cancellationToken);
}

/// <summary>A stage's questions, drawn from the sources, without those that a sieve leaves out.</summary>
internal sealed class SampledQuestions(
    TaskSampler sampler, SystemMessages messages, string stage, ImmutableArray<IQuestionSieve> sieves, CollectionEvents events) : IQuestions
{
    public bool IsExhausted => sampler.IsExhausted;

    public bool AreOwed => false;

    public async ValueTask<(TeacherRequest Request, CollectorPosition? After)?> NextAsync(
        TraceDemand demand, long draw, CancellationToken cancellationToken)
    {
        TaskQuery? query;
        do
        {
            if ((query = await sampler.NextAsync(demand.Mixture, cancellationToken)) is null)
            {
                return null;
            }
        }
        while (IsPassedOver(query, demand) || IsLeftOut(query));

        var request = new TeacherRequest
        {
            Query = query,
            SystemMessage = messages.Choose(query, stage, demand.MessageWeights).Text,
            Stage = stage,
        };
        return (request, new CollectorPosition(stage, sampler.State) { Draws = draw });
    }

    // Of a source of several tasks one may weigh nothing, or be too hard by now: it is not paid for, and comes again with the next pass.
    private static bool IsPassedOver(TaskQuery query, TraceDemand demand) =>
        query.Difficulty > demand.MaxDifficulty || demand.Mixture.WeightOf(query.Collection, query.Task) <= 0;

    private bool IsLeftOut(TaskQuery query)
    {
        foreach (var sieve in sieves)
        {
            if (sieve.Look(query) is { } finding)
            {
                events.Tell(new QuestionLeftOut(query, finding.Name, finding.Reason));
                return true;
            }
        }

        return false;
    }
}

/// <summary>Questions of a stage that collecting has passed, whose end earlier runs left open.</summary>
internal sealed class LeftOpenQuestions(ImmutableArray<TeacherRequest> requests) : IQuestions
{
    private int next;

    public bool IsExhausted => next == requests.Length;

    // A run that goes on without a checkpoint comes through its stages faster than a teacher answers.
    public bool AreOwed => true;

    public ValueTask<(TeacherRequest Request, CollectorPosition? After)?> NextAsync(
        TraceDemand demand, long draw, CancellationToken cancellationToken) =>
        ValueTask.FromResult<(TeacherRequest, CollectorPosition?)?>(IsExhausted ? null : (requests[next++], null));
}
