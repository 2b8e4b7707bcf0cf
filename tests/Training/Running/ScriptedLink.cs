using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Tests.Running;

/// <summary>A curriculum's end of the link that gives each step the orders of a script, and writes down what it is told.</summary>
internal sealed class ScriptedLink(Func<long, StepOrders>? orders = null) : ITrainerLink
{
    /// <summary>The calls in their order, such as <c>fill 1</c>.</summary>
    public List<string> Calls { get; } = [];

    public List<StepResult> Results { get; } = [];

    public List<(RollBackOrder Order, string Reason)> Refusals { get; } = [];

    public List<(RollBackOrder Order, byte[] Curriculum)> Rollbacks { get; } = [];

    /// <summary>Called when a rollback is told of; gives the answer.</summary>
    public Func<byte[], bool> OnRolledBack { get; init; } = _ => true;

    public void Fill(long step) => Calls.Add($"fill {step}");

    public StepOrders Filled(long step)
    {
        Calls.Add($"filled {step}");
        return orders?.Invoke(step) ?? StepOrders.None;
    }

    public void Made(StepResult result)
    {
        Calls.Add($"made {result.Step}");
        Results.Add(result);
    }

    public bool RolledBack(RollBackOrder order, ReadOnlyMemory<byte> curriculum)
    {
        Calls.Add($"rolled back to {order.Checkpoint}");
        Rollbacks.Add((order, curriculum.ToArray()));
        return OnRolledBack(curriculum.ToArray());
    }

    public void Refused(RollBackOrder order, string reason)
    {
        Calls.Add($"refused {order.Checkpoint}");
        Refusals.Add((order, reason));
    }
}
