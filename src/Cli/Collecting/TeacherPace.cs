using System.Globalization;
using Orca.Cli.Configuration;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Cli.Collecting;

/// <summary>How fast a stage's teacher may be asked, as the settings say.</summary>
/// <param name="Concurrency">Requests in flight at once.</param>
/// <param name="RequestsPerMinute">Requests in a minute, all endpoints together; null where one of them has no limit.</param>
/// <param name="TokensPerMinute">Tokens of questions and answers in a minute; null likewise.</param>
/// <param name="Answers">Requests that a question makes.</param>
internal sealed record TeacherPace(int Concurrency, double? RequestsPerMinute = null, double? TokensPerMinute = null, int Answers = 1)
{
    /// <summary>The pace of a stage; null for a teacher that is asked in batches, which take what they take.</summary>
    public static TeacherPace? Of(TeacherSettings teacher, string stage)
    {
        if (teacher.Kind != "openai")
        {
            return new TeacherPace(1);
        }

        var names = TeacherEndpoints.NamesFor(teacher, stage);
        var endpoints = TeacherEndpoints.Of(teacher).Where(endpoint => names.Contains(endpoint.Name)).ToList();
        return teacher.Batch ? null : new TeacherPace(
            endpoints.Sum(endpoint => endpoint.Concurrency),
            Sum(endpoints, endpoint => endpoint.RequestsPerMinute),
            Sum(endpoints, endpoint => endpoint.TokensPerMinute),
            teacher.Answers);
    }

    /// <summary>Seconds that a collection takes at this pace, and what bounds it; null where it cannot be told.</summary>
    public (Estimate Seconds, string Bound)? TimeOf(CollectionForecast forecast)
    {
        (Estimate? Seconds, string Bound)[] bounds =
        [
            (forecast.Seconds * (1.0 / Concurrency), $"{Concurrency} {(Concurrency == 1 ? "request" : "requests")} in flight"),
            (forecast.Candidates * (60 * Answers / RequestsPerMinute), Text($"{RequestsPerMinute} requests a minute")),
            (forecast.Tokens * (60 / TokensPerMinute), Text($"{TokensPerMinute} tokens a minute")),
        ];
        var longest = bounds.MaxBy(bound => bound.Seconds?.Expected ?? -1);
        return longest.Seconds is { } seconds ? (seconds, longest.Bound) : null;
    }

    private static double? Sum(List<EndpointOptions> endpoints, Func<EndpointOptions, double?> limitOf) =>
        endpoints.TrueForAll(endpoint => limitOf(endpoint) is not null) ? endpoints.Sum(limitOf) : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
