using System.Collections.Immutable;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>What a stage asks, one question after another.</summary>
internal interface IQuestions
{
    /// <summary>Whether none is left, whatever is wanted.</summary>
    bool IsExhausted { get; }

    /// <summary>
    /// The next request, with where collecting stands after it, null where it does not move; null for none of this mixture.
    /// </summary>
    ValueTask<(TeacherRequest Request, CollectorPosition? After)?> NextAsync(Mixture mixture, CancellationToken cancellationToken);
}

/// <summary>A stage's questions, drawn from the sources, without those that a sieve leaves out.</summary>
internal sealed class SampledQuestions(
    TaskSampler sampler, SystemMessages messages, string stage, ImmutableArray<IQuestionSieve> sieves, CollectionEvents events) : IQuestions
{
    public bool IsExhausted => sampler.IsExhausted;

    public async ValueTask<(TeacherRequest Request, CollectorPosition? After)?> NextAsync(
        Mixture mixture, CancellationToken cancellationToken)
    {
        TaskQuery? query;
        do
        {
            if ((query = await sampler.NextAsync(mixture, cancellationToken)) is null)
            {
                return null;
            }
        }
        while (IsLeftOut(query));

        var request = new TeacherRequest { Query = query, SystemMessage = messages.Choose(query, stage).Text, Stage = stage };
        return (request, new CollectorPosition(stage, sampler.State));
    }

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

    public ValueTask<(TeacherRequest Request, CollectorPosition? After)?> NextAsync(
        Mixture mixture, CancellationToken cancellationToken) =>
        ValueTask.FromResult<(TeacherRequest, CollectorPosition?)?>(IsExhausted ? null : (requests[next++], null));
}
