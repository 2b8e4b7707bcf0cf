using System.Collections.Immutable;
using Orca.Cli.Daemon;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Cli.Configuration;

/// <summary>What the teacher's settings say of endpoints: which there are, which stage asks which, and what may be spent.</summary>
internal static class TeacherEndpoints
{
    /// <summary>The endpoints; where none are listed, one for each model of the single teacher.</summary>
    public static ImmutableArray<EndpointOptions> Of(TeacherSettings teacher) => teacher.Endpoints.IsEmpty
        ? [.. Models(teacher).Select(model => Options(teacher, new EndpointSettings { Model = model }))]
        : [.. teacher.Endpoints.Select(endpoint => Options(teacher, endpoint))];

    /// <summary>Names of the endpoints that a stage asks.</summary>
    public static ImmutableArray<string> NamesFor(TeacherSettings teacher, string stage)
    {
        var chosen = stage == Stages.Expert ? teacher.ExpertEndpoints : teacher.AssistantEndpoints;
        return !chosen.IsEmpty ? chosen
            : !teacher.Endpoints.IsEmpty ? [.. Of(teacher).Select(endpoint => endpoint.Name)]
            : [stage == Stages.Expert ? Models(teacher)[^1] : Models(teacher)[0]];
    }

    /// <summary>The budgets.</summary>
    public static ImmutableArray<Budget> Budgets(TeacherSettings teacher) =>
    [
        .. teacher.Budget is { } all ? [new Budget(BudgetScope.Run, "", (decimal)all)] : Array.Empty<Budget>(),
        .. teacher.StageBudgets.Select(stage => new Budget(BudgetScope.Stage, stage.Key, (decimal)stage.Value)),
        .. Of(teacher).Zip(teacher.Endpoints).Where(pair => pair.Second.Budget is not null)
            .Select(pair => new Budget(BudgetScope.Endpoint, pair.First.Name, pair.Second.Budget!.Value)),
    ];

    /// <summary>Everything wrong with them, one sentence each.</summary>
    public static IEnumerable<string> Faults(TeacherSettings teacher)
    {
        if (teacher.Endpoints.FirstOrDefault(endpoint => endpoint.Kind is not ("openai" or "azure")) is { } stranger)
        {
            return [$"Setting 'teacher.endpoints' has the kind '{stranger.Kind}'; expected openai or azure."];
        }

        if (Urls(teacher).FirstOrDefault(url => !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            is { } wrong)
        {
            return [$"Setting '{(teacher.Endpoints.IsEmpty ? "teacher.baseUrl" : "teacher.endpoints")}' is '{wrong}'; expected an http or "
                + "https address such as http://127.0.0.1:8000/v1."];
        }

        var endpoints = Of(teacher);
        return
        [
            .. Endpoints(endpoints), .. Chosen(teacher, endpoints), .. Money(teacher, endpoints), .. Batches(teacher),
            .. Answers(teacher, endpoints),
        ];
    }

    private static IEnumerable<string> Endpoints(ImmutableArray<EndpointOptions> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Fault() is { } fault)
            {
                yield return $"Setting 'teacher.endpoints', '{endpoint.Name}': {fault}.";
            }
        }

