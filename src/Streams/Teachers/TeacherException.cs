using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Teachers;

/// <summary>A teacher could not answer; the message names the teacher and the remedy.</summary>
public sealed class TeacherException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What is at fault, and so whether asking again can help.</summary>
    public TeacherFault Fault { get; init; } = TeacherFault.Temporary;

    /// <summary>The budget that has no room for the request; null where no budget is why.</summary>
    public Budget? SpentBudget { get; init; }

    /// <summary>Whether it said anything at all: one that was never reached may be the wrong address.</summary>
    public bool IsReached { get; init; }
}

/// <summary>What is at fault when a teacher fails.</summary>
public enum TeacherFault
{
    /// <summary>The endpoint or the way to it, for now: the same request may be answered later.</summary>
    Temporary,

    /// <summary>This request: it can never be answered, others can.</summary>
    Request,

    /// <summary>This request, or the settings: whether others are answered tells.</summary>
    Unclear,

    /// <summary>The settings (key, model, address): nothing is answered until they change.</summary>
    Settings,
}
