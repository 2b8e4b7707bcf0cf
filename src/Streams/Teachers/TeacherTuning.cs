using System.Collections.Immutable;

namespace Orca.Streams.Teachers;

/// <summary>Which teachers are asked, how fast and for how much, as commands have set it.</summary>
public sealed record TeacherTuning
{
    /// <summary>Nothing is set.</summary>
    public static TeacherTuning None { get; } = new();

    /// <summary>Most that all calls of the run may cost, in the currency of their prices; null: as the settings say.</summary>
    public decimal? Budget { get; init; }

    /// <summary>What is set of endpoints by their names.</summary>
    public ImmutableSortedDictionary<string, EndpointTuning> Endpoints { get; init; } =
        ImmutableSortedDictionary<string, EndpointTuning>.Empty;

    /// <summary>What is wrong with it as a command, one sentence; null where nothing is.</summary>
    internal string? FaultAmong(ImmutableSortedSet<string> known) =>
        Budget is null && Endpoints.IsEmpty ? "Nothing of the teachers is set; name an endpoint or give a budget."
        : Budget < 0 ? $"The budget is {Budget}; give 0 or more."
        : !known.IsEmpty && Endpoints.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown
            ? $"There is no endpoint '{unknown}' here; there are {string.Join(", ", known)}."
        : Endpoints.Select(pair => pair.Value.FaultOf(pair.Key)).FirstOrDefault(fault => fault is not null);

    /// <summary>The same with what a later command has set.</summary>
    internal TeacherTuning With(TeacherTuning later) => new()
    {
        Budget = later.Budget ?? Budget,
        Endpoints = Endpoints.SetItems(later.Endpoints.Select(pair =>
            KeyValuePair.Create(pair.Key, (Endpoints.GetValueOrDefault(pair.Key) ?? EndpointTuning.None).With(pair.Value)))),
    };
}

/// <summary>What commands have set of one endpoint. What is absent is as the settings say.</summary>
public sealed record EndpointTuning
{
    /// <summary>Nothing is set.</summary>
    public static EndpointTuning None { get; } = new();

    /// <summary>Whether it is asked.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Requests that it is sent a minute at most.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens that it is sent and sends a minute at most.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>What is wrong with it, one sentence; null where nothing is.</summary>
    internal string? FaultOf(string name) =>
        this == None ? $"Nothing of the endpoint '{name}' is set; give its requests or tokens a minute, or on or off."
        : RequestsPerMinute < 1 ? $"The endpoint '{name}' is given {RequestsPerMinute} requests a minute; give 1 or more, or switch it off."
        : TokensPerMinute < 1 ? $"The endpoint '{name}' is given {TokensPerMinute} tokens a minute; give 1 or more, or switch it off."
        : null;

    /// <summary>The same with what a later command has set.</summary>
    internal EndpointTuning With(EndpointTuning later) => new()
    {
        Enabled = later.Enabled ?? Enabled,
        RequestsPerMinute = later.RequestsPerMinute ?? RequestsPerMinute,
        TokensPerMinute = later.TokensPerMinute ?? TokensPerMinute,
    };
}
