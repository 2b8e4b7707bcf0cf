using System.Collections.Immutable;
using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>How far a request has come.</summary>
public enum TraceState
{
    /// <summary>It was put to a teacher; no answer is stored.</summary>
    Asked,

    /// <summary>Its answer is stored and not judged yet.</summary>
    Answered,

    /// <summary>Every screen let the answer pass.</summary>
    Accepted,

    /// <summary>A screen rejected the answer.</summary>
    Rejected,

    /// <summary>It can never be answered.</summary>
    Failed,
}

/// <summary>All that a store knows of a request.</summary>
public sealed record StoredTrace
{
    /// <summary>Its key in the store; grows in the order of the requests.</summary>
    public required long Key { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>How far it has come.</summary>
    public required TraceState State { get; init; }

    /// <summary>What was asked.</summary>
    public required TeacherRequest Request { get; init; }

    /// <summary>How often it was asked.</summary>
    public required int TimesAsked { get; init; }

    /// <summary>When it was asked last.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>The answer; null where there is none.</summary>
    public Trace? Answer { get; init; }

    /// <summary>When it was answered; null where it was not.</summary>
    public DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>What was found; null where it has not been judged.</summary>
    public StoredVerdict? Verdict { get; init; }
}

/// <summary>What was found of a request.</summary>
public sealed record StoredVerdict
{
    /// <summary>How it ended.</summary>
    public required TraceOutcome Outcome { get; init; }

    /// <summary>Its number among the accepted traces of its stage, from 0; null where it is none of them.</summary>
    public long? Place { get; init; }

    /// <summary>The screen that rejected it; null where none did.</summary>
    public string? Screen { get; init; }

    /// <summary>The settings by which that screen did; null where they are not known.</summary>
    public string? Settings { get; init; }

    /// <summary>Why it was not accepted; null where it was.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was found.</summary>
    public required DateTimeOffset JudgedAt { get; init; }

    /// <summary>What each screen found, in the order they judged.</summary>
    public required ImmutableArray<ScreenVerdict> Screens { get; init; }

    /// <summary><see cref="ScreenedTrace.ControlArm"/> for one that was let pass at random; null otherwise.</summary>
    public string? Arm { get; init; }
}

/// <summary>Which requests of a store; what is null is not looked at.</summary>
public sealed record TraceFilter
{
    /// <summary>How far they have come.</summary>
    public TraceState? State { get; init; }

    /// <summary>Their stage.</summary>
    public string? Stage { get; init; }

    /// <summary>Their collection.</summary>
    public string? Collection { get; init; }

    /// <summary>Their task.</summary>
    public string? Task { get; init; }

    /// <summary>Who answered.</summary>
    public string? Teacher { get; init; }

    /// <summary>The screen that rejected them.</summary>
    public string? Screen { get; init; }

    /// <summary>The key that theirs are above.</summary>
    public long After { get; init; }
}

/// <summary>Requests that have something in common, counted.</summary>
/// <param name="Name">What they have in common; empty where they have it not.</param>
/// <param name="Traces">How many there are.</param>
/// <param name="PromptTokens">Tokens of their prompts as the teachers counted them.</param>
/// <param name="CompletionTokens">Tokens of their answers likewise.</param>
/// <param name="Cost">Their price in US dollars.</param>
public sealed record TraceCount(string Name, long Traces, long PromptTokens, long CompletionTokens, decimal Cost);

/// <summary>What a screen rejected.</summary>
/// <param name="Screen">Its name.</param>
/// <param name="Traces">How many traces.</param>
public sealed record ScreenRejections(string Screen, long Traces);
