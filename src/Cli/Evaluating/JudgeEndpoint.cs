using System.Collections.Immutable;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Cli.Evaluating;

/// <summary>Whom a judge's questions go to, and what may be spent on them.</summary>
/// <param name="Endpoints">The endpoints, all of one model.</param>
/// <param name="Budgets">What may be spent; empty for any sum.</param>
internal sealed record JudgeEndpoint(ImmutableArray<EndpointOptions> Endpoints, ImmutableArray<Budget> Budgets)
{
    private const string Free =
        "There is a budget, but the judge has no price; give --price-in and --price-out, in US dollars for a million tokens.";

    /// <summary>The model that judges.</summary>
    public string Model => Endpoints[0].Model;

    /// <summary>Length at which a review is cut, in tokens.</summary>
    public int MaxTokens => Endpoints[0].MaxTokens;

    /// <summary>The sampling temperature.</summary>
    public double Temperature => Endpoints[0].Temperature;

    /// <summary>One endpoint, with a budget for all that judges the run or none.</summary>
    /// <exception cref="CommandException">A budget without a price would bound nothing.</exception>
    public static JudgeEndpoint Of(EndpointOptions endpoint, decimal? budget) =>
        budget is not null && endpoint.PriceIn + endpoint.PriceOut == 0
            ? throw new CommandException(Free)
            : new JudgeEndpoint([endpoint], budget is { } amount ? [new Budget(BudgetScope.Run, "", amount)] : []);

    /// <summary>The endpoints that the settings name as judges, with the budgets that stand there, unless another one is given.</summary>
    /// <exception cref="CommandException">They name none, or several models.</exception>
    public static JudgeEndpoint Of(TeacherSettings teacher, decimal? budget)
    {
        var endpoints = TeacherEndpoints.Of(teacher).Where(endpoint => teacher.JudgeEndpoints.Contains(endpoint.Name)).ToImmutableArray();
        if (endpoints.IsEmpty)
        {
            throw new CommandException(
                "There is no judge; give --endpoint and --judge-model, or name endpoints in the setting 'teacher.judgeEndpoints'.");
        }

        if (endpoints.Select(endpoint => (endpoint.Model, endpoint.Temperature, endpoint.MaxTokens)).Distinct().Count() > 1)
        {
            throw new CommandException("The endpoints of 'teacher.judgeEndpoints' differ in model, temperature or maxTokens, so that their "
                + "marks would not be of one judge; name those of one.");
        }

        if (budget is not null && endpoints.All(endpoint => endpoint.PriceIn + endpoint.PriceOut == 0))
        {
            throw new CommandException(Free);
        }

        return new JudgeEndpoint(
            endpoints, budget is { } amount ? [new Budget(BudgetScope.Run, "", amount)] : TeacherEndpoints.Budgets(teacher));
    }
}
