using System.Globalization;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Teachers.Scheduling;

/// <summary>Says in a sentence what became of a call, and what helps.</summary>
internal static class AttemptMessages
{
    /// <summary>A call that failed.</summary>
    public static string Of(EndpointOptions endpoint, Attempt attempt) => attempt.Fault switch
    {
        null => "",
        TeacherFault.Settings =>
            $"{Who(endpoint)} {attempt.Message}; check the address, the model '{endpoint.Model}' and the key"
            + (endpoint.KeyVariable is null ? "." : $" in {endpoint.KeyVariable}."),
        TeacherFault.Request => $"{Who(endpoint)} {attempt.Message}; this question is left out.",
        TeacherFault.Unclear =>
            $"{Who(endpoint)} {attempt.Message}; if every question is refused so, a setting is at fault: "
                + "a parameter, which can be left out, or what the key may do.",
        _ => $"{Who(endpoint)} {attempt.Message}.",
    };

    /// <summary>An endpoint that does nothing but fail.</summary>
    public static string GivenUp(EndpointOptions endpoint, Attempt attempt) =>
        $"{Who(endpoint)} {attempt.Message}, again and again; check that it runs and is reachable.";

    /// <summary>A request that fails while others are answered.</summary>
    public static string GivenUp(EndpointOptions endpoint, Attempt attempt, int failures) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Who(endpoint)} {attempt.Message}, in {failures} attempts at this question; it is asked again in the next run.");

    /// <summary>A budget without room for a call.</summary>
    public static string UsedUp(EndpointOptions endpoint, Budget budget, decimal spent) => string.Create(
        CultureInfo.InvariantCulture,
        $"The budget of {budget} is used up: of ${budget.Amount} ${spent:0.######} are spent or reserved, and another call of "
            + $"'{endpoint.Name}' "
            + $"may cost more than is left; raise it to go on.");

    /// <summary>An endpoint whose headers or quotas let nothing begin for a while.</summary>
    public static string AllowsNothing(EndpointOptions endpoint) =>
        $"{Who(endpoint)} allows no call for now, by its headers or by the quotas that are set for it.";

    private static string Who(EndpointOptions endpoint) =>
        endpoint.Name == endpoint.Model ? $"The teacher at {endpoint.Url}" : $"The teacher '{endpoint.Name}' at {endpoint.Url}";
}
