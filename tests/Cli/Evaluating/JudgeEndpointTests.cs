using System.Collections.Immutable;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Evaluating;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Cli.Tests.Evaluating;

public sealed class JudgeEndpointTests
{
    private static readonly TeacherSettings Settings = new()
    {
        Kind = "openai",
        Endpoints =
        [
            new EndpointSettings { Name = "teacher", Model = "large" },
            new EndpointSettings { Name = "judge-a", Model = "wise", Temperature = 0, PriceIn = 1, PriceOut = 2 },
            new EndpointSettings { Name = "judge-b", Model = "wise", Temperature = 0, PriceIn = 1, PriceOut = 2 },
        ],
        Budget = 7,
        StageBudgets = ImmutableSortedDictionary<string, double>.Empty.Add("judge", 3),
        JudgeEndpoints = ["judge-a", "judge-b"],
    };

    [Fact]
    public void The_endpoints_and_budgets_that_stand_in_the_settings_are_the_judge_s()
    {
        var judge = JudgeEndpoint.Of(Settings, null);

        Assert.Equal(["judge-a", "judge-b"], judge.Endpoints.Select(endpoint => endpoint.Name));
        Assert.Equal(("wise", 0d, 2), (judge.Model, judge.Temperature, judge.Budgets.Length));
        Assert.Contains(new Budget(BudgetScope.Stage, "judge", 3), judge.Budgets);
        Assert.Equal([new Budget(BudgetScope.Run, "", 2)], JudgeEndpoint.Of(Settings, 2).Budgets);
    }

    [Fact]
    public void Endpoints_that_are_not_one_judge_or_have_no_price_for_a_budget_are_refused()
    {
        Assert.Contains("differ in model", Assert.Throws<CommandException>(
            () => JudgeEndpoint.Of(Settings with { JudgeEndpoints = ["teacher", "judge-a"] }, null)).Message);
        Assert.Contains("has no price", Assert.Throws<CommandException>(
            () => JudgeEndpoint.Of(Settings with { JudgeEndpoints = ["teacher"] }, 1)).Message);
        Assert.Contains("There is no judge", Assert.Throws<CommandException>(
            () => JudgeEndpoint.Of(Settings with { JudgeEndpoints = [] }, null)).Message);
    }
}