        foreach (var (url, variable) in endpoints.Where(endpoint => endpoint.KeyVariable is { } name && !endpoint.Url.IsLoopback
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))).Select(endpoint =>
                (endpoint.Url, endpoint.KeyVariable)).Distinct())
        {
            yield return $"Setting 'teacher.keyVariable' names {variable}, which is not set; export it with the key for {url}.";
        }

        if (endpoints.GroupBy(endpoint => endpoint.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            yield return $"Setting 'teacher.endpoints' has two endpoints '{twice.Key}'; give each a name of its own.";
        }
    }

    private static IEnumerable<string> Chosen(TeacherSettings teacher, ImmutableArray<EndpointOptions> endpoints)
    {
        foreach (var (key, names) in ((string, ImmutableArray<string>)[])
            [("assistantEndpoints", teacher.AssistantEndpoints), ("expertEndpoints", teacher.ExpertEndpoints),
                ("judgeEndpoints", teacher.JudgeEndpoints)])
        {
            if (names.FirstOrDefault(name => endpoints.All(endpoint => endpoint.Name != name)) is { } unknown)
            {
                yield return $"Setting 'teacher.{key}' names the endpoint '{unknown}'; there are "
                    + $"{string.Join(", ", endpoints.Select(endpoint => endpoint.Name))}.";
            }
        }

        if (teacher.StageBudgets.Keys.FirstOrDefault(stage => stage is not (Stages.Assistant or Stages.Expert or Stages.Judge))
            is { } stranger)
        {
            yield return $"Setting 'teacher.stageBudgets' names the stage '{stranger}'; there are {Stages.Assistant}, {Stages.Expert} and "
                + $"{Stages.Judge}.";
        }
    }

    private static IEnumerable<string> Batches(TeacherSettings teacher)
    {
        var several = new[] { Stages.Assistant, Stages.Expert }.FirstOrDefault(stage => NamesFor(teacher, stage).Length > 1);
        if (teacher is { Batch: true, JudgeEndpoints.Length: > 1 })
        {
            yield return "Setting 'teacher.batch' asks one endpoint, and 'teacher.judgeEndpoints' names several; name one.";
        }

        if (teacher.Batch && several is not null)
        {
            yield return $"Setting 'teacher.batch' asks one endpoint a stage, and the stage {several} has several; name one in "
                + $"teacher.{several}Endpoints.";
        }
    }

    private static IEnumerable<string> Answers(TeacherSettings teacher, ImmutableArray<EndpointOptions> endpoints)
    {
        // Whoever only judges is asked once about an answer.
        var names = new[] { Stages.Assistant, Stages.Expert }.SelectMany(stage => NamesFor(teacher, stage)).ToHashSet();
        if (teacher.Answers > 1 && endpoints.FirstOrDefault(endpoint => names.Contains(endpoint.Name) && endpoint.Temperature == 0
            && !endpoint.LeaveOut.Contains("temperature") && !endpoint.Add.ContainsKey("temperature")) is { } alike)
        {
            yield return $"Setting 'teacher.answers' is {teacher.Answers}, but the endpoint '{alike.Name}' is asked at temperature 0, where "
                + "its answers are alike; expected a temperature above 0, or one answer.";
        }
    }

    // A call whose price has no bound cannot be kept within a budget.
    private static IEnumerable<string> Money(TeacherSettings teacher, ImmutableArray<EndpointOptions> endpoints)
    {
        var budgets = Budgets(teacher);
        if (budgets.IsEmpty)
        {
            yield break;
        }

        var priced = endpoints.Where(endpoint => endpoint.PriceIn + endpoint.PriceOut > 0).ToList();
        if (priced.Count == 0)
        {
            yield return "There is a budget, but no endpoint has a price; set priceIn and priceOut, in US dollars for a million tokens.";
        }

        foreach (var endpoint in priced.Where(endpoint => !endpoint.BoundsLength
            && budgets.Any(budget => budget.Scope != BudgetScope.Endpoint || budget.Name == endpoint.Name)))
        {
            yield return $"The endpoint '{endpoint.Name}' has a budget, but is not told how long an answer may be, so that a call may cost "
                + "anything; do not leave out or replace its limit of tokens, or take the budget away.";
        }
    }

    private static IEnumerable<string> Urls(TeacherSettings teacher) => teacher.Endpoints.IsEmpty
        ? [teacher.BaseUrl]
        : teacher.Endpoints.Select(endpoint => endpoint.Url ?? teacher.BaseUrl);

    private static ImmutableArray<string> Models(TeacherSettings teacher) =>
        teacher.ExpertModel is { } expert && expert != teacher.Model ? [teacher.Model, expert] : [teacher.Model];

    private static EndpointOptions Options(TeacherSettings teacher, EndpointSettings endpoint)
    {
        var url = new Uri(endpoint.Url ?? teacher.BaseUrl);
        var variable = endpoint.KeyVariable ?? teacher.KeyVariable;
        return new EndpointOptions
        {
            Name = endpoint.Name ?? endpoint.Model ?? teacher.Model,
            Kind = endpoint.Kind == "azure" ? EndpointKind.Azure : EndpointKind.OpenAi,
            Url = url,
            Model = endpoint.Model ?? teacher.Model,

            // On this machine a key is not asked for, but shown where there is one.
            KeyVariable = url.IsLoopback && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)) ? null : variable,
            Temperature = endpoint.Temperature ?? teacher.Temperature,
            TopP = endpoint.TopP ?? teacher.TopP,
            MaxTokens = endpoint.MaxTokens ?? teacher.MaxTokens,
            LeaveOut = endpoint.LeaveOut ?? teacher.LeaveOut,
            Add = endpoint.Add.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.GetRawText()),
            Headers = endpoint.Headers,
            Timeout = TimeSpan.FromSeconds(endpoint.TimeoutSeconds ?? teacher.TimeoutSeconds),
            RequestsPerMinute = endpoint.RequestsPerMinute ?? teacher.RequestsPerMinute,
            TokensPerMinute = endpoint.TokensPerMinute ?? teacher.TokensPerMinute,
            Concurrency = endpoint.Concurrency ?? teacher.Parallel,
            PriceIn = endpoint.PriceIn ?? (decimal)teacher.PriceIn,
            PriceOut = endpoint.PriceOut ?? (decimal)teacher.PriceOut,
        };
    }
}
