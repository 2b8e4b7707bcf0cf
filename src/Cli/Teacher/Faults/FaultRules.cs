using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Orca.Cli.Teacher.Faults;

/// <summary>Chooses what goes wrong with each call: the first rule that applies to it. Any thread.</summary>
/// <param name="rules">The rules, in order.</param>
/// <param name="time">The endpoint's clock.</param>
internal sealed class FaultRules(ImmutableArray<FaultRule> rules, TimeProvider time)
{
    private readonly int[] _met = new int[rules.Length];
    private readonly long _start = time.GetTimestamp();

    /// <summary>The fault of a call, and the pause it asks for in the endpoint's time; null where none meets it.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="draw">The call's random numbers, with how often the question was asked.</param>
    /// <param name="before">How many calls there were before it.</param>
    public (FaultKind Kind, TimeSpan Pause)? Next(ChatRequest request, Draw draw, long before)
    {
        for (var index = 0; index < rules.Length; index++)
        {
            if (Applies(index, request, draw, before))
            {
                return (FaultKind.Named(rules[index].Fault)!, TimeSpan.FromSeconds(rules[index].PauseSeconds));
            }
        }

        return null;
    }

    private bool Applies(int index, ChatRequest request, Draw draw, long before)
    {
        var rule = rules[index];
        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        var holds = (rule.Model is null || rule.Model == request.Model)
            && (rule.Matching is null || request.Question.Contains(rule.Matching, StringComparison.Ordinal))
            && !(draw.Turn >= rule.Times) && !(before < rule.After) && !(seconds < rule.FromSeconds) && !(seconds >= rule.UntilSeconds)
            && !(draw.Uniform($"fault {index}") > rule.Probability);
        return holds && (rule.Every is not { } every || (Interlocked.Increment(ref _met[index]) - 1) % every == 0);
    }
}

/// <summary>Counts how often each question is asked. Any thread.</summary>
internal sealed class QuestionTurns
{
    private readonly ConcurrentDictionary<(string Model, string Question), int> _asked = new();

    /// <summary>How often the question was asked of the model before; from now on once more.</summary>
    public int Next(string model, string question) => _asked.AddOrUpdate((model, question), 1, (_, times) => times + 1) - 1;
}
